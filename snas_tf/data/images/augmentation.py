# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Augmentation: pure functions of a batch of images and a stateless seed, vectorised over it."""

from __future__ import annotations

import tensorflow as tf


def random_crop(images: tf.Tensor, padding: int, seed: tf.Tensor) -> tf.Tensor:
    """Pads with zeros on all sides, then crops each image to its old size at a place of its own.

    Args:
        images: [batch, height, width, channels].
        padding: Pixels, 0 or more. Each image moves by -padding to padding in both directions.
        seed: int32 [2].

    Returns:
        Of the shape and dtype of `images`.
    """
    batch = tf.shape(images)[0]
    _, height, width, _ = images.shape
    padded = tf.pad(images, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    offsets = tf.random.stateless_uniform((2, batch, 1), seed, 0, 2 * padding + 1, tf.int32)
    rows = tf.gather(padded, offsets[0] + tf.range(height), axis=1, batch_dims=1)
    return tf.gather(rows, offsets[1] + tf.range(width), axis=2, batch_dims=1)


def random_flip(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Mirrors each image left to right with probability 1/2.

    Args:
        images: [batch, height, width, channels].
        seed: int32 [2].

    Returns:
        Of the shape and dtype of `images`.
    """
    shape = (tf.shape(images)[0], 1, 1, 1)
    flips = tf.random.stateless_uniform(shape, seed, 0, 2, tf.int32)
    return tf.where(flips == 1, tf.reverse(images, axis=(2,)), images)


def cutout(images: tf.Tensor, size: int, seed: tf.Tensor) -> tf.Tensor:
    """Sets a square of each image to zero.

    Its centre is uniform over the image, so that it may reach over the border (DeVries and Taylor,
    arXiv 1708.04552, as DARTS and SNAS use it; `keras.layers.RandomErasing` stays inside). Zero is
    the mean of normalised images.

    Args:
        images: Normalised, floating [batch, height, width, channels].
        size: Side of the square in pixels.
        seed: int32 [2].

    Returns:
        Of the shape and dtype of `images`.
    """
    _, height, width, _ = images.shape
    seeds = tf.random.split(seed, 2)
    rows = _hole(tf.shape(images)[0], height, size, seeds[0])[:, :, tf.newaxis, tf.newaxis]
    columns = _hole(tf.shape(images)[0], width, size, seeds[1])[:, tf.newaxis, :, tf.newaxis]
    return tf.where(rows & columns, tf.zeros((), images.dtype), images)


def _hole(batch: tf.Tensor, length: int, size: int, seed: tf.Tensor) -> tf.Tensor:
    """Which positions along one axis a square covers, bool [batch, length]."""
    centres = tf.random.stateless_uniform((batch, 1), seed, 0, length, tf.int32)
    distance = tf.range(length) - (centres - size // 2)
    return (distance >= 0) & (distance < size)
