# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The operations of the chain of entities: a message along every edge, and how they are summed up.

m = sigmoid(B h) * P(v_u) + C h, h = LeakyReLU(A e), P(v) = P2 LeakyReLU(P1 LeakyReLU(v)); without
edge states m = P(v_u). See `snas_tf.space.graphs.operations` for what of the published code it is.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from snas_tf.layers.graphs.graph_operation import GraphStates, TrainedOperation
from snas_tf.layers.graphs.incidence import AGGREGATIONS, Incidence, at_sources, averaged
from snas_tf.layers.graphs.rows import SLOPE, leaky
from snas_tf.native import messages as native


@keras.saving.register_keras_serializable(package="snas_tf")
class Aggregation(TrainedOperation):
    """Messages along the edges, made one for every entity.

    Args:
        aggregation: How, a key of `AGGREGATIONS`.
        **kwargs: Arguments of `GraphOperation`.
    """

    def __init__(self, aggregation: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.aggregation = aggregation

    def shapes(self) -> dict[str, tuple[int, int]]:
        """See `TrainedOperation`."""
        width = self.width
        found = {
            "first": (width, width),
            "first_bias": (1, width),
            "second": (width, width),
            "second_bias": (1, width),
        }
        if self.edge_states:
            found |= {
                "edge": (self.edge_width, width),
                "edge_bias": (1, width),
                "gate": (width, 2 * width),
                "gate_bias": (1, 2 * width),
            }
        return found

    def result(
        self, kernels: dict[str, tf.Tensor], states: GraphStates, training: bool
    ) -> list[tf.Tensor]:
        """See `TrainedOperation`."""
        entities, edges, graph = states
        hidden = linear(leaky(entities)[None], kernels, "first")
        carried = linear(leaky(hidden), kernels, "second")
        if training and self._is_native(carried, edges):
            return self._summed_natively(kernels, carried, edges, graph)
        messages = at_sources(carried, graph)
        if self.edge_states:
            hidden = leaky(linear(edges[None], kernels, "edge"))
            gate, shift = linears(hidden, kernels, "gate", 2)
            messages = tf.sigmoid(gate) * messages + shift
        aggregate = AGGREGATIONS[self.aggregation]
        return [
            tf.cast(aggregate(tf.cast(rows, tf.float32), graph), messages.dtype)
            for rows in tf.unstack(messages)
        ]

    def _is_native(self, carried: tf.Tensor, edges: tf.Tensor | None) -> bool:
        """Whether a custom C++ op makes, carries and adds up the messages."""
        return (
            self.edge_states
            and self.aggregation in ("mean", "sum", "max")
            and native.suits(carried, edges)
        )

    def _summed_natively(
        self,
        kernels: dict[str, tf.Tensor],
        carried: tf.Tensor,
        edges: tf.Tensor,
        graph: Incidence,
    ) -> list[tf.Tensor]:
        names = native.MessageWeights._fields
        by_place = zip(*(tf.unstack(kernels[name]) for name in names), strict=True)
        summed = [
            native.messages(
                states,
                edges,
                native.MessageWeights(*weights),
                (graph.sources, graph.targets),
                slope=SLOPE,
                greatest=self.aggregation == "max",
            )
            for states, weights in zip(tf.unstack(carried), by_place, strict=True)
        ]
        return [averaged(rows, graph) for rows in summed] if self.aggregation == "mean" else summed

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "aggregation": self.aggregation}


def linear(rows: tf.Tensor, kernels: dict[str, tf.Tensor], name: str) -> tf.Tensor:
    """A linear map of every place, with its bias where it has one.

    Args:
        rows: (places or 1, rows, inputs).
        kernels: Of the operation.
        name: Of the map.

    Returns:
        (places, rows, outputs).
    """
    product = tf.matmul(rows, kernels[name])
    bias = kernels.get(f"{name}_bias")
    return product if bias is None else product + bias


def linears(
    rows: tf.Tensor, kernels: dict[str, tf.Tensor], name: str, count: int
) -> list[tf.Tensor]:
    """Several linear maps of one width that stand beside each other, as `linear`.

    The kernels are split, not the products, which are as long as there are edges: at 300,000 edges
    a gate and its gradient take a seventh less.

    Args:
        rows: (places or 1, rows, inputs).
        kernels: Of the operation.
        name: Of the maps.
        count: How many there are.
    """
    parts = {
        key: tf.split(kernels[key], count, axis=-1)
        for key in (name, f"{name}_bias")
        if key in kernels
    }
    return [
        linear(rows, {key: of_all[number] for key, of_all in parts.items()}, name)
        for number in range(count)
    ]
