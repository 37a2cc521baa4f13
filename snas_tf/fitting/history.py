# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a stage has been through, epoch by epoch, besides its weights."""

from __future__ import annotations

import csv
import dataclasses
import io
import json

import numpy as np
from etils import epath

from snas_tf.fitting import generation
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

    def save(self, folder: epath.Path) -> None:
        """Writes the history into a folder, a checkpoint that is being made."""
        (folder / _ROWS).write_text(json.dumps(self.rows), encoding="utf-8")
        if self.probabilities:
            # In memory, as zip files are not written in one go and object stores take no other.
            arrays = io.BytesIO()
            np.savez(arrays, **self.stacked())
            (folder / _PROBABILITIES).write_bytes(arrays.getvalue())

    @classmethod
    def load(cls, folder: epath.Path) -> History:
        """Reads what `save` wrote."""
        history = cls(json.loads((folder / _ROWS).read_text(encoding="utf-8")))
        if (folder / _PROBABILITIES).exists():
            with np.load(io.BytesIO((folder / _PROBABILITIES).read_bytes())) as arrays:
                history.probabilities = {kind: list(arrays[kind]) for kind in arrays.files}
        return history


def newest(folder: epath.Path, stage: str) -> History:
    """The history in the newest intact checkpoint of a stage; empty where there is none."""
    found = generation.newest_intact(folder, stage)
    return History.load(found.path) if found else History()


def write_metrics(path: epath.Path, rows: list[Row]) -> None:
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
