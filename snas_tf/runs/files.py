# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Files that are written whole or not at all, whatever happens in between."""

from __future__ import annotations

import json
import os
import pathlib
from typing import Any


def write_text(path: pathlib.Path, text: str) -> None:
    """Writes a file beside its place, then renames it: readers see the old or the new, never half.

    Args:
        path: The file; its folder exists.
        text: What it shall hold, in UTF-8.
    """
    draft = draft_path(path)
    draft.write_text(text, encoding="utf-8")
    flush(draft)
    os.replace(draft, path)
    flush(path.parent)


def write_json(path: pathlib.Path, data: Any) -> None:
    """Writes plain data as JSON, readable by people, with `write_text`.

    Args:
        path: The file; its folder exists.
        data: Dictionaries, sequences, texts, numbers; tuples become lists.
    """
    write_text(path, json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def draft_path(path: pathlib.Path) -> pathlib.Path:
    """Where a file or folder is written before it takes its place: hidden, this process's own."""
    return path.with_name(f".{path.name}.{os.getpid()}")


def flush(path: pathlib.Path) -> None:
    """Asks the system to put a file or folder on the disk before anything is renamed."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
