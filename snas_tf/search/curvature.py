# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The dominant eigenvalue of the Hessian of the validation loss in the logits.

The loss is that of the mixture of all options by their probabilities, softmax(log alpha), which is
smooth and needs no draw, so that epochs can be compared (R-DARTS, arXiv 1909.09656). Products of
the Hessian with a vector are central differences of gradients, which layers have that know no
second derivative, and Lanczos's method needs some ten of them.
"""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from snas_tf.search.early_stopping import CURVATURE

ITERATIONS = 10
_STEP = 0.05  # of the differences, along a vector of length 1
_TINY = 1e-7
_SEED = 19090965


def dominant_eigenvalue(
    product: Callable[[np.ndarray], np.ndarray], size: int, iterations: int = ITERATIONS
) -> float:
    """The eigenvalue of a symmetric matrix that is largest in magnitude, by Lanczos's method.

    Every vector is made orthogonal to all before, so that rounding finds none twice.

    Args:
        product: The matrix times a vector, float64 (size,).
        size: Its number of rows.
        iterations: Products at most; with as many as rows it is exact.

    Returns:
        The eigenvalue, with its sign; 0 for a matrix of zeros.
    """
    vector = np.random.default_rng(_SEED).normal(size=size)
    vectors = [vector / np.linalg.norm(vector)]
    diagonal, beside = [], []
    for _ in range(min(iterations, size)):
        image = np.asarray(product(vectors[-1]), np.float64)
        diagonal.append(float(image @ vectors[-1]))
        scale = np.linalg.norm(image)
        for _ in range(2):
            image = image - np.stack(vectors).T @ (np.stack(vectors) @ image)
        length = float(np.linalg.norm(image))
        if length <= _TINY * max(scale, np.finfo(np.float64).tiny):
            break
        beside.append(length)
        vectors.append(image / length)
    beside = beside[: len(diagonal) - 1]
    values = np.linalg.eigvalsh(np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1))
    return float(values[np.abs(values).argmax()])


class MeasureCurvature(keras.callbacks.Callback):
    """Adds the magnitude of that eigenvalue to the logs at the end of every epoch of `Snas.fit`.

    Args:
        batch: (inputs, labels) of validation data, the same for all epochs.
        iterations: Products of the Hessian with a vector; each takes two gradients.
    """

    def __init__(self, batch: tuple, iterations: int = ITERATIONS) -> None:
        super().__init__()
        self._batch = batch
        self._iterations = iterations
        self._traced: Callable | None = None

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Measures and extends the logs."""
        if logs is not None:
            logs[CURVATURE] = abs(self.measure())

    def measure(self) -> float:
        """The eigenvalue at the model's present logits."""
        model = self.model
        if self._traced is None:
            self._traced = tf.function(self._gradient, autograph=False)
        here = [logits.numpy().astype(np.float64) for logits in model.architecture.logits.values()]
        ends = np.cumsum([part.size for part in here])[:-1]

        def gradient(point: np.ndarray) -> np.ndarray:
            parts = [
                tf.constant(part.reshape(like.shape), tf.float32)
                for part, like in zip(np.split(point, ends), here, strict=True)
            ]
            return np.concatenate([part.numpy().ravel() for part in self._traced(parts)])

        start = np.concatenate([part.ravel() for part in here])

        def product(vector: np.ndarray) -> np.ndarray:
            forth, back = (gradient(start + way * _STEP * vector) for way in (1, -1))
            return (forth.astype(np.float64) - back) / (2 * _STEP)

        return dominant_eigenvalue(product, start.size, self._iterations)

    def _gradient(self, logits: list[tf.Tensor]) -> list[tf.Tensor]:
        """Of the loss of the mixture, in the logits; statistics of normalisation stay."""
        model = self.model
        inputs, labels = self._batch
        with tf.GradientTape() as tape:
            tape.watch(logits)
            samples = {
                name: tf.nn.softmax(rows)
                for name, rows in zip(model.architecture.logits, logits, strict=True)
            }
            predictions = model.supernet(inputs, samples, training=False)
            loss = model.own_loss(inputs, labels, predictions, None, training=False)
        return tape.gradient(loss, logits, unconnected_gradients=tf.UnconnectedGradients.ZERO)
