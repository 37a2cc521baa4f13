# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Messages along the edges of a graph, made one for every entity, without a tensor of messages.

TensorFlow's operations would write and read a dozen tensors that are as long as there are edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from snas_tf.native import library

_LANES = 8


def suits(states: tf.Tensor, edge_states: tf.Tensor) -> bool:
    """Whether the operation is in use and can take these.

    Args:
        states: (entities, width).
        edge_states: (edges, edge width).
    """
    tensors = (states, edge_states)
    fits = all(t.dtype == tf.float32 and t.shape[-1] % _LANES == 0 for t in tensors)
    return library.in_use() and fits


class MessageWeights(NamedTuple):
    """The linear maps that make a gate and a shift of an edge's state.

    Attributes:
        edge: A, float32 (edge width, width).
        edge_bias: float32 (1, width).
        gate: B and C side by side, float32 (width, 2 * width).
        gate_bias: float32 (1, 2 * width).
    """

    edge: tf.Tensor
    edge_bias: tf.Tensor
    gate: tf.Tensor
    gate_bias: tf.Tensor


def messages(
    states: tf.Tensor,
    edge_states: tf.Tensor,
    weights: MessageWeights,
    ends: Sequence[tf.Tensor],
    *,
    slope: float,
    greatest: bool,
) -> tf.Tensor:
    """The sum or the maximum of sigmoid(B h) * P(u) + C h, h = LeakyReLU(A e), over the edges to v.

    Args:
        states: P, float32 (n, width); see `suits`.
        edge_states: e, float32 (m, edge width).
        weights: Of the edges' states.
        ends: Sources and targets of the edges, int32 (m,) each, in [0, n); the targets ascend.
        slope: Of the leaky ReLU below zero, positive.
        greatest: Whether the maximum is taken. Edges that have it share its gradient.

    Returns:
        float32 (n, width), zero for an entity to which no edge leads.
    """
    sums, _ = library.operations().snas_messages(
        states=states,
        edge_states=edge_states,
        **weights._asdict(),
        sources=ends[0],
        targets=ends[1],
        slope=slope,
        greatest=int(greatest),
        threads=library.cores(),
    )
    if not tf.executing_eagerly():
        sums.set_shape(states.shape)
    return sums


@tf.RegisterGradient("SnasMessages")
def _registered_gradient(operation: Any, upstream: tf.Tensor, _: Any) -> list[tf.Tensor | None]:
    """All but the sums is computed again."""
    gradients = library.operations().snas_messages_gradient(
        *operation.inputs,
        upstream,
        *operation.outputs,
        **{name: operation.get_attr(name) for name in ("slope", "greatest", "threads")},
    )
    if not tf.executing_eagerly():
        for gradient, tensor in zip(gradients, operation.inputs, strict=False):
            gradient.set_shape(tensor.shape)
    return [*gradients, None, None]
