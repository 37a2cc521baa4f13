# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Scores of gradients: what is asked of a traced call, as tensors of its graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
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


def of_inputs(outputs: Sequence[tf.Tensor], inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """The gradient of the sum of all outputs, float32 (batch, numbers of an example)."""
    total = tf.add_n([tf.reduce_sum(tf.cast(output, tf.float32)) for output in outputs])
    found = tf.gradients(total, inputs, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return tf.concat([tf.reshape(one, (one.shape[0], -1)) for one in found], axis=1)


def of_weights(loss: tf.Tensor, weights: Sequence[tf.Tensor]) -> list[tf.Tensor]:
    """The gradient of a loss by each weight; zeros where it does not depend on it."""
    return tf.gradients(loss, weights, unconnected_gradients=tf.UnconnectedGradients.ZERO)


def norm(gradients: Sequence[tf.Tensor]) -> tf.Tensor:
    """`grad_norm`: the sum over weights of the Euclidean norm of the gradient, float64."""
    return tf.add_n([tf.norm(tf.cast(gradient, tf.float64)) for gradient in gradients])


def saliency(weights: Sequence[tf.Tensor], gradients: Sequence[tf.Tensor]) -> tf.Tensor:
    """`snip` (Lee, Ajanthan, Torr; ICLR 2019): the sum of |w dL/dw|, float64."""
    return tf.add_n(
        [
            tf.reduce_sum(tf.abs(tf.cast(weight, tf.float64) * tf.cast(gradient, tf.float64)))
            for weight, gradient in zip(weights, gradients, strict=True)
        ]
    )
