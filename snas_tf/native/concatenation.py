# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Tensors side by side, channel after channel, by several threads.

TensorFlow's operation copies each pixel of each tensor by a call of its own, with one thread where
operations run side by side; and what waits for it is all that comes after.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from snas_tf.native import library

_LANES = 8


def suits(tensors: Sequence[tf.Tensor]) -> bool:
    """Whether the operation is in use and can take these.

    Args:
        tensors: (batch, height, width, channels) each, of one shape.
    """
    fits = all(t.dtype == tf.float32 and t.shape[-1] % _LANES == 0 for t in tensors)
    return library.in_use() and fits


def concatenation(tensors: Sequence[tf.Tensor]) -> tf.Tensor:
    """`tf.concat` of the channels.

    Args:
        tensors: P tensors, float32 (batch, height, width, channels); see `suits`.

    Returns:
        float32 (batch, height, width, P * channels).
    """
    joined = library.operations().snas_concatenation(tensors=tensors, threads=library.cores())
    if not tf.executing_eagerly():
        *sides, channels = tensors[0].shape
        joined.set_shape((*sides, len(tensors) * channels))
    return joined


@tf.RegisterGradient("SnasConcatenation")
def _registered_gradient(operation: Any, upstream: tf.Tensor) -> list[tf.Tensor]:
    """What arrives, taken apart."""
    parts = library.operations().snas_concatenation_gradient(
        upstream=upstream,
        parts=operation.get_attr("parts"),
        threads=operation.get_attr("threads"),
    )
    if not tf.executing_eagerly():
        for part, tensor in zip(parts, operation.inputs, strict=True):
            part.set_shape(tensor.shape)
    return parts
