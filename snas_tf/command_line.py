# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""From the words of the command line to a mode, a checked config and a run directory."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import re
from collections.abc import Sequence

from absl import flags
from etils import epath
from ml_collections import ConfigDict, config_flags

from snas_tf import config, shipped
from snas_tf.config import moved_keys, recorded_values, trials_checks
from snas_tf.errors import InvalidInput
from snas_tf.machine import cluster
from snas_tf.machine.cluster import Cluster
from snas_tf.runs import snapshot
from snas_tf.runs.run_directory import RunDirectory
from snas_tf.runs.stages import STAGES

MODES = (*STAGES, "evaluate", "predict", "report", "export", "latency", "score", "ablate")
_BY_THEMSELVES = ("latency", "score", "ablate")
"""Modes that need no run, and leave files of their own in one."""

_HELP = ("--help", "-help", "-h", "--h", "--helpshort", "-helpshort")
_FULL_HELP = ("--helpfull", "-helpfull")
_CONFIG = ("--config", "-config")
_KEY = re.compile(r"--?(?:no)?config\.([^=]*)")
_WRONG_VALUE = re.compile(r"flag --([\w.]+)=(.*?): (.*)", re.DOTALL)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What the user wants.

    Attributes:
        mode: One of `MODES`.
        config: The config, checked.
        directory: The run directory, not yet created.
        cluster: The workers that run it, of which this process is one.
        files: The images to predict, or the networks to score; () in every other mode.
        json: Whether predictions are printed as JSON.
    """

    mode: str
    config: ConfigDict
    directory: RunDirectory
    cluster: Cluster
    files: tuple[str, ...] = ()
    json: bool = False


def wants_help(arguments: Sequence[str]) -> bool:
    """Whether the user asks how to use the command."""
    return any(argument in (*_HELP, *_FULL_HELP) for argument in arguments)


def wants_every_key(arguments: Sequence[str]) -> bool:
    """Whether the user asks for the keys of the config too."""
    return any(argument in _FULL_HELP for argument in arguments)


def parse(arguments: Sequence[str]) -> Command:
    """Reads and checks a command line; writes nothing.

    Args:
        arguments: The words after the program's name.

    Returns:
        The command.

    Raises:
        InvalidInput: A flag, a key, a value or a config file is wrong.
    """
    arguments = _with_config_files(arguments)
    path = _config_path(arguments)
    for argument in arguments:
        if key := _KEY.match(argument):
            config.check_key(key.group(1))
    values, files = _values(["snas_tf", *arguments], path)
    _check_files(values, files)
    if values.mode not in MODES:
        given = f"given {values.mode!r}" if values.mode else "it is missing"
        raise InvalidInput(f"`--mode` must be one of {', '.join(MODES)}: {given}")
    if not values.workdir:
        raise InvalidInput("`--workdir` must be a folder: given ''")
    if not isinstance(values.config, ConfigDict):
        raise InvalidInput(f"`--config` must return a ConfigDict from get_config(): given {path}")
    # Before it is a path: one drops the ./ of ./~a, which is no home.
    place = epath.Path(os.path.expanduser(values.workdir))
    directory = RunDirectory(place, overwrite=values.overwrite, defaults=config.get_config())
    recorded_values.refuse_outdated(values.mode, directory)
    if values.mode in (*STAGES, *_BY_THEMSELVES):
        given, whole_file = _given(arguments)
        recorded_values.take_over(
            values.mode, values.config, directory, given=given, whole_file=whole_file
        )
    config.check(values.config)
    if values.mode == "ablate":
        config.check_ablation(values.config)
    trials_checks.refuse_idle(_given(arguments)[0], values.config.search.method)
    workers = cluster.find(values.config.distribution) if values.mode in STAGES else Cluster()
    if values.mode in STAGES:
        directory.check(values.mode, values.config)  # refuse now, before TensorFlow is loaded
    elif values.mode in _BY_THEMSELVES:
        directory.check_folder()
    else:
        _refuse_other_values(arguments, values, directory)
    return Command(
        mode=values.mode,
        config=values.config,
        directory=directory,
        cluster=workers,
        files=tuple(files),
        json=values.json,
    )


def _check_files(values: flags.FlagValues, files: Sequence[str]) -> None:
    """Files are for --mode=predict, which needs some, and for --mode=score."""
    if values.mode == "predict":
        if not files:
            raise InvalidInput(
                "`--mode=predict` must be given image files, as in --mode=predict --workdir=RUN "
                "photo.jpg: none are given"
            )
        return
    if files and values.mode != "score":
        raise InvalidInput(
            f"{files[0]!r} must be a flag, such as --mode=search; --mode=predict and --mode=score "
            "alone take files; see --help"
        )
    if values.json:
        raise InvalidInput("`--json` is for --mode=predict: do leave it out")


def _config_path(arguments: Sequence[str]) -> str:
    """The config file on the command line; without one, the file of the default config."""
    path = str(config.__file__)
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=False):
        flag, equals, value = argument.partition("=")
        if flag in _CONFIG:
            path = value if equals else following
    return path


def _with_config_files(arguments: Sequence[str]) -> list[str]:
    """A command line in which every config is a file that is there, and no name."""
    words = [*arguments]
    for position, argument in enumerate(arguments):
        flag, equals, value = argument.partition("=")
        if flag in _CONFIG and equals:
            words[position] = f"{flag}={_config_file(value)}"
        elif flag in _CONFIG and arguments[position + 1 :]:
            words[position + 1] = _config_file(arguments[position + 1])
        elif flag in _CONFIG:
            _config_file("")
    return words


def _config_file(given: str) -> str:
    """The file that a user means, the user's own before one that comes with the package."""
    name, *level = given.split(":", 1)  # what follows a colon goes to get_config
    path = pathlib.Path(os.path.expanduser(name))
    if not path.is_file():
        path = shipped.config_path(name)
    if path is None:
        raise InvalidInput(
            "`--config` must be a Python file with get_config(), or the name of one that comes "
            f"with snas_tf ({', '.join(shipped.config_names())}): given {given!r}"
        )
    return ":".join([str(path), *level])


