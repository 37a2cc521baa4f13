# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A sum of tensors, each scaled channel by channel, in one pass over all of them.

TensorFlow's operations would write every scaled tensor and read it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from snas_tf.native import library


def affine_sum(
    tensors: Sequence[tf.Tensor], slopes: tf.Tensor, shift: tf.Tensor, threads: int = 1
) -> tf.Tensor:
    """shift + the sum over t of slopes[t] * tensors[t].

    Args:
        tensors: T tensors, float32 (batch, height, width, channels), channels in multiples of 8.
        slopes: float32 (T, channels).
        shift: float32 (channels,).
        threads: How many share the work; the result does not depend on it.

    Returns:
        float32 (batch, height, width, channels).
    """
    result = library.operations().snas_affine_sum(
        tensors=tensors, slopes=slopes, shift=shift, threads=threads
    )
    if not tf.executing_eagerly():
        result.set_shape(tensors[0].shape)
    return result


def affine_sum_products(
    tensors: Sequence[tf.Tensor], origins: tf.Tensor, gradient: tf.Tensor, threads: int = 1
) -> tuple[tf.Tensor, tf.Tensor]:
    """What the gradient of the sum says of slopes and shift.

    Args:
        tensors: Those of the sum.
        origins: float32 (T, channels), which are taken off the tensors.
        gradient: That of the sum, of its shape.
        threads: As for `affine_sum`.

    Returns:
        float32 (T, channels), the sums over pixels of gradient * (tensors[t] - origins[t]); and
        (channels,), those of the gradient.
    """
    products, totals = library.operations().snas_affine_sum_products(
        tensors=tensors, origins=origins, gradient=gradient, threads=threads
    )
    if not tf.executing_eagerly():
        products.set_shape(origins.shape)
        totals.set_shape(origins.shape[1:])
    return products, totals


@tf.RegisterGradient("SnasAffineSum")
def _registered_gradient(operation: Any, upstream: tf.Tensor) -> list[tf.Tensor]:
    """For graphs that TensorFlow differentiates by itself."""
    *tensors, slopes, shift = operation.inputs
    zeros = tf.zeros_like(shift)
    of_tensors = [
        affine_sum([upstream], slopes[number : number + 1], zeros) for number in range(len(tensors))
    ]
    return [*of_tensors, *affine_sum_products(tensors, tf.zeros_like(slopes), upstream)]
