# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""All operations of a chain in the places that leave one state, mixed by the sampled weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from snas_tf.layers.chosen_operation import ChosenOperation, values_by_edge
from snas_tf.layers.graphs.edge_operations import Cat, Film, Gru, Pair
from snas_tf.layers.graphs.entity_operations import Aggregation
from snas_tf.layers.graphs.graph_operation import GraphOperation, GraphStates, PlainState
from snas_tf.layers.graphs.rows import is_any
from snas_tf.layers.normalization.normalization_values import Statistics

_OF_BOTH_ENDS = {"cat": Cat, "gru": Gru, "film": Film}


def graph_operation(of_edges: bool, operation: str, **kwargs: Any) -> GraphOperation:
    """The layer of an operation.

    Args:
        of_edges: Whether it belongs to the chain of edges.
        operation: One of `space.EDGE_OPERATIONS`, or of `space.ENTITY_OPERATIONS`.
        **kwargs: Arguments of `GraphOperation`.
    """
    if operation in ("none", "identity"):
        return PlainState(of_edges, int(operation == "identity"), **kwargs)
    if not of_edges:
        return Aggregation(operation, **kwargs)
    if operation in _OF_BOTH_ENDS:
        return _OF_BOTH_ENDS[operation](**kwargs)
    return Pair(operation.removeprefix("pair_"), **kwargs)


class GraphMixture(keras.layers.Layer):
    """The mixed operations of one chain in the E places that leave state i.

        Otilde_(i,j)(V_i, E_i) = sum_k Z^k_(i,j) O^k_(i,j)(V_i, E_i)

    Args:
        operations: Names of the K candidate operations.
        of_edges: Whether they belong to the chain of edges.
        widths: Of entity and edge states.
        edge_states: Whether there is a chain of edges.
        num_places: Number of places E that leave the state, positive.

    Call arguments:
        inputs: The `GraphStates`.
        samples: float32 (E, K), the rows of Z for these places.
        training: Whether batch normalisation uses and updates the batch's statistics.
        chosen: Given, the rows of Z are one-hot, and it runs the chosen operation of each place
            alone: the others neither compute, nor get a gradient other than zero, nor update
            running statistics. None runs all operations.

    Returns:
        List of E tensors (rows, width), one for every later state.
    """

    def __init__(
        self,
        operations: Sequence[str],
        of_edges: bool,
        widths: tuple[int, int],
        edge_states: bool,
        num_places: int,
        **kwargs: Any,
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        self.names = tuple(operations)
        self.of_edges = of_edges
        self.widths = tuple(widths)
        self.edge_states = edge_states
        self.num_places = num_places
        self.operations = [
            graph_operation(
                of_edges,
                name,
                width=widths[0],
                edge_width=widths[1],
                edge_states=edge_states,
                num_edges=num_places,
                affine=False,
                dtype=self.dtype_policy,
                trainable=self.trainable,
                name=name,
            )
            for name in self.names
        ]

    def build(self, input_shape: Any = None) -> None:
        """Builds every operation."""
        for operation in self.operations:
            operation.build()
        self.built = True

    def call(
        self,
        inputs: GraphStates,
        samples: tf.Tensor,
        training: bool = False,
        chosen: ChosenOperation | None = None,
    ) -> list[tf.Tensor]:
        """Runs every operation and sums; "none" is left out of the sum, where it adds nothing."""
        if chosen is not None:
            return self._run_chosen(chosen, inputs, samples, training)
        terms = [
            operation(inputs, weights, training=training)
            for name, operation, weights in zip(
                self.names, self.operations, tf.unstack(samples, axis=1), strict=True
            )
            if name != "none" or len(self.names) == 1
        ]
        return [tf.add_n(place) for place in zip(*terms, strict=True)]

    def _run_chosen(
        self, chosen: ChosenOperation, inputs: GraphStates, samples: tf.Tensor, training: bool
    ) -> list[tf.Tensor]:
        frozen = tuple(
            not layer.trainable
            for operation in self.operations
            for layer in operation.normalization_layers()
        )
        sizes = (self.widths, self.edge_states, self.of_edges)
        kind = (self.names, sizes, self.dtype_policy.name, frozen)
        values = [values_by_edge(operation.values()) for operation in self.operations]
        results = [
            chosen(self.operations, kind, of_place, inputs, row, training)
            for of_place, row in zip(zip(*values, strict=True), tf.unstack(samples), strict=True)
        ]
        outputs, statistics = zip(*results, strict=True)
        if training:
            self._update(tf.stack(statistics, axis=2), samples, is_any(outputs[0]))
        return list(outputs)

    def _update(self, statistics: tf.Tensor, samples: tf.Tensor, any_row: tf.Tensor) -> None:
        """Takes (2, 0 or 1, E, width) to the running statistics of the operations that ran."""
        for operation, weights in zip(self.operations, tf.unstack(samples, axis=1), strict=True):
            for layer in operation.normalization_layers():
                batch = Statistics(*tf.unstack(statistics[:, 0]))
                layer.update(batch, tf.reshape(weights != 0, (-1, 1)) & any_row)

    def operation(self, name: str) -> GraphOperation:
        """The layer of one candidate operation."""
        return self.operations[self.names.index(name)]
