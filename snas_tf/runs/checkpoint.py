# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Checkpoints of a run: everything that its continuation needs, written whole or not at all.

A checkpoint is a folder, `checkpoints/<stage>-<epoch>/`, with the model's weights (the optimizers'
state and the step counter among them) and its history. It is written beside its place and renamed,
so a kill at any moment leaves the one before; the two newest are kept. The table of metrics is
written anew from the history, so no row is ever lost or twice.
"""

from __future__ import annotations

import pathlib
import shutil

import keras

from snas_tf.runs.files import draft_path, flush
from snas_tf.runs.history import History, checkpoint_folders, write_metrics

KEPT = 2
_WEIGHTS = "model.weights.h5"


class Checkpoints:
    """The checkpoints of one stage of a run.

    Args:
        folder: Where they lie.
        stage: "search" or "train".
    """

    def __init__(self, folder: pathlib.Path, stage: str) -> None:
        self._folder = folder
        self._stage = stage

    def save(self, model: keras.Model, history: History) -> None:
        """Writes a checkpoint and removes all but the newest two.

        Args:
            model: The compiled model.
            history: What the stage has been through.
        """
        place = self._folder / f"{self._stage}-{history.epochs:05d}"
        draft = draft_path(place)
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        model.save_weights(draft / _WEIGHTS)
        history.save(draft)
        for path in draft.iterdir():
            flush(path)
        shutil.rmtree(place, ignore_errors=True)
        draft.rename(place)
        flush(self._folder)
        for old in checkpoint_folders(self._folder, self._stage)[:-KEPT]:
            shutil.rmtree(old)

    def load(self, model: keras.Model) -> History:
        """Restores a model from the newest checkpoint.

        Args:
            model: The compiled model, built as it was when the checkpoint was written.

        Returns:
            What the stage has been through; empty where there is no checkpoint.

        Raises:
            ValueError: The optimizer is not built; Keras would leave its state out in silence.
        """
        if not model.optimizer.built:
            raise ValueError(
                "`model` must have a built optimizer: call "
                "`model.optimizer.build(model.trainable_variables)` first."
            )
        folders = checkpoint_folders(self._folder, self._stage)
        if not folders:
            return History()
        model.load_weights(folders[-1] / _WEIGHTS)
        return History.load(folders[-1])


class SaveProgress(keras.callbacks.Callback):
    """Records every epoch, then writes checkpoint and table of metrics.

    Args:
        checkpoints: Where to write.
        history: The stage's history so far, extended in place.
        metrics_path: The csv file.
    """

    def __init__(
        self, checkpoints: Checkpoints, history: History, metrics_path: pathlib.Path
    ) -> None:
        super().__init__()
        self._checkpoints = checkpoints
        self._history = history
        self._metrics_path = metrics_path

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Epochs are counted from 1 in the table."""
        metrics = {name: float(value) for name, value in (logs or {}).items()}
        self._history.rows.append({"epoch": epoch + 1, **metrics})
        architecture = getattr(self.model, "architecture", None)
        if architecture is not None:
            for kind, value in architecture.probabilities().items():
                self._history.probabilities.setdefault(kind, []).append(value.numpy())
        self._checkpoints.save(self.model, self._history)
        write_metrics(self._metrics_path, self._history.rows)
