# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Files with what tells whether one is still the same: size, times, and a digest of its content.

A file whose size and times are the recorded ones is taken to be the same one unread, as is usual of
tools that compare files. The time of the last change of its entry is one of the two: it cannot be
set back, so two files that were exchanged show, even where an archiver gave all of them one time.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import numpy as np
from etils import epath

_CHUNK = 1_000
_READ_BYTES = 1024 * 1024
_DIGITS = 32
_CLOCK_TICK = 2_000_000_000
"""Nanoseconds. What is changed within one tick of a file system's clock, on FAT two seconds, shows
no later time: times as young as that are not trusted."""

_GONE = (-1, 0, 0)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FileTable:
    """The files of a data set.

    Attributes:
        paths: Relative to the data set's folder, with slashes.
        sizes: int64 [files], bytes; -1 of a file that is not there.
        modified: int64 [files], nanoseconds since 1970: the last change of the content.
        changed: int64 [files], the last change of the entry; 0 where the times are not trusted.
        digests: bytes [files], the first 32 hexadecimal digits of the content's SHA-256; empty
            where it was not read, as in an object store.
    """

    paths: tuple[str, ...]
    sizes: np.ndarray
    modified: np.ndarray
    changed: np.ndarray
    digests: np.ndarray

    @classmethod
    def read(cls, root: epath.Path | None, paths: Sequence[str]) -> FileTable:
        """Reads every file. In an object store no content is read, only sizes are known.

        Args:
            root: The folder; None without files.
            paths: The files, relative to it.
        """
        begun = time.time_ns()
        stamped = _stamped(root, tuple(paths))
        return dataclasses.replace(
            stamped,
            changed=_trusted(stamped.changed, begun),
            digests=_digests(root, paths),
        )

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return int(self.sizes[self.sizes > 0].sum())


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FileChanges:
    """What became of the files of a table.

    Attributes:
        added: Paths that the table does not have.
        removed: Paths of the table that are gone.
        changed: Paths of the table whose content is another one.
        now: The files as they are, in their present order. What was not read has the digest of the
            table; what was added has none.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    now: FileTable


def compare(before: FileTable, root: epath.Path | None, paths: Sequence[str]) -> FileChanges:
    """Compares files with a table; reads those whose size or times are others.

    Args:
        before: The table.
        root: The folder in which the files are now; None without files.
        paths: The files that there are, relative to it.
    """
    begun = time.time_ns()
    now = _stamped(root, tuple(paths))
    if now.paths == before.paths:
        places = np.arange(len(now.paths))
    else:
        known = {path: place for place, path in enumerate(before.paths)}
        places = np.array([known.get(path, -1) for path in now.paths], np.int64)
    common = np.flatnonzero(places >= 0)
    were = places[common]
    digests = np.zeros(len(now.paths), f"S{_DIGITS}")
    digests[common] = before.digests[were]
    same_size = now.sizes[common] == before.sizes[were]
    same_times = (
        (before.changed[were] > 0)
        & (now.modified[common] == before.modified[were])
        & (now.changed[common] == before.changed[were])
    )
    reread = common[~(same_size & same_times) & (before.digests[were] != b"")]
    digests[reread] = _digests(root, [now.paths[place] for place in reread])
    changed = _trusted(now.changed, begun)
    changed[common[same_times]] = now.changed[common[same_times]]
    differs = np.zeros(len(now.paths), bool)
    differs[common] = ~same_size | (digests[common] != before.digests[were])
    present = np.zeros(len(before.paths), bool)
    present[were] = True
    return FileChanges(
        added=tuple(now.paths[place] for place in np.flatnonzero(places < 0)),
        removed=tuple(before.paths[place] for place in np.flatnonzero(~present)),
        changed=tuple(now.paths[place] for place in np.flatnonzero(differs)),
        now=dataclasses.replace(now, changed=changed, digests=digests),
    )


def _stamped(root: epath.Path | None, paths: tuple[str, ...]) -> FileTable:
    """The files with their sizes and times."""
    stamp = _stamp_in_store if root is not None and "://" in os.fspath(root) else _stamp
    rows = np.array([stamp(f"{root}/{path}") for path in paths], np.int64).reshape(-1, 3)
    sizes, modified, changed = rows.T.copy()
    return FileTable(
        paths=paths,
        sizes=sizes,
        modified=modified,
        changed=changed,
        digests=np.zeros(len(paths), f"S{_DIGITS}"),
    )


def _trusted(changed: np.ndarray, begun: int) -> np.ndarray:
    """The times of changes that were over by a tick of the clock when reading began, or else 0."""
    return np.where(changed > begun - _CLOCK_TICK, 0, changed)


def _stamp(path: str) -> tuple[int, int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return _GONE
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _stamp_in_store(path: str) -> tuple[int, int, int]:
    return epath.Path(path).stat().length, 0, 0


def _digests(root: epath.Path | None, paths: Sequence[str]) -> np.ndarray:
    """The digests of files, empty where one cannot be read."""
    if root is None or "://" in os.fspath(root):
        return np.zeros(len(paths), f"S{_DIGITS}")
    chunks = [paths[start : start + _CHUNK] for start in range(0, len(paths), _CHUNK)]

    def of_chunk(chunk: Sequence[str]) -> list[bytes]:
        return [_digest(f"{root}/{path}") for path in chunk]

    with ThreadPoolExecutor() as pool:
        digests = [*chain.from_iterable(pool.map(of_chunk, chunks))]
    return np.array(digests, f"S{_DIGITS}")


def _digest(path: str) -> bytes:
    digest = hashlib.sha256()
    try:
        with open(path, "rb", buffering=0) as file:
            while content := file.read(_READ_BYTES):
                digest.update(content)
    except OSError:  # what cannot be read is told where images are read, by name
        return b""
    return digest.hexdigest()[:_DIGITS].encode()
