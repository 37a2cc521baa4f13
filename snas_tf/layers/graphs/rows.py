# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is done with rows, one an entity or an edge, of which a batch may have none."""

from __future__ import annotations

import tensorflow as tf

from snas_tf.layers.normalization.batch_normalization import BatchNormalization

SLOPE = 0.2
"""Of the leaky ReLU below zero."""


def leaky(tensor: tf.Tensor) -> tf.Tensor:
    """The leaky ReLU of all graph networks here."""
    return tf.nn.leaky_relu(tensor, SLOPE)


def as_images(rows: tf.Tensor) -> tf.Tensor:
    """(rows, width) as images of one pixel, which batch normalisation takes."""
    return tf.reshape(rows, (-1, 1, 1, rows.shape[-1]))


def as_rows(images: tf.Tensor) -> tf.Tensor:
    """Images of one pixel as (rows, width)."""
    return tf.reshape(images, (-1, images.shape[-1]))


def is_any(rows: tf.Tensor) -> tf.Tensor:
    """bool (1, 1), whether there is a row: of none there are no statistics."""
    return tf.reshape(tf.shape(rows)[0] > 0, (1, 1))


def normalized_product(
    layer: BatchNormalization, rows: tf.Tensor, kernel: tf.Tensor, training: bool
) -> tf.Tensor:
    """A linear map and its batch normalisation, whose running statistics are updated.

    Args:
        layer: The normalisation.
        rows: (rows, inputs).
        kernel: (1, inputs, width), of the same dtype.
        training: Whether the batch's statistics are used, and taken into the running ones.

    Returns:
        (rows, width).
    """
    (output,), statistics = layer.compute(layer.values(), [as_images(rows)], None, training, kernel)
    layer.update(statistics, is_any(rows))
    return as_rows(output)
