# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Compiles the custom C++ ops, once a machine, and loads them, once a process."""

from __future__ import annotations

import functools
import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import types

import tensorflow as tf

from snas_tf.tensorflow_internals import in_xla_context

_SOURCES = pathlib.Path(__file__).parent
_OPTIONS = ("-O3", "-march=native", "-ffp-contract=fast", "-fPIC", "-shared", "-pthread")
_COMPILERS = ("c++", "g++", "clang++")
_SECONDS = 300
_SIDE_BY_SIDE = 4

_process = types.SimpleNamespace(in_use=False)


class Unavailable(RuntimeError):
    """The custom C++ ops cannot be had here; the message says why."""


def use(wanted: bool = True) -> None:
    """Lets the layers that are called from now on take the custom C++ ops where they can.

    That is in training, in float32, on a CPU, for channels in multiples of 8. As TensorFlow's own
    switches, it is one for the process. What was traced before stays as it is.

    The first call on a machine compiles them, in about seven seconds, into the user's cache
    (`$XDG_CACHE_HOME`, ~/.cache).

    Args:
        wanted: False to leave them out again.

    Raises:
        Unavailable: They cannot be had here; nothing has changed.
    """
    if wanted:
        operations()
    _process.in_use = wanted


def wanted() -> bool:
    """What `use` was last told."""
    return _process.in_use


def in_use() -> bool:
    """Whether a layer that is called now may take the custom C++ ops.

    Within `tf.function(jit_compile=True)` it may not: XLA knows no operations but its own.
    """
    graph = tf.compat.v1.get_default_graph()
    return _process.in_use and not in_xla_context(graph)


def threads(beside: int = _SIDE_BY_SIDE) -> int:
    """Threads of one operation, whatever the machine.

    Args:
        beside: How many such operations can run side by side, positive.
    """
    return -(-cores() // beside)


def cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def compiled() -> bool:
    """Whether this machine has compiled them before.

    Raises:
        Unavailable: They cannot be had here.
    """
    return _place(_command()).exists()


@functools.cache
def operations() -> types.ModuleType:
    """TensorFlow's functions for the custom C++ ops, compiled if this machine has not yet done it.

    Raises:
        Unavailable: There is a GPU, no compiler, or what it made cannot be loaded.
    """
    command = _command()
    library = _place(command)
    try:
        if not library.exists():
            _compile(command, library)
        return tf.load_op_library(str(library))
    except (OSError, tf.errors.OpError) as error:
        raise Unavailable(f"{library} cannot be made or loaded: {_first_line(error)}") from error


def _command() -> tuple[str, ...]:
    """The compiler with its options."""
    if tf.config.list_physical_devices("GPU"):
        raise Unavailable("they are for a CPU, and this machine has a GPU")
    return (*_compiler(), *_OPTIONS, *tf.sysconfig.get_compile_flags())


def _place(command: tuple[str, ...]) -> pathlib.Path:
    return _cache() / f"native-{_fingerprint(command)}.so"


def _compiler() -> tuple[str, ...]:
    if named := os.environ.get("CXX", "").split():
        return tuple(named)
    for name in _COMPILERS:
        if path := shutil.which(name):
            return (path,)
    raise Unavailable(
        f"there is no C++ compiler (looked for {', '.join(_COMPILERS)}; $CXX names another)"
    )


def _fingerprint(command: tuple[str, ...]) -> str:
    """What tells apart libraries that must not be taken for each other.

    The compiler's predefined macros say which one it is, and what the processor can do.
    """
    macros = _run((*command, "-dM", "-E", "-x", "c++", os.devnull))
    digest = hashlib.sha256("\n".join((*command, tf.__version__, macros)).encode())
    for source in sorted((*_SOURCES.glob("*.cc"), *_SOURCES.glob("*.h"))):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _compile(command: tuple[str, ...], library: pathlib.Path) -> None:
    """Compiles beside the library's place and renames: a process sees it whole or not at all."""
    library.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=library.parent) as folder:
        draft = pathlib.Path(folder) / library.name
        sources = [str(source) for source in sorted(_SOURCES.glob("*.cc"))]
        _run((*command, *sources, *tf.sysconfig.get_link_flags(), "-o", str(draft)))
        draft.replace(library)


def _run(command: tuple[str, ...]) -> str:
    try:
        return subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=True
        ).stdout
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip()
    except subprocess.TimeoutExpired:
        reason = f"not done after {_SECONDS} s"
    except OSError as error:
        reason = str(error)
    raise Unavailable(f"{command[0]} cannot compile them: {_first_line(reason)}")


def _cache() -> pathlib.Path:
    """A folder that this user can write: for a library that anybody could have put there is code
    that runs with the user's rights."""
    if root := os.environ.get("XDG_CACHE_HOME", ""):
        return pathlib.Path(root) / "snas_tf"
    try:
        return pathlib.Path.home() / ".cache" / "snas_tf"
    except RuntimeError as error:
        raise Unavailable("the user has no home; $XDG_CACHE_HOME names another folder") from error


def _first_line(text: object) -> str:
    return (str(text).splitlines() or ["no reason given"])[0][:300]
