# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Average pooling over 3x3 pixels at stride 1, in a quarter of TensorFlow's time.

It gives TensorFlow's result, and TensorFlow's gradient, to the bit.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from snas_tf.native import library

_LANES = 8


def suits(images: tf.Tensor) -> bool:
    """Whether the operation is in use and can take these.

    Args:
        images: (batch, height, width, channels).
    """
    return library.in_use() and images.dtype == tf.float32 and images.shape[-1] % _LANES == 0


def average_pool(images: tf.Tensor) -> tf.Tensor:
    """The mean of 3x3 pixels, of those that there are at the border.

    Args:
        images: float32 (batch, height, width, channels); see `suits`.

    Returns:
        A tensor like it.
    """
    pooled = library.operations().snas_average_pool(images=images, threads=library.threads())
    if not tf.executing_eagerly():
        pooled.set_shape(images.shape)
    return pooled


@tf.RegisterGradient("SnasAveragePool")
def _registered_gradient(operation: Any, upstream: tf.Tensor) -> tf.Tensor:
    """The sums of what is divided before."""
    of_images = library.operations().snas_average_pool_gradient(
        upstream=upstream, threads=operation.get_attr("threads")
    )
    if not tf.executing_eagerly():
        of_images.set_shape(operation.inputs[0].shape)
    return of_images
