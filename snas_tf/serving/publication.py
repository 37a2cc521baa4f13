# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Versions in a folder that a server watches: each appears whole or not at all.

TF-Serving loads the subfolders whose names are integers, and looks for new ones every second. So a
version is written under a name that is no number, checked, flushed to the disk and only then
renamed; one that is removed is renamed away first. Whatever kills the process in between, a server
never finds half a model under a number, and the next export clears up.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pathlib
import shutil
from collections.abc import Iterator

_LOCK = ".lock"
_DRAFT = ".draft"
_REMOVED = ".removed"


def versions(folder: pathlib.Path) -> list[int]:
    """The versions in a folder, ascending."""
    if not folder.is_dir():
        return []
    return sorted(int(entry.name) for entry in folder.iterdir() if _is_number(entry.name))


@contextlib.contextmanager
def next_version(folder: pathlib.Path) -> Iterator[tuple[int, pathlib.Path]]:
    """Gives a place to write to, which becomes the next version at the end of the block.

    If the block fails, nothing is left of it. Several processes take their turns.

    Args:
        folder: Where the versions lie; created if need be.

    Yields:
        The number that it will have, and the folder to write to, which does not exist yet.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        draft = folder / _DRAFT
        _clear(folder)
        version = max(versions(folder), default=0) + 1
        try:
            yield version, draft
            _flush(draft)
            draft.rename(folder / str(version))
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        _flush_entry(folder)


def remove_old(folder: pathlib.Path, keep: int) -> list[int]:
    """Removes all but the newest versions.

    Args:
        folder: Where the versions lie.
        keep: How many versions stay; 0 keeps all.

    Returns:
        The versions that were removed, ascending.
    """
    with _locked(folder):
        _clear(folder)
        old = versions(folder)[:-keep] if keep else []
        for version in old:
            (folder / str(version)).rename(folder / _REMOVED)
            _clear(folder)
    return old


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdecimal()


@contextlib.contextmanager
def _locked(folder: pathlib.Path) -> Iterator[None]:
    """Keeps other exports out; the system gives the lock back however this process ends."""
    with open(folder / _LOCK, "a", encoding="utf-8") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        yield


def _clear(folder: pathlib.Path) -> None:
    """Removes what a process that was killed left; call it under the lock."""
    for name in (_DRAFT, _REMOVED):
        if (folder / name).exists():
            shutil.rmtree(folder / name)


def _flush(folder: pathlib.Path) -> None:
    """Puts a folder with all that is in it on the disk, before its name says that it is whole."""
    for place, _, names in os.walk(folder):
        for name in names:
            _flush_entry(pathlib.Path(place, name))
        _flush_entry(pathlib.Path(place))


def _flush_entry(path: pathlib.Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
