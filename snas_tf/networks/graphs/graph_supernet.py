# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The supernet of graph cells: every operation in every place, weighted by samples of Z."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from snas_tf import space
from snas_tf.distribution import Samples
from snas_tf.layers import transfer
from snas_tf.layers.graphs.disjoint import disjoint
from snas_tf.networks.graphs.graph_cell import GraphCell, GraphPlan
from snas_tf.networks.graphs.graph_inputs import check_graphs
from snas_tf.networks.graphs.graph_network import GraphNetwork, feature_layers, head
from snas_tf.networks.planned_supernet import PlannedSupernet


@keras.saving.register_keras_serializable(package="snas_tf")
class GraphSupernet(PlannedSupernet):
    """The network of a search for graph cells, a `Searchable`. It draws nothing itself.

    Batch normalisation in the operations has no scale and shift, as in EGNAS's search.

    Args:
        searched: The space.
        skeleton: The plan of the network.
        synchronized_batch_norm: Whether batch normalisation takes its statistics from the graphs of
            all replicas, as on one device; otherwise each replica has its own.

    Call arguments:
        inputs: A batch of padded graphs, see `graph_inputs`.
        samples: {decision: float32 (places, options)}: relaxed samples, probabilities or one-hot
            rows.
        training: Whether batch normalisation uses and updates the batch's statistics.
        one_hot: Whether all rows of the samples are one-hot. Then only the operation that each
            chooses runs: the others update no running statistics, and the gradient of their weights
            and of their entries in the samples is zero.

    Returns:
        float32: (batch, outputs) of graphs; (batch, most nodes, outputs) of nodes or (batch, most
        edges, outputs) of edges, zeros beyond what a graph has.
    """

    space_class = space.GraphSpace
    skeleton_class = space.GraphSkeleton
    examples = "graphs"

    def __init__(
        self,
        searched: space.GraphSpace,
        skeleton: space.GraphSkeleton,
        *,
        synchronized_batch_norm: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            searched,
            skeleton,
            space.graph_cost_table(searched, skeleton),
            synchronized_batch_norm=synchronized_batch_norm,
            **kwargs,
        )

    def make_layers(self) -> None:
        """See `PlannedSupernet`."""
        self.features = feature_layers(self.skeleton, self.dtype_policy)
        self.cells = [
            GraphCell(
                GraphPlan(self.space, self.skeleton, layer),
                dtype=self.dtype_policy,
                name=f"layer_{layer}",
            )
            for layer in range(1, self.space.num_layers + 1)
        ]
        self.head = head(self.skeleton, self.dtype_policy)

    def build(self, input_shape: object = None) -> None:
        """Creates all weights from the plan, so that no batch is needed to do so."""
        if self.built:
            return
        widths = (self.skeleton.node_features, self.skeleton.edge_features)
        for layer, width in zip(self.features, widths, strict=False):
            layer.build((None, width))
        for part in (*self.cells, self.head):
            part.build()
        self.built = True

    def call(
        self,
        inputs: Mapping[str, tf.Tensor],
        samples: Samples,
        training: bool = False,
        one_hot: bool = False,
    ) -> tf.Tensor:
        """Graphs and samples of Z to what is told of them; see the class."""
        nodes, edges, incidence, membership = disjoint(inputs)
        last = tuple(layer(x) for layer, x in zip(self.features, (nodes, edges), strict=False))
        before = last
        chosen = self._chosen if one_hot else None
        for cell in self.cells:
            before, last = (
                last,
                cell(before, last, incidence, samples, training=training, chosen=chosen),
            )
        read = [state for state in last if state is not None]
        return self.head(read, membership, training=training)

    def check_inputs(self, x: Any) -> None:
        """Checks graphs or a data set of them, see `check_graphs`.

        Args:
            x: What `fit`, `evaluate`, `predict` or a call is given.

        Raises:
            ValueError: They lack something, or have other features than the skeleton says.
        """
        check_graphs(x, self.skeleton)

    def child(self, architecture: space.Selection, **kwargs: Any) -> GraphNetwork:
        """The network of an architecture with this supernet's weights inside.

        Its answers are those of the supernet under the architecture's one-hot Z. Batch
        normalisation gets a scale of one and a shift of zero, which further training may move.

        Args:
            architecture: Of this space.
            **kwargs: Further arguments of `GraphNetwork`.

        Raises:
            InvalidInput: The architecture is of another space.
        """
        settings = {"dtype": self.dtype_policy, **kwargs}
        child = GraphNetwork(architecture, self.space, self.skeleton, **settings)
        for layer in (*self.features, self.head):
            transfer(layer, child.get_layer(layer.name))
        for cell in self.cells:
            child.take_cell(cell)
        return child
