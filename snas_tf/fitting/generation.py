# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The checkpoints of a stage on the disk: folders, each with the checksums of its files.

`checkpoints/<stage>-<epochs>` is written after whole epochs,
`checkpoints/<stage>-<epochs>-<steps>` within the epoch that follows. A folder is a checkpoint only
while every file in it is as its manifest says: a torn, changed or missing one is seen, not read.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator

from etils import epath

from snas_tf.runs import files

MANIFEST = "manifest.json"
_VERSION = 1
_NAME = r"-(\d{5})(?:-(\d{7}))?"


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Position:
    """How far a stage has come.

    Attributes:
        epochs: Whole epochs, their evaluation included.
        steps: Steps of the epoch that follows.
    """

    epochs: int = 0
    steps: int = 0

    def __str__(self) -> str:
        """In words: "epoch 3", or "epoch 3 and 120 steps"."""
        return f"epoch {self.epochs}" + (f" and {self.steps} steps" if self.steps else "")


@dataclasses.dataclass(frozen=True, slots=True)
class Generation:
    """One checkpoint on the disk.

    Attributes:
        path: Its folder.
        position: The position that it was written at.
    """

    path: epath.Path
    position: Position

    def damage(self) -> str:
        """What is wrong with the files, in words; "" if they are as they were written."""
        try:
            manifest = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
            recorded = dict(manifest["files"])
            as_written = manifest["version"], manifest["epochs"], manifest["steps"]
        except (OSError, ValueError, KeyError, TypeError):
            return f"its {MANIFEST} is missing or cannot be read"
        if as_written != (_VERSION, self.position.epochs, self.position.steps):
            return f"its {MANIFEST} is of another checkpoint"
        for name, digest in recorded.items():
            try:
                if files.sha256(self.path / name) != digest:
                    return f"its {name} differs from its checksum"
            except OSError:
                return f"its {name} is missing or cannot be read"
        return ""


def folder_name(stage: str, position: Position) -> str:
    """The name of the folder of a checkpoint: "search-00003" or "search-00003-0000120"."""
    return f"{stage}-{position.epochs:05d}" + (f"-{position.steps:07d}" * bool(position.steps))


def generations(folder: epath.Path, stage: str) -> list[Generation]:
    """The checkpoints of a stage, damaged or not, the newest first.

    Args:
        folder: Where a run keeps its checkpoints.
        stage: "search" or "train".
    """
    if not folder.exists():
        return []
    named = ((path, re.fullmatch(stage + _NAME, path.name)) for path in folder.iterdir())
    found = [
        Generation(path, Position(int(match[1]), int(match[2] or 0)))
        for path, match in named
        if match
    ]
    return sorted(found, key=lambda generation: generation.position, reverse=True)


def newest_intact(folder: epath.Path, stage: str) -> Generation | None:
    """The newest checkpoint of a stage whose files are as they were written; None without one."""
    return next((found for found in generations(folder, stage) if not found.damage()), None)


def seal(folder: epath.Path, position: Position) -> None:
    """Writes the manifest of a checkpoint that is being made, and flushes its files.

    Args:
        folder: The draft, with all of its files.
        position: What it is a checkpoint of.
    """
    digests = {path.name: files.sha256(path) for path in sorted(folder.iterdir())}
    manifest = {"version": _VERSION, **dataclasses.asdict(position), "files": digests}
    files.write_json(folder / MANIFEST, manifest)
    for path in folder.iterdir():
        files.flush(path)
    files.flush(folder)


def drafts(folder: epath.Path, stage: str) -> Iterator[epath.Path]:
    """What processes that were killed while they wrote a checkpoint left behind."""
    if folder.exists():
        yield from (path for path in folder.iterdir() if path.name.startswith(f".{stage}-"))
