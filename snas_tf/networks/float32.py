# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Models that train, evaluate and predict in float32, whatever Keras's `floatx` is.

Keras takes batches of numpy arrays, the losses and metrics that it makes itself, and the loss of a
step to `floatx`, which a file of the user's (~/.keras/keras.json) may have set to float16 for other
models.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import keras


@contextlib.contextmanager
def float32_by_default() -> Iterator[None]:
    """Within it, Keras's `floatx` is float32."""
    before = keras.config.floatx()
    keras.config.set_floatx("float32")
    try:
        yield
    finally:
        keras.config.set_floatx(before)


class Float32ByDefault:
    """Mixin of a `keras.Model`, before it among the bases; all methods are as for Keras.

    `compile` is not among them: Keras does not call one that is not its own when it loads a model.
    """

    def fit(self, *args: Any, **kwargs: Any) -> keras.callbacks.History:
        """As `keras.Model.fit`."""
        with float32_by_default():
            return super().fit(*args, **kwargs)

    def evaluate(self, *args: Any, **kwargs: Any) -> Any:
        """As `keras.Model.evaluate`."""
        with float32_by_default():
            return super().evaluate(*args, **kwargs)

    def predict(self, *args: Any, **kwargs: Any) -> Any:
        """As `keras.Model.predict`."""
        with float32_by_default():
            return super().predict(*args, **kwargs)

    def train_on_batch(self, *args: Any, **kwargs: Any) -> Any:
        """As `keras.Model.train_on_batch`."""
        with float32_by_default():
            return super().train_on_batch(*args, **kwargs)

    def test_on_batch(self, *args: Any, **kwargs: Any) -> Any:
        """As `keras.Model.test_on_batch`."""
        with float32_by_default():
            return super().test_on_batch(*args, **kwargs)

    def predict_on_batch(self, *args: Any, **kwargs: Any) -> Any:
        """As `keras.Model.predict_on_batch`."""
        with float32_by_default():
            return super().predict_on_batch(*args, **kwargs)
