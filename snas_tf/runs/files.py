# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Files that are written whole or not at all, whatever happens in between.

On a disk what is written is flushed before it takes its place by renaming. An object store
(gs://) shows an object when all of it is there, so the same order of calls keeps the promise.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from typing import Any

from etils import epath

from snas_tf.errors import InvalidInput
from snas_tf.space import json_record


def is_on_disk(path: epath.PathLike) -> bool:
    """Whether a path lies in this machine's file system, not in an object store."""
    return "://" not in os.fspath(path)


def draft_path(path: epath.Path) -> epath.Path:
    """Where a file or folder is written before it takes its place: hidden, this process's own."""
    return path.parent / f".{path.name}.{os.getpid()}"


@contextlib.contextmanager
def replacing(path: epath.Path, *, suffix: str = "") -> Iterator[epath.Path]:
    """Gives a place to write to, which takes that of `path` at the end of the block.

    If the block fails, the draft is removed, which on a full disk makes room again, and what was
    there stays.

    Args:
        path: The file; its folder exists.
        suffix: What the name of the draft must end with, for writers that insist on it.

    Yields:
        The path of the draft.
    """
    draft = draft_path(path)
    draft = draft.parent / f"{draft.name}{suffix}"
    try:
        yield draft
        flush(draft)
        draft.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):  # the block's own error is the one to tell
            draft.unlink(missing_ok=True)
        raise
    flush(path.parent)


def write_bytes(path: epath.Path, content: bytes) -> None:
    """Writes a file with `replacing`: readers see the old or the new, never half.

    Args:
        path: The file; its folder exists.
        content: What it shall hold.
    """
    with replacing(path) as draft:
        draft.write_bytes(content)


def write_text(path: epath.Path, text: str) -> None:
    """Writes a file with `write_bytes`.

    Args:
        path: The file; its folder exists.
        text: What it shall hold, in UTF-8.
    """
    write_bytes(path, text.encode("utf-8"))


def write_json(path: epath.Path, data: Any) -> None:
    """Writes plain data as JSON, readable by people, with `write_text`.

    Args:
        path: The file; its folder exists.
        data: Dictionaries, sequences, texts, numbers; tuples become lists.
    """
    write_text(path, json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def read_json(path: epath.Path, missing: Any = None) -> Any:
    """What `write_json` wrote.

    Args:
        path: The file.
        missing: What it is where there is no file.

    Raises:
        InvalidInput: The file cannot be read, or is damaged.
    """
    if not path.exists():
        return missing
    what = f"{path}, which a run wrote,"
    try:
        return json_record.parse(json_record.load(path, what), what)
    except InvalidInput as error:
        raise InvalidInput(f"{error}; do bring it back, or begin anew with --overwrite") from error


def append(path: epath.Path, content: bytes, *, at: int) -> None:
    """Adds to a file, on the disk at the end of the call; an object is written anew.

    If it fails, as on a full disk, the file ends where it ended before.

    Args:
        path: The file; its folder exists, it need not.
        content: What to add.
        at: Where: what the file holds beyond is cut off.
    """
    if not is_on_disk(path):
        before = path.read_bytes()[:at] if at else b""
        write_bytes(path, before + content)
        return
    fresh = not path.exists()
    with open(path, "ab", buffering=0) as file:
        file.truncate(at)
        try:
            written = 0
            while written < len(content):
                written += file.write(content[written:])
            os.fsync(file.fileno())
        except OSError as error:
            file.truncate(at)
            error.filename = os.fspath(path)  # which an error of writing does not name
            raise
    if fresh:
        flush(path.parent)


def sha256(path: epath.Path) -> str:
    """The SHA-256 digest of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1024 * 1024):
            digest.update(chunk)
    return digest.hexdigest()


def flush(path: epath.Path) -> None:
    """Asks the system to put a file or folder on the disk before anything is renamed."""
    if not is_on_disk(path):
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
