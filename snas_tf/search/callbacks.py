# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Callbacks for `fit` on `Snas`."""

from __future__ import annotations

import keras
import tensorflow as tf


class EvaluateSamples(keras.callbacks.Callback):
    """Evaluates the supernet as it is trained, with sampled Z, at the end of every epoch.

    Adds `val_sampled_loss` and a `val_sampled_` metric for every compiled one to the logs, so that
    callbacks behind this one see them; `validation_data` of `fit` evaluates the mode, which is the
    child network.

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
