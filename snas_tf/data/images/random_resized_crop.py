# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A random part of an image, resized: the crop of Szegedy et al. (arXiv 1409.4842, section 6)."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from snas_tf.data.images.resizing import resize

AREAS = (0.08, 1.0)
"""Least and greatest area of a part, over that of the image."""

ASPECTS = (3 / 4, 4 / 3)
"""Least and greatest width of a part, over its height."""

ATTEMPTS = 10
"""Parts that are drawn until one fits into the image."""


def random_resized_crop(image: tf.Tensor, height: int, width: int, seed: tf.Tensor) -> tf.Tensor:
    """Cuts a random part out of an image and resizes it, with antialiasing.

    Args:
        image: uint8 [image height, image width, channels].
        height: Height of the result in pixels.
        width: Width of the result in pixels.
        seed: int32 [2].

    Returns:
        uint8 [height, width, channels].
    """
    with tf.device("CPU:0"):  # the same bits with and without a GPU
        shape = tf.shape(image)
        window = random_window(shape[0], shape[1], seed)
        resized = resize(tf.slice(image, *window), height, width)
    return tf.ensure_shape(resized, (height, width, image.shape[-1]))


def random_window(
    height: tf.Tensor, width: tf.Tensor, seed: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Draws a part of an image.

    Its area is uniform in `AREAS`, the logarithm of its aspect in that of `ASPECTS`, its place
    among those inside the image. If none of `ATTEMPTS` draws fits, it is the largest central part
    with an aspect in `ASPECTS`.

    Args:
        height: Height of the image in pixels, int32 scalar.
        width: Width of the image in pixels, int32 scalar.
        seed: int32 [2].

    Returns:
        (top, left, 0) and (height, width, -1), int32 [3] each, as `tf.slice` takes them.
    """
    image = tf.stack([height, width])
    draws = tf.random.stateless_uniform((4, ATTEMPTS), seed)
    drawn, fits = _draw_sizes(image, draws[0], draws[1])
    # Whole numbers 0 to room; the product of a number below 1 is not rounded up to room + 1.
    room = tf.cast(image - drawn + 1, tf.float32)
    places = tf.cast(tf.transpose(draws[2:]) * room, tf.int32)
    central = _central_size(image)
    first = tf.argmax(fits)  # the first of those that are True
    window = tf.where(
        tf.reduce_any(fits),
        tf.stack([places[first], drawn[first]]),
        tf.stack([(image - central) // 2, central]),
    )
    return tf.concat([window[0], [0]], 0), tf.concat([window[1], [-1]], 0)


def _draw_sizes(
    image: tf.Tensor, areas: tf.Tensor, aspects: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """(height, width) of each attempt, int32 [attempts, 2], and whether it fits, bool [attempts].

    Args:
        image: (height, width), int32 [2].
        areas: In [0, 1), float32 [attempts].
        aspects: In [0, 1), float32 [attempts].
    """
    pixels = tf.reduce_prod(tf.cast(image, tf.float32))
    area = pixels * (AREAS[0] + (AREAS[1] - AREAS[0]) * areas)
    least, most = np.log(ASPECTS)
    aspect = tf.exp(least + (most - least) * aspects)
    sizes = tf.cast(tf.round(tf.sqrt([area / aspect, area * aspect])), tf.int32)
    drawn = tf.transpose(sizes)
    return drawn, tf.reduce_all((drawn >= 1) & (drawn <= image), axis=1)


def _central_size(image: tf.Tensor) -> tf.Tensor:
    """(height, width) of the largest part with an aspect in `ASPECTS`, int32 [2]."""
    height, width = tf.unstack(tf.cast(image, tf.float32))
    longest = tf.round([width / ASPECTS[0], height * ASPECTS[1]])
    return tf.minimum(image, tf.cast(longest, tf.int32))
