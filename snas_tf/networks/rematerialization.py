# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Rematerialisation: a part of a network that keeps only its inputs for the backward pass.

What lies between is computed a second time there: more arithmetic for less memory (Chen et al.,
"Training deep nets with sublinear memory cost", arXiv 1604.06174).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import tensorflow as tf

from snas_tf.layers.normalization.frozen_statistics import frozen_statistics


def rematerialized(function: Callable[..., tf.Tensor], *inputs: tf.Tensor) -> tf.Tensor:
    """`function(*inputs)`, whose intermediate tensors are not kept for the backward pass.

    The gradient reaches the inputs and the trainable variables that the function reads, and nothing
    else: a tensor that the function takes from around it gets none. Running statistics of
    `snas_tf.layers.BatchNormalization` are updated by the first computation alone.

    Memory falls in a graph. An eager tape records the first computation all the same.

    Args:
        function: Floating-point tensors to one tensor; the same inputs give it the same output.
        *inputs: What it takes, of any shapes.

    Returns:
        The function's output.
    """

    @tf.custom_gradient
    def first(*inputs: tf.Tensor) -> tuple[tf.Tensor, Callable]:
        def backward(
            upstream: tf.Tensor, variables: Sequence[tf.Variable] = ()
        ) -> tuple[list[tf.Tensor], list[tf.Tensor]] | list[tf.Tensor]:
            with tf.GradientTape() as tape:
                delayed = _after(upstream, inputs)
                tape.watch(delayed)
                with frozen_statistics():
                    output = function(*delayed)
            gradients = tape.gradient(
                output,
                [*delayed, *variables],
                output_gradients=upstream,
                unconnected_gradients=tf.UnconnectedGradients.ZERO,
            )
            # Rows that were gathered have their gradient as slices, which cannot be passed on.
            gradients = [tf.convert_to_tensor(gradient) for gradient in gradients]
            of_inputs, of_variables = gradients[: len(inputs)], gradients[len(inputs) :]
            return (of_inputs, of_variables) if variables else of_inputs

        return function(*inputs), backward

    return first(*inputs)


def _after(upstream: tf.Tensor, inputs: Sequence[tf.Tensor]) -> list[tf.Tensor]:
    """The inputs, which cannot be read before the gradient that arrives from above.

    Without it the second computation could be merged with the first, or run beside it. XLA knows no
    control dependencies, so zero is added: min(|g|, 0), which no compiler takes for a constant.
    """
    element = tf.cast(tf.reshape(upstream, [-1])[:1], tf.float32)
    zero = tf.reduce_sum(tf.minimum(tf.abs(element), 0.0))  # also of an empty tensor
    return [tensor + tf.cast(zero, tensor.dtype) for tensor in inputs]