def _given(arguments: Sequence[str]) -> tuple[set[str], bool]:
    """The keys on a command line, and whether it names a config file."""
    keys = {found.group(1) for word in arguments if (found := _KEY.match(word))}
    return keys, _config_path(arguments) != str(config.__file__)


def _refuse_other_values(
    arguments: Sequence[str], values: flags.FlagValues, directory: RunDirectory
) -> None:
    """What only reads a run reads its recorded config; a given value that differs is a mistake."""
    given, whole_file = _given(arguments)
    for stage in STAGES:
        if not (recorded := directory.recorded(stage)):
            continue
        here = snapshot.take(stage, values.config, directory.genotype_path)
        different = {
            key: pair
            for key, pair in snapshot.differences(recorded, here).items()
            if key in given or (whole_file and key not in snapshot.DIGESTS)
        }
        if different:
            raise InvalidInput(
                f"`--mode={values.mode}` takes the config that the {stage} in {directory.path} "
                f"recorded: {snapshot.tell(different)}; do leave these out"
            )


def _values(words: list[str], path: str) -> tuple[flags.FlagValues, list[str]]:
    """The flags, wherever they stand, and all other words."""
    values = flags.FlagValues()
    values.set_gnu_getopt(True)
    flags.DEFINE_string("mode", "", "What to do.", values)
    flags.DEFINE_string("workdir", "runs/snas", "The folder of the run.", values)
    flags.DEFINE_boolean("overwrite", False, "Begin anew.", values)
    flags.DEFINE_boolean("json", False, "Print predictions as JSON.", values)
    try:
        config_flags.DEFINE_config_file("config", path, flag_values=values, sys_argv=words)
        rest = values(words)[1:]
    except flags.Error as error:
        raise InvalidInput(_explain(str(error))) from error
    except Exception as error:
        # A config file is a program of the user's: whatever it raises is for them to mend.
        cause = f"{type(error).__name__}: {error}"
        if moved := moved_keys.new_names(cause):
            cause = f"{moved}: do use that"
        raise InvalidInput(f"`--config` {path} cannot be used: {cause}") from error
    return values, rest


def _explain(message: str) -> str:
    wrong = _WRONG_VALUE.match(message)
    if not wrong:
        return message
    name, value, cause = wrong.groups()
    if name == "config":
        last = cause.strip().splitlines()[-1].removeprefix("snas_tf.errors.InvalidInput: ")
        return f"`--config` {value} cannot be used: {last}"
    if name.startswith("config."):
        key = name.removeprefix("config.")
        return config.must_be(key, config.KEYS[key].expected, value)
    return f"`--{name}` cannot be {value!r}: {cause}"
