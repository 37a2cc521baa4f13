# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is used of Keras beyond its public names, in one place.

Keras promises nothing about names with a leading underscore, nor about the objects that its
trainer hands around: setup.py allows the minor version with which tests/test_keras_internals.py has
been run, which says what each name here must mean.
"""

from __future__ import annotations

import math
import pathlib
from typing import Any

import keras
import tensorflow as tf


def sublayers(layer: keras.layers.Layer) -> list[keras.layers.Layer]:
    """The layers that are direct parts of a layer or model, in the order in which it got them."""
    return list(layer._layers)


def all_sublayers(layer: keras.layers.Layer) -> list[keras.layers.Layer]:
    """The layers within a layer or model, at every depth, each once; without itself."""
    return layer._flatten_layers(include_self=False)


def mask(tensor: Any) -> Any:
    """The mask that goes with a tensor, real or symbolic, None without one."""
    return getattr(tensor, "_keras_mask", None)


def set_mask(tensor: Any, mask: Any) -> None:
    """Gives a tensor a mask; None takes it away."""
    tensor._keras_mask = mask


def loss_tracker(model: keras.Model) -> keras.metrics.Mean:
    """The metric "loss" of a compiled model: the mean that `fit` and `evaluate` report."""
    return model._loss_tracker


def attach_asset(archive: keras.export.ExportArchive, name: str, path: pathlib.Path) -> None:
    """Has a file copied into the SavedModel that an archive writes.

    `ExportArchive.track` keeps layers and lookup tables, but no asset that stands by itself.

    Args:
        archive: What will be written.
        name: The attribute of the loaded SavedModel that holds the asset.
        path: The file, which must still be there when the archive is written.
    """
    setattr(archive._tf_trackable, name, tf.saved_model.Asset(str(path)))


class HookedModel(keras.Model):
    """A Keras model with two hooks into `fit` and `evaluate` that Keras has no public names for."""

    def before_batches(self, epochs: Any, batch: Any) -> None:
        """Called before the batches of a `fit`, an `evaluate` or a `..._on_batch`.

        Args:
            epochs: Keras's iterator over the epochs, see the functions below; None where there is
                one batch alone.
            batch: That one batch, or None.
        """

    def reported(self, logs: dict[str, Any]) -> dict[str, Any]:
        """What is reported of an epoch or an evaluation, from what its last step reported."""
        return logs

    def _maybe_symbolic_build(self, iterator: Any = None, data_batch: Any = None) -> None:
        self.before_batches(iterator, data_batch)

    def _get_metrics_result_or_logs(self, logs: dict[str, Any]) -> dict[str, Any]:
        return self.reported(logs)


def under_strategy(model: keras.Model) -> bool:
    """Whether a model was made in the scope of a `tf.distribute` strategy."""
    return model._distribute_strategy is not None


def build_state(model: keras.Model, batch: Any) -> None:
    """Creates the variables that a compiled model has only after its first batch: of metrics, loss
    and optimizer.

    Args:
        model: The compiled model.
        batch: Images, labels and weights of a step, as `keras.KerasTensor` or None.
    """
    model._symbolic_build(data_batch=batch)


def build_metrics(model: keras.Model, labels: Any, predictions: Any) -> None:
    """Creates the variables of metrics that were given by name, which Keras does as late as it
    updates them for the first time; afterwards it does nothing.

    Args:
        model: The compiled model.
        labels: Of a step, as `keras.KerasTensor`.
        predictions: Likewise.
    """
    metrics = model._compile_metrics
    if metrics is not None and not metrics.built:
        metrics.build(labels, predictions)


def first_batch(epochs: Any) -> Any:
    """The first batch of Keras's iterator over epochs, None if there is none."""
    for _, _, batches in epochs:
        return next(batches)
    return None


def steps_seen(epochs: Any) -> int:
    """The steps of the present pass over the data that Keras's iterator has counted.

    It counts a whole block of `steps_per_execution` before the block is run.
    """
    return epochs._steps_seen


def set_steps_seen(epochs: Any, count: int) -> None:
    """Corrects that number: Keras goes on after it, and ends the epoch by it."""
    epochs._steps_seen = count


def steps_per_epoch(epochs: Any) -> int | None:
    """The steps of an epoch, None if Keras does not know yet."""
    return epochs.num_batches


def num_batches(epochs: Any) -> float | None:
    """Batches of the data set, infinity if it repeats for ever, None if nobody knows."""
    adapter = epochs.data_adapter
    if adapter.num_batches is not None:
        return adapter.num_batches
    cardinality = adapter.get_tf_dataset().cardinality
    number = int(cardinality() if callable(cardinality) else cardinality)
    return math.inf if number == tf.data.INFINITE_CARDINALITY else None
