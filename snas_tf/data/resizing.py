# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Images brought to the one size that a network expects."""

from __future__ import annotations

import tensorflow as tf

from snas_tf.errors import InvalidInput


def resize(images: tf.Tensor, image_size: int) -> tf.Tensor:
    """Resizes images to squares: bilinear, with antialiasing, whatever their aspect.

    Args:
        images: uint8 [..., height, width, channels] with 3 or 4 axes.
        image_size: Height and width of the result in pixels; 0 leaves the images as they are.

    Returns:
        uint8 [..., image_size, image_size, channels].
    """
    if not image_size or tuple(images.shape[-3:-1]) == (image_size, image_size):
        return images
    with tf.device("CPU:0"):  # the same bits with and without a GPU
        resized = tf.image.resize(images, (image_size, image_size), antialias=True)
        return tf.saturate_cast(tf.round(resized), tf.uint8)


def check_image_size(image_size: int) -> None:
    """Refuses sizes that are no number of pixels.

    Raises:
        InvalidInput: `image_size` is below 0.
    """
    if image_size < 0:
        raise InvalidInput(
            "`data.image_size` must be a number of pixels, or 0 to keep the images' own size: "
            f"given {image_size}"
        )
