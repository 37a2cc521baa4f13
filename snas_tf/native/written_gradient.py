# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Gradients that are written out by hand."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import tensorflow as tf

from snas_tf.tensorflow_internals import record_gradient, without_tapes

Tensors = Sequence[tf.Tensor]
Gradient = Callable[..., Tensors]
"""From the gradients of a function's outputs, a tensor each, to those of its arguments."""


def with_gradient(function: Callable[..., tuple[Tensors, Gradient]]) -> Callable[..., Tensors]:
    """A function whose gradient a tape takes from the function itself.

    As `tf.custom_gradient`, which adds to a graph an identity, and for its gradient zeros, for
    every argument and output: a sixth of the operations of a search step, to be traced and thrown
    away. And where TensorFlow differentiates a finished graph, the branches of a conditional for
    one, which it copies, it does so by itself: a gradient that is written out names tensors of the
    first copy.

    Args:
        function: Tensors to its outputs, of operations that TensorFlow can differentiate, and to
            the gradient.

    Returns:
        The function from the tensors to the outputs alone.
    """

    @functools.wraps(function)
    def call(*arguments: tf.Tensor) -> Tensors:
        tensors = [tf.convert_to_tensor(argument) for argument in arguments]
        with without_tapes():
            outputs, gradient = function(*tensors)
        record_gradient(function.__name__, outputs, tensors, gradient)
        return outputs

    return call
