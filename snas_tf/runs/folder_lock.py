# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The lock of a run directory: one process writes there."""

from __future__ import annotations

import fcntl
import os
from typing import IO

from etils import epath

from snas_tf.errors import InvalidInput
from snas_tf.runs.files import is_on_disk


class FolderLock:
    """A lock that a process holds until `release`, or until it ends, in whatever way.

    Args:
        path: The folder; object stores have no locks.
    """

    def __init__(self, path: epath.Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Takes the lock, if it is not held already.

        Raises:
            InvalidInput: Another process has it.
            OSError: The folder cannot be written to.
        """
        if self._file is not None or not is_on_disk(self._path):
            return
        file = open(self._path / ".lock", "a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            raise InvalidInput(
                f"`--workdir` {self._path} is in use by process {holder}; do wait for its end, "
                "stop it, or use another --workdir"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        """Gives up the lock; another process may begin."""
        if self._file is not None:
            self._file.close()
            self._file = None
