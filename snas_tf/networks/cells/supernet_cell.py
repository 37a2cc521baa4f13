# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A cell of the supernet: a directed acyclic graph whose edges are mixed operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from snas_tf import space
from snas_tf.layers import EdgeOperation, FactorizedReduction, MixedOperation, ReLUConvBN
from snas_tf.layers.chosen_operation import ChosenOperation
from snas_tf.layers.shape import Shape
from snas_tf.native import concatenation


def preprocessing(
    plan: space.CellPlan, affine: bool, dtype: Any, prefix: str = "", trainable: bool = True
) -> list[keras.layers.Layer]:
    """The layers that bring a cell's inputs to its channels and resolution, unbuilt.

    Args:
        plan: The cell's plan.
        affine: Whether batch normalisation has a trained scale and shift.
        dtype: Dtype policy of the layers.
        prefix: What their names begin with.
        trainable: Whether they are to be trained.

    Returns:
        A layer an input, a factorized reduction where that has twice the resolution; none where the
        inputs have the cell's channels already.
    """
    layers = []
    for source, stride in enumerate(plan.preprocess_strides):
        layer = FactorizedReduction if stride == 2 else ReLUConvBN
        name = f"{prefix}preprocess_{source}"
        common = {"affine": affine, "dtype": dtype, "trainable": trainable}
        layers.append(layer(plan.channels, name=name, **common))
    return layers


def preprocessed(
    layer: keras.layers.Layer, inputs: tf.Tensor, training: bool | None = None
) -> tf.Tensor:
    """Applies a layer of `preprocessing`; a factorized reduction answers a list of one edge."""
    output = layer(inputs, training=training)
    return output[0] if isinstance(layer, EdgeOperation) else output


class SupernetCell(keras.layers.Layer):
    """x_j = sum_(i<j) sum_k Z^k_(i,j) O^k_(i,j)(x_i); the output is that of the cell space.

    Args:
        cells: The cell space.
        plan: The cell's plan, from `Skeleton.plan`.

    Call arguments:
        inputs: The outputs of the cells before, (batch, height, width, channels) each.
        samples: float32 (edges, ops), Z of the cell's kind.
        training: Whether batch normalisation uses and updates the batch's statistics.
        chosen: As for `MixedOperation`.

    Returns:
        (batch, height, width, channels of the plan's output).
    """

    def __init__(self, cells: space.CellSpace, plan: space.CellPlan, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.cells = cells
        self.plan = plan
        self.preprocessing = preprocessing(
            plan, affine=False, dtype=self.dtype_policy, trainable=self.trainable
        )
        self.sources = [
            MixedOperation(
                cells.primitives,
                num_edges=len(cells.edges_from(source)),
                stride=plan.edge_stride(source),
                dtype=self.dtype_policy,
                trainable=self.trainable,
                name=f"source_{source}",
            )
            for source in range(cells.nodes[-1])
        ]

    def build(self, inputs_shape: object = None, samples_shape: Shape | None = None) -> None:
        """Builds every layer from the plan."""
        for layer, resolution, channels in zip(
            self.preprocessing, self.plan.input_resolutions, self.plan.input_channels, strict=False
        ):
            layer.build((None, *resolution, channels))
        for source, mixed in enumerate(self.sources):
            mixed.build((None, *self.plan.edge_resolution(source), self.plan.channels))
        self.built = True

    def call(
        self,
        inputs: Sequence[tf.Tensor],
        samples: tf.Tensor,
        training: bool = False,
        chosen: ChosenOperation | None = None,
    ) -> tf.Tensor:
        """Walks the nodes in order; a source is done with all edges that leave it at once."""
        nodes = [*inputs]
        for position, layer in enumerate(self.preprocessing):
            nodes[position] = preprocessed(layer, inputs[position], training)
        arriving: dict[int, list[tf.Tensor]] = {node: [] for node in self.cells.nodes}
        for source, mixed in enumerate(self.sources):
            if source >= self.cells.num_inputs:
                nodes.append(tf.add_n(arriving[source]))
            positions = self.cells.edges_from(source)
            rows = tf.gather(samples, positions)
            outputs = mixed(nodes[source], rows, training=training, chosen=chosen)
            for position, output in zip(positions, outputs, strict=True):
                arriving[self.cells.edges[position].node].append(output)
        nodes.append(tf.add_n(arriving[self.cells.nodes[-1]]))
        if self.plan.output == "last_node":
            return nodes[-1]
        own = nodes[self.cells.num_inputs :]
        if training and concatenation.suits(own):
            return concatenation.concatenation(own)
        return tf.concat(own, axis=-1)

    def edge_operation(self, connection: space.Connection) -> tuple[EdgeOperation, int]:
        """The operation of a connection and the position of its edge in that operation."""
        edge = space.Edge(connection.source, connection.node)
        leaving = self.cells.edges_from(connection.source)
        position = leaving.index(self.cells.edges.index(edge))
        return self.sources[connection.source].operation(connection.operation), position
