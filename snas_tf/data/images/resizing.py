# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Images brought to another size: the whole of them, or a square from their middle."""

from __future__ import annotations

import tensorflow as tf


def resize(images: tf.Tensor, height: tf.Tensor | int, width: tf.Tensor | int) -> tf.Tensor:
    """Resizes whole images: bilinear, with antialiasing, whatever their aspect.

    Args:
        images: uint8 [..., old height, old width, channels] with 3 or 4 axes.
        height: Height of the result in pixels.
        width: Width of the result in pixels.

    Returns:
        uint8 [..., height, width, channels].
    """
    with tf.device("CPU:0"):  # the same bits with and without a GPU
        resized = tf.image.resize(images, (height, width), antialias=True)
        return tf.saturate_cast(tf.round(resized), tf.uint8)


def central_square(images: tf.Tensor, resize_side: int, size: int) -> tf.Tensor:
    """Resizes images with their aspect kept, then cuts out the square in their middle.

    Args:
        images: uint8 [..., height, width, channels] with 3 or 4 axes.
        resize_side: Pixels to which the shorter side is resized; the longer one is rounded down.
        size: Height and width of the square in pixels, at most `resize_side`.

    Returns:
        uint8 [..., size, size, channels].
    """
    with tf.device("CPU:0"):
        shape = tf.shape(images)
        sides = shape[-3:-1] * resize_side // tf.reduce_min(shape[-3:-1])
        resized = resize(images, sides[0], sides[1])
        top, left = tf.unstack((sides - size) // 2)
        square = resized[..., top : top + size, left : left + size, :]
    square.set_shape((*images.shape[:-3], size, size, images.shape[-1]))
    return square
