# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a stage has been through, epoch by epoch, besides its weights."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import pathlib

import numpy as np

from snas_tf.runs.files import write_text

_ROWS, _PROBABILITIES = "history.json", "probabilities.npz"

Row = dict[str, float]


@dataclasses.dataclass
class History:
    """The metrics of a stage and, of a search, the probabilities of the operations.

    Attributes:
        rows: The metrics of every finished epoch, in order.
        probabilities: {kind: a (edges, ops) array for every epoch}; empty for a training.
    """

    rows: list[Row] = dataclasses.field(default_factory=list)
    probabilities: dict[str, list[np.ndarray]] = dataclasses.field(default_factory=dict)

    @property
    def epochs(self) -> int:
        """Number of finished epochs."""
        return len(self.rows)

    def stacked(self) -> dict[str, np.ndarray]:
        """The probabilities as {kind: (epochs, edges, ops)}."""
        return {kind: np.stack(values) for kind, values in self.probabilities.items()}

    def save(self, folder: pathlib.Path) -> None:
        """Writes the history into a folder, a checkpoint that is being made."""
        (folder / _ROWS).write_text(json.dumps(self.rows), encoding="utf-8")
        if self.probabilities:
            np.savez(folder / _PROBABILITIES, **self.stacked())

    @classmethod
    def load(cls, folder: pathlib.Path) -> History:
        """Reads what `save` wrote."""
        history = cls(json.loads((folder / _ROWS).read_text(encoding="utf-8")))
        if (folder / _PROBABILITIES).exists():
            with np.load(folder / _PROBABILITIES) as arrays:
                history.probabilities = {kind: list(arrays[kind]) for kind in arrays.files}
        return history


def checkpoint_folders(folder: pathlib.Path, stage: str) -> list[pathlib.Path]:
    """The finished checkpoints of a stage, the newest last.

    Args:
        folder: Where a run keeps its checkpoints.
        stage: "search" or "train".
    """
    return sorted(folder.glob(f"{stage}-[0-9]*"))


def newest(folder: pathlib.Path, stage: str) -> History:
    """The history in the newest checkpoint of a stage; empty where there is none."""
    folders = checkpoint_folders(folder, stage)
    return History.load(folders[-1]) if folders else History()


def write_metrics(path: pathlib.Path, rows: list[Row]) -> None:
    """Writes the metrics as a table, a row an epoch, whole.

    Args:
        path: The csv file.
        rows: The metrics of every epoch; the keys of the first are the header.
    """
    table = io.StringIO()
    writer = csv.DictWriter(table, fieldnames=list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, table.getvalue())
