# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Scores of gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

Loss = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
"""From labels and outputs to a loss, a number or one an example."""

_OF_NORMALIZATION = ("beta", "bias", "gamma")


def kernels(variables: Sequence[keras.Variable]) -> list[int]:
    """The positions of the weights that multiply what comes in, by Keras's names: no biases, and no
    scales and shifts of normalisations."""
    return [
        position for position, each in enumerate(variables) if each.name not in _OF_NORMALIZATION
    ]


def total(outputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """The sum of all outputs, float32."""
    return tf.add_n([tf.reduce_sum(tf.cast(output, tf.float32)) for output in outputs])


def of(tape: tf.GradientTape, number: tf.Tensor, tensors: Sequence[tf.Tensor]) -> list[tf.Tensor]:
    """The gradients of a number; zeros by what it does not depend on."""
    return tape.gradient(number, tensors, unconnected_gradients=tf.UnconnectedGradients.ZERO)


def rows(gradients: Sequence[tf.Tensor]) -> np.ndarray:
    """The gradients by the inputs, (batch, numbers of an example)."""
    return np.concatenate([one.numpy().reshape(len(one), -1) for one in gradients], axis=1)


def norm(gradients: Sequence[tf.Tensor]) -> float:
    """`grad_norm`: the sum over weights of the Euclidean norm of the gradient."""
    return float(sum(np.linalg.norm(_exact(gradient)) for gradient in gradients))


def saliency(weights: Sequence[tf.Tensor], gradients: Sequence[tf.Tensor]) -> float:
    """`snip` (Lee, Ajanthan, Torr; ICLR 2019): the sum of |w dL/dw|."""
    pairs = zip(weights, gradients, strict=True)
    return float(sum(np.abs(_exact(weight) * _exact(gradient)).sum() for weight, gradient in pairs))


def _exact(tensor: tf.Tensor) -> np.ndarray:
    return tf.convert_to_tensor(tensor).numpy().astype(np.float64).ravel()
