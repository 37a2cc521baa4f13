# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Callbacks for `fit` on `Snas`."""

from __future__ import annotations

from collections.abc import Callable, Collection

import keras
import tensorflow as tf
from absl import logging

from snas_tf import space


class EvaluateSamples(keras.callbacks.Callback):
    """Evaluates the supernet as it is trained, with sampled Z, at the end of every epoch.

    Adds `val_sampled_loss` and a `val_sampled_` metric for every compiled one to the logs, so that
    callbacks behind this one see them; `validation_data` of `fit` evaluates the child network.

    Args:
        validation_data: A data set as `fit` takes it.
    """

    def __init__(self, validation_data: tf.data.Dataset) -> None:
        super().__init__()
        self._validation_data = validation_data

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Evaluates and extends the logs."""
        evaluated = self.model.evaluate(
            self._validation_data, sampled=True, verbose=0, return_dict=True
        )
        if logs is not None:
            logs.update({f"val_sampled_{name}": value for name, value in evaluated.items()})


class WarnOfDegeneracy(keras.callbacks.Callback):
    """Warns of a search that goes astray, after the epoch in which that begins.

    What it looks for, and where it draws the lines, is told in `snas_tf.space.degeneracy`.
    Each warning is given once, and anew only if what it tells of was over in between. Where `fit`
    goes on after some epochs, what is so already counts as told.

    Args:
        rule: How the genotype is derived, "argmax" or "top2"; None is as the model derives it. A
            budget of the model decides instead.
        epochs: Epochs of the whole search; None for those of `fit`.
        write: Takes a warning, one line.
    """

    def __init__(
        self,
        rule: str | None = None,
        *,
        epochs: int | None = None,
        write: Callable[[str], None] = logging.warning,
    ) -> None:
        super().__init__()
        self._rule = rule
        self._epochs = epochs
        self._write = write
        self._known: list[space.Condition] | None = None
        self._untold: list[str] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Tells what is new, and sees what is so before the first epoch of `fit`."""
        self._tell()
        if epoch == 0:
            self._known = []
        elif self._known is None:
            # Whether an entropy that is low now was low early cannot be seen, but is old news.
            collapses = [(space.ENTROPY_COLLAPSE, name) for name in self.model.architecture.logits]
            self._known = [record.condition for record in self._look(epoch, collapses)]

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Finds what is new. It is told a moment later, when Keras's progress bar is complete."""
        records = self._look(epoch + 1, self._known)
        self._untold += [
            f"after epoch {record.epoch} {record.sentence}."
            for record in records
            if record.condition not in self._known
        ]
        self._known = [record.condition for record in records]

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """Tells what is new."""
        self._tell()

    def _tell(self) -> None:
        for line in self._untold:
            self._write(line)
        self._untold = []

    def _look(self, epoch: int, known: Collection[space.Condition]) -> tuple[space.Degeneracy, ...]:
        """What is so after an epoch, counted from 1."""
        epochs = self._epochs or self.params["epochs"]
        probabilities = {
            name: value.numpy() for name, value in self.model.architecture.probabilities().items()
        }
        return space.degeneracies_after(
            probabilities,
            self.model.supernet.space,
            epoch=epoch,
            epochs=epochs,
            rule=self._rule or self.model.derivation,
            bounds=self.model.resource_cost.limits,
            uses=tuple(self.model.supernet.costs.uses),
            known=known,
        )
