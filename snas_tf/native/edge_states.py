# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""New states of the edges of a graph, of the old ones and of the edges' ends, in one pass.

TensorFlow's operations would write and read a dozen tensors that are as long as there are edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from snas_tf.native import library

KINDS = ("cat", "film", "gru")
_LANES = 8


def suits(states: tf.Tensor) -> bool:
    """Whether the operation is in use and can take these.

    Args:
        states: (edges, width).
    """
    fits = states.dtype == tf.float32 and states.shape[-1] % _LANES == 0
    return library.in_use() and fits


class EdgeWeights(NamedTuple):
    """The linear maps of the edges, of K vectors beside each other: "cat" 1, "film" 2, "gru" 3.

    Attributes:
        pair: P, float32 (width, K * width), of both ends.
        pair_bias: b, float32 (1, K * width).
        state: Q, float32 (width, K * width), of the old state; (0, 2 * width) for "film".
        candidate: c, float32 (1, width); (0, width) but for "gru".
    """

    pair: tf.Tensor
    pair_bias: tf.Tensor
    state: tf.Tensor
    candidate: tf.Tensor


def edge_states(
    kind: str,
    of_ends: Sequence[tf.Tensor],
    states: tf.Tensor,
    weights: EdgeWeights,
    ends: Sequence[tf.Tensor],
    *,
    slope: float,
) -> tf.Tensor:
    """Makes new states, of r = LeakyReLU(S(u) + T(v)), p = r P + b and q = e Q.

        cat:  LeakyReLU(p + q)
        film: sigmoid(p1) e + p2
        gru:  h + z (e - h), z = sigmoid(p1 + q1), h = tanh(p3 + sigmoid(p2 + q2) (q3 + c))

    Args:
        kind: One of `KINDS`.
        of_ends: S and T, float32 (n, width) each, of entities as sources and as targets.
        states: e, float32 (m, width); see `suits`.
        weights: The linear maps.
        ends: Sources and targets of the edges, int32 (m,) each, in [0, n); the targets ascend.
        slope: Of the leaky ReLU below zero, positive.

    Returns:
        float32 (m, width).
    """
    made = library.operations().snas_edge_states(
        *of_ends,
        states,
        *weights,
        *ends,
        slope=slope,
        kind=KINDS.index(kind),
        threads=library.cores(),
    )
    if not tf.executing_eagerly():
        made.set_shape(states.shape)
    return made


@tf.RegisterGradient("SnasEdgeStates")
def _registered_gradient(operation: Any, upstream: tf.Tensor) -> list[tf.Tensor | None]:
    """All but the old states is computed again."""
    gradients = library.operations().snas_edge_states_gradient(
        *operation.inputs,
        upstream,
        **{name: operation.get_attr(name) for name in ("slope", "kind", "threads")},
    )
    if not tf.executing_eagerly():
        for gradient, tensor in zip(gradients, operation.inputs, strict=False):
            gradient.set_shape(tensor.shape)
    return [*gradients, None, None]
