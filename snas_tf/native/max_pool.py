# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Maximum pooling over 3x3 pixels whose gradient is quick in the branch of a conditional too.

There TensorFlow's gradient cannot know which pixel was the greatest, and takes fifty times as long.
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


def max_pool(images: tf.Tensor, stride: int) -> tf.Tensor:
    """The greatest of 3x3 pixels, of those that there are at the border.

    Args:
        images: float32 (batch, height, width, channels); see `suits`.
        stride: 1 or 2.

    Returns:
        (batch, ceil(height / stride), ceil(width / stride), channels).
    """
    pooled = library.operations().snas_max_pool(images=images, stride=stride)
    if not tf.executing_eagerly():
        batch, *sides, channels = images.shape
        sides = [None if side is None else -(-side // stride) for side in sides]
        pooled.set_shape((batch, *sides, channels))
    return pooled


@tf.RegisterGradient("SnasMaxPool")
def _registered_gradient(operation: Any, upstream: tf.Tensor) -> tf.Tensor:
    """To the first of the greatest pixels."""
    (images,) = operation.inputs
    of_images = library.operations().snas_max_pool_gradient(
        images=images,
        pooled=operation.outputs[0],
        upstream=upstream,
        stride=operation.get_attr("stride"),
    )
    if not tf.executing_eagerly():
        of_images.set_shape(images.shape)
    return of_images
