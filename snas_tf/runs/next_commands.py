# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The commands that a run prints for its user to copy, as the user started this one."""

from __future__ import annotations

import os
import pathlib
import re
import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence

from snas_tf.runs.run_directory import RunDirectory
from snas_tf.runs.stages import STAGES

_MODULE = ["-m", "snas_tf.main"]
_PACKAGE = ["-m", "snas_tf"]
_SCRIPT = "snas-tf"
_CONFIG_FLAG = re.compile(r"--?(?:no)?config(?:\.[^=]*)?(?P<value>=.*)?$", re.DOTALL)
_VALUE = re.compile(r"(?!-)|-[\d.]")  # words that are no flag


def of(directory: RunDirectory) -> tuple[str, ...]:
    """What the user may type next.

    Args:
        directory: The run directory.

    Returns:
        Commands for a POSIX shell in the present folder; none before a stage is finished.
    """
    place = workdir(directory)
    commands = []
    if directory.finished("search") and not directory.finished("train"):
        arguments = directory.environments().get("search", {}).get("arguments", [])
        commands.append(["--mode=train", place, *_of_the_config(arguments)])
    if any(
        directory.finished(stage) and directory.network_path(stage).exists() for stage in STAGES
    ):
        commands += [[f"--mode={mode}", place] for mode in ("evaluate", "export")]
    return tuple(f"{program()} {shlex.join(words)}" for words in commands)


def server(model: str, folder: pathlib.Path) -> str:
    """The command that serves the versions of an exported network, over REST.

    Args:
        model: The name that requests call it by.
        folder: That of the versions.
    """
    flags = ("--rest_api_port=8501", f"--model_name={model}")
    return shlex.join(["tensorflow_model_server", *flags, f"--model_base_path={folder.resolve()}"])


def workdir(directory: RunDirectory) -> str:
    """The word of a command line that names a run directory, before any quoting."""
    path = str(directory.path)
    # A path may begin with a tilde by itself, which would be taken for a home.
    return f"--workdir={'./' if path.startswith('~') else ''}{path}"


def program() -> str:
    """How this process was started: by `snas-tf`, or by a Python and `-m snas_tf`.

    Returns:
        The words before the flags, quoted for a shell. A program that is called as a function has
        no such words; there it is the Python that runs.
    """
    called = sys.orig_argv[: len(sys.orig_argv) - len(sys.argv[1:])]
    if called[-2:] in (_MODULE, _PACKAGE):
        return shlex.join(called)
    script = called[-1]
    if pathlib.Path(script).name == _SCRIPT:
        return _SCRIPT if _is_found(_SCRIPT, script) else shlex.quote(script)
    return shlex.join([_python(), *_MODULE])


def _is_found(name: str, path: str) -> bool:
    """Whether a shell takes a name for the program at a path; a link is another program."""
    found = shutil.which(name)
    return found is not None and os.path.abspath(found) == os.path.abspath(path)


def _python() -> str:
    """How to call this Python: by its path from here if it lies in the present folder."""
    here = pathlib.Path.cwd()
    if pathlib.Path(sys.executable).is_relative_to(here):
        return str(pathlib.Path(sys.executable).relative_to(here))
    return "python" if _is_found("python", sys.executable) else sys.executable


def _of_the_config(arguments: Sequence[str]) -> Iterator[str]:
    """The words of a command line that set the config, which a training of its result repeats."""
    for word, following in zip(arguments, [*arguments[1:], "-"], strict=False):
        if (flag := _CONFIG_FLAG.match(word)) is None:
            continue
        yield word
        # Without a value of its own it takes the next word, unless it is a switch.
        if not flag["value"] and _VALUE.match(following):
            yield following
