# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Checkpoints of a run: everything that its continuation needs, written whole or not at all.

A checkpoint is a folder, `checkpoints/<stage>-<epoch>/`, with the model's weights (both optimizers'
state and the step counter among them), the history of metrics, and for a search the probabilities
of every epoch. It is written beside its place and renamed, so a kill at any moment leaves the one
before; the two newest are kept. metrics.csv is written anew from the history, so no row is ever
lost or twice.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
import pathlib
import shutil

import keras
import numpy as np

from snas_tf.runs.files import write_text

KEPT = 2
_WEIGHTS, _HISTORY, _PROBABILITIES = "model.weights.h5", "history.json", "probabilities.npz"

Row = dict[str, float]


@dataclasses.dataclass
class Progress:
    """What a run has been through, besides its weights.

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


def write_metrics(path: pathlib.Path, rows: list[Row]) -> None:
    """Writes the history as a table, a row an epoch, whole.

    Args:
        path: The csv file.
        rows: The metrics of every epoch; the keys of the first are the header.
    """
    table = io.StringIO()
    writer = csv.DictWriter(table, fieldnames=list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, table.getvalue())


class Checkpoints:
    """The checkpoints of one stage of a run.

    Args:
        folder: Where they lie.
        stage: "search" or "train".
    """

    def __init__(self, folder: pathlib.Path, stage: str) -> None:
        self._folder = folder
        self._stage = stage

    def save(self, model: keras.Model, progress: Progress) -> None:
        """Writes a checkpoint and removes all but the newest two.

        Args:
            model: The compiled model.
            progress: What the run has been through.
        """
        place = self._folder / f"{self._stage}-{progress.epochs:05d}"
        draft = self._folder / f".{place.name}.{os.getpid()}"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        model.save_weights(draft / _WEIGHTS)
        (draft / _HISTORY).write_text(json.dumps(progress.rows))
        if progress.probabilities:
            np.savez(draft / _PROBABILITIES, **progress.stacked())
        for path in draft.iterdir():
            _flush(path)
        shutil.rmtree(place, ignore_errors=True)
        draft.rename(place)
        _flush(self._folder)
        for old in self._paths()[:-KEPT]:
            shutil.rmtree(old)

    def load(self, model: keras.Model | None = None) -> Progress:
        """Restores the newest checkpoint.

        Args:
            model: The compiled model to restore, built as it was when the checkpoint was written;
                None reads the progress alone.

        Returns:
            What the run has been through; empty where there is no checkpoint.
        """
        paths = self._paths()
        if not paths:
            return Progress()
        newest = paths[-1]
        if model is not None:
            model.load_weights(newest / _WEIGHTS)
        progress = Progress(json.loads((newest / _HISTORY).read_text()))
        if (newest / _PROBABILITIES).exists():
            with np.load(newest / _PROBABILITIES) as arrays:
                progress.probabilities = {kind: list(arrays[kind]) for kind in arrays.files}
        return progress

    def _paths(self) -> list[pathlib.Path]:
        return sorted(self._folder.glob(f"{self._stage}-[0-9]*"))


class SaveProgress(keras.callbacks.Callback):
    """Records every epoch, then writes checkpoint and metrics.csv.

    Args:
        checkpoints: Where to write.
        progress: The run's progress so far, extended in place.
        metrics_path: The csv file.
    """

    def __init__(
        self, checkpoints: Checkpoints, progress: Progress, metrics_path: pathlib.Path
    ) -> None:
        super().__init__()
        self._checkpoints = checkpoints
        self._progress = progress
        self._metrics_path = metrics_path

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Epochs are counted from 1 in the table."""
        self._progress.rows.append({"epoch": epoch + 1, **_plain(logs or {})})
        architecture = getattr(self.model, "architecture", None)
        if architecture is not None:
            for kind, value in architecture.probabilities().items():
                self._progress.probabilities.setdefault(kind, []).append(value.numpy())
        self._checkpoints.save(self.model, self._progress)
        write_metrics(self._metrics_path, self._progress.rows)


def _plain(logs: dict[str, float]) -> Row:
    return {name: float(value) for name, value in logs.items()}


def _flush(path: pathlib.Path) -> None:
    """Asks the system to put a file or folder on the disk before anything is renamed."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
