# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The operations of the chain of edges: a new edge state of the old one and of the edge's ends.

See `snas_tf.space.graphs.operations` for the formulas. What depends on one end of an edge is
computed for the entities, which are fewer than the edges, and fetched then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from snas_tf.layers.graphs.entity_operations import linear, linears
from snas_tf.layers.graphs.graph_operation import GraphStates, TrainedOperation
from snas_tf.layers.graphs.incidence import at_sources, at_targets
from snas_tf.layers.graphs.rows import SLOPE, leaky
from snas_tf.native import edge_states as native


class _EdgeOperation(TrainedOperation):
    """An operation of the chain of edges.

    In training a custom C++ op computes it where it has a `kind` and one is in use.
    """

    of_edges = True
    kind: str | None = None
    of_pair = "pair"  # the name of the linear map of both ends

    def in_tensorflow(self, kernels: dict[str, tf.Tensor], states: GraphStates) -> list[tf.Tensor]:
        """As `result`, by TensorFlow's operations."""
        raise NotImplementedError

    def result(
        self, kernels: dict[str, tf.Tensor], states: GraphStates, training: bool
    ) -> list[tf.Tensor]:
        """See `TrainedOperation`."""
        if not (training and self.kind and native.suits(states.edges)):
            return self.in_tensorflow(kernels, states)
        entities, edges, graph = states
        pair = kernels[self.of_pair]
        absent = pair[:, :0], kernels["source_bias"][:, :0]
        by_place = zip(
            tf.unstack(linear(entities[None], kernels, "source")),
            tf.unstack(linear(entities[None], kernels, "target")),
            tf.unstack(pair),
            tf.unstack(kernels[f"{self.of_pair}_bias"]),
            tf.unstack(kernels.get("state", absent[0])),
            tf.unstack(kernels.get("candidate_bias", absent[1])),
            strict=True,
        )
        return [
            native.edge_states(
                self.kind,
                of_ends,
                edges,
                native.EdgeWeights(*weights),
                (graph.sources, graph.targets),
                slope=SLOPE,
            )
            for *of_ends, weights in ((source, target, rest) for source, target, *rest in by_place)
        ]

    def of_ends(self) -> dict[str, tuple[int, int]]:
        """The shapes of what makes r, the hidden layer of both ends."""
        shape = (self.width, self.edge_width)
        return {"source": shape, "source_bias": (1, self.edge_width), "target": shape}

    def ends(self, kernels: dict[str, tf.Tensor], states: GraphStates) -> tf.Tensor:
        """r = LeakyReLU(X_u v_u + X_w v_w + b), (places, m, edge width)."""
        entities = states.entities[None]
        sources = at_sources(linear(entities, kernels, "source"), states.incidence)
        return leaky(sources + at_targets(linear(entities, kernels, "target"), states.incidence))


@keras.saving.register_keras_serializable(package="snas_tf")
class Cat(_EdgeOperation):
    """e' = LeakyReLU(R r + S e + b)."""

    kind = "cat"

    def shapes(self) -> dict[str, tuple[int, int]]:
        """See `TrainedOperation`."""
        width = self.edge_width
        square = (width, width)
        return {**self.of_ends(), "pair": square, "pair_bias": (1, width), "state": square}

    def in_tensorflow(self, kernels: dict[str, tf.Tensor], states: GraphStates) -> list[tf.Tensor]:
        """See `_EdgeOperation`."""
        of_pair = linear(self.ends(kernels, states), kernels, "pair")
        return tf.unstack(leaky(of_pair + linear(states.edges[None], kernels, "state")))


@keras.saving.register_keras_serializable(package="snas_tf")
class Gru(_EdgeOperation):
    """e' = z e + (1 - z) tanh(W_h r + b_h + s (U_h e + c_h)), gates z and s of r and e.

    A gated recurrent unit (arXiv 1406.1078) in the form that PyTorch and Keras have.
    """

    kind = "gru"

    def shapes(self) -> dict[str, tuple[int, int]]:
        """See `TrainedOperation`."""
        width = self.edge_width
        thrice = (width, 3 * width)
        gates = {"pair": thrice, "pair_bias": (1, 3 * width), "state": thrice}
        return {**self.of_ends(), **gates, "candidate_bias": (1, width)}

    def in_tensorflow(self, kernels: dict[str, tf.Tensor], states: GraphStates) -> list[tf.Tensor]:
        """See `_EdgeOperation`."""
        of_pair = linears(self.ends(kernels, states), kernels, "pair", 3)
        of_state = linears(states.edges[None], kernels, "state", 3)
        update, reset = (tf.sigmoid(a + b) for a, b in zip(of_pair[:2], of_state[:2], strict=True))
        recurrent = reset * (of_state[2] + kernels["candidate_bias"])
        candidate = tf.tanh(of_pair[2] + recurrent)
        return tf.unstack(candidate + update * (states.edges[None] - candidate))


@keras.saving.register_keras_serializable(package="snas_tf")
class Film(_EdgeOperation):
    """e' = sigmoid(W1 r) * e + W2 r."""

    kind = "film"
    of_pair = "gate"

    def shapes(self) -> dict[str, tuple[int, int]]:
        """See `TrainedOperation`."""
        width = self.edge_width
        return {**self.of_ends(), "gate": (width, 2 * width), "gate_bias": (1, 2 * width)}

    def in_tensorflow(self, kernels: dict[str, tf.Tensor], states: GraphStates) -> list[tf.Tensor]:
        """See `_EdgeOperation`."""
        return _modulated(self.ends(kernels, states), kernels, states)


@keras.saving.register_keras_serializable(package="snas_tf")
class Pair(_EdgeOperation):
    """e' = sigmoid(B t) * e + C t, t = LeakyReLU(T phi(v_u, v_w)).

    Args:
        phi: A key of `PAIRS`.
        **kwargs: Arguments of `GraphOperation`.
    """

    def __init__(self, phi: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.phi = phi

    def shapes(self) -> dict[str, tuple[int, int]]:
        """See `TrainedOperation`."""
        width = self.edge_width
        hidden = {"pair": (self.width, width), "pair_bias": (1, width)}
        return {**hidden, "gate": (width, 2 * width), "gate_bias": (1, 2 * width)}

    def in_tensorflow(self, kernels: dict[str, tf.Tensor], states: GraphStates) -> list[tf.Tensor]:
        """See `_EdgeOperation`."""
        entities = states.entities[None]
        ends = at_sources(entities, states.incidence), at_targets(entities, states.incidence)
        hidden = leaky(linear(PAIRS[self.phi](*ends), kernels, "pair"))
        return _modulated(hidden, kernels, states)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "phi": self.phi}


PAIRS: dict[str, Callable[[tf.Tensor, tf.Tensor], tf.Tensor]] = {
    "difference": lambda u, w: tf.abs(u - w),
    "gaussian": lambda u, w: tf.exp(-0.5 * tf.square(u - w)),
    "max": tf.maximum,
    "sum": tf.add,
    "mean": lambda u, w: 0.5 * (u + w),
    "product": tf.multiply,
}
"""{phi: from the states at both ends of the edges to a tensor like them}."""


def _modulated(
    hidden: tf.Tensor, kernels: dict[str, tf.Tensor], states: GraphStates
) -> list[tf.Tensor]:
    """sigmoid(W1 h) * e + W2 h for every place."""
    gate, shift = linears(hidden, kernels, "gate", 2)
    return tf.unstack(tf.sigmoid(gate) * states.edges[None] + shift)
