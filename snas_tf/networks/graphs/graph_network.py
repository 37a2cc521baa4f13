# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The network of an architecture of graph cells: the operations that it keeps, and no other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from snas_tf import space
from snas_tf.layers import synchronize, transfer
from snas_tf.layers.graphs.disjoint import JoinedGraphs
from snas_tf.layers.graphs.ends import GraphHead, StateSum
from snas_tf.layers.graphs.graph_mixture import graph_operation
from snas_tf.layers.graphs.graph_operation import GraphStates
from snas_tf.networks.default_policy import default_policy
from snas_tf.networks.graphs.graph_cell import GraphCell, GraphPlan
from snas_tf.networks.graphs.graph_inputs import check_graphs, graph_inputs
from snas_tf.networks.image_network import ImageNetwork
from snas_tf.networks.recalibration import normalizations
from snas_tf.space.graphs.graph_space import EDGE, ENTITY


@keras.saving.register_keras_serializable(package="snas_tf")
class GraphNetwork(ImageNetwork):
    """The network of an architecture of `space.GraphSpace`: an ordinary functional Keras model.

    It takes a batch of padded graphs, a dict, see `graph_inputs`, and answers as
    `GraphSupernet` does. It trains by itself with `compile` and `fit`.

    Args:
        genotype: The architecture.
        searched: The space that it is of.
        skeleton: The plan of the network; it may be wider than the one searched on.
        synchronized_batch_norm: Whether batch normalisation takes its statistics from the graphs of
            all replicas, as on one device.

    Raises:
        InvalidInput: The architecture is of another space.
    """

    architecture_class = space.Selection
    skeleton_class = space.GraphSkeleton
    space_class = space.GraphSpace
    in_keras_layers = False

    def __init__(
        self,
        genotype: space.Selection,
        searched: space.GraphSpace,
        skeleton: space.GraphSkeleton,
        *,
        synchronized_batch_norm: bool = False,
        **kwargs: Any,
    ) -> None:
        searched.check(genotype)
        dtype = keras.dtype_policies.get(kwargs.pop("dtype", None) or default_policy())
        inputs = graph_inputs(skeleton)
        nodes, edges, incidence, membership = JoinedGraphs(dtype=dtype, name="graphs")(inputs)
        builder = _Builder(genotype, searched, skeleton, dtype, incidence)
        last = [
            layer(tensor)
            for layer, tensor in zip(feature_layers(skeleton, dtype), (nodes, edges), strict=False)
        ]
        before, unread = last, []
        for layer in range(1, searched.num_layers + 1):
            states = builder.states(layer, before, last)
            before, (last, unread) = last, builder.ends(layer, states)
        outputs = head(skeleton, dtype)(last, membership, unread=unread)
        super().__init__(inputs=inputs, outputs=outputs, **{"name": "child", **kwargs})
        self.dtype_policy = dtype
        self.genotype = genotype
        self.space = searched
        self.skeleton = skeleton
        self.synchronized_batch_norm = synchronized_batch_norm
        if synchronized_batch_norm:
            synchronize(self)

    @property
    def cost(self) -> space.Cost:
        """Its exact cost."""
        return space.graph_cost(self.genotype, self.space, self.skeleton)

    def take_cell(self, cell: GraphCell) -> None:
        """Copies into one layer the weights that the architecture keeps of a supernet's.

        Args:
            cell: The supernet's layer.
        """
        layer = cell.plan.layer
        for chain in cell.plan.chains:
            if chain in cell.ends:
                transfer(cell.ends[chain], self.get_layer(f"layer_{layer}_{chain}_end"))
            for place, name in self.space.chosen(self.genotype, layer, chain):
                if cell.plan.is_alive(chain, place):
                    operation, position = cell.operation(chain, place, name)
                    transfer(operation, self.get_layer(_name(layer, chain, place)), position)

    def typical_inputs(self, batch_size: int) -> dict[str, tf.Tensor]:
        """A batch of noise on graphs of the sizes that the skeleton calls typical.

        Args:
            batch_size: Number of graphs.
        """
        nodes, edges = self.skeleton.sizes
        ends = tf.random.uniform((2, batch_size, edges), maxval=nodes, dtype=tf.int32)
        return {
            "nodes": tf.random.normal((batch_size, nodes, self.skeleton.node_features)),
            "edges": tf.random.normal((batch_size, edges, self.skeleton.edge_features)),
            "sources": ends[0],
            "targets": tf.sort(ends[1], axis=1),
            "num_nodes": tf.fill((batch_size,), nodes),
            "num_edges": tf.fill((batch_size,), edges),
        }

    def normalized_rows(self, batch: Mapping[str, Any]) -> dict[keras.layers.Layer, int]:
        """How many rows each batch normalisation has of a batch: its nodes, edges or graphs.

        Args:
            batch: A batch of padded graphs.
        """
        check_graphs(batch, self.skeleton)
        rows = {
            "node": int(np.sum(batch["num_nodes"])),
            "edge": int(np.sum(batch["num_edges"])),
            "graph": len(batch["num_nodes"]),
        }
        found = {}
        for layer in self.layers:
            of_edges = f"_{EDGE}_" in layer.name
            told = self.skeleton.task if isinstance(layer, GraphHead) else "node"
            for part in normalizations(layer):
                found[part] = rows["edge" if of_edges else told]
        return found

    def to_keras(self, **kwargs: Any) -> keras.Model:
        """Refused: Keras has no layers for graphs.

        Raises:
            ValueError: Always; says what to do.
        """
        raise ValueError(
            "A graph network cannot be written in Keras's own layers, which know no edges. Save it "
            "as it is, or `export` it."
        )


def feature_layers(skeleton: space.GraphSkeleton, dtype: Any) -> list[keras.layers.Layer]:
    """What takes the features of nodes, and of edges where there is a chain of them.

    Args:
        skeleton: The plan of the network.
        dtype: Dtype policy of the layers.
    """
    chains = (ENTITY, EDGE) if skeleton.edge_states else (ENTITY,)
    return [
        keras.layers.Dense(width, dtype=dtype, name=f"{chain}_features")
        for chain, width in zip(chains, skeleton.widths, strict=False)
    ]


def head(skeleton: space.GraphSkeleton, dtype: Any) -> GraphHead:
    """The head of a network, as `feature_layers`."""
    widths = dict(zip((ENTITY, EDGE), skeleton.widths, strict=True))
    inputs = sum(widths[chain] for chain in skeleton.read)
    return GraphHead(
        skeleton.task,
        inputs=2 * inputs if skeleton.task == "graph" else inputs,
        hidden=skeleton.hidden,
        outputs=skeleton.num_outputs,
        dtype=dtype,
        name="head",
    )


class _Builder:
    """Builds the layers of a network, one after the other."""

    def __init__(
        self,
        genotype: space.Selection,
        searched: space.GraphSpace,
        skeleton: space.GraphSkeleton,
        dtype: Any,
        incidence: Any,
    ) -> None:
        self.genotype = genotype
        self.space = searched
        self.skeleton = skeleton
        self.dtype = dtype
        self.incidence = incidence

    def states(self, layer: int, before: list[Any], last: list[Any]) -> dict[str, list[Any]]:
        """All states of a layer, by their chains; those of which nothing can come are left out."""
        plan = GraphPlan(self.space, self.skeleton, layer)
        states = {chain: [before[number], last[number]] for number, chain in enumerate(plan.chains)}
        chosen = {chain: self.space.chosen(self.genotype, layer, chain) for chain in plan.chains}
        for state in range(2, self.space.num_states + 2):
            made = {}
            for chain in plan.chains:
                if not plan.is_alive(chain, space.GraphPlace(0, state)):
                    continue
                arriving = [
                    self.operation(layer, chain, place, name, states)
                    for place, name in chosen[chain]
                    if place.state == state
                ]
                made[chain] = self.total(layer, chain, state, arriving, states)
            for chain, tensor in made.items():
                states[chain].append(tensor)
        return states

    def operation(
        self,
        layer: int,
        chain: str,
        place: space.GraphPlace,
        name: str,
        states: dict[str, list[Any]],
    ) -> Any:
        """What an operation makes of a pair of states."""
        return self.applied(name, chain, _name(layer, chain, place), place.source, states)

    def total(
        self,
        layer: int,
        chain: str,
        state: int,
        arriving: list[Any],
        states: dict[str, list[Any]],
    ) -> Any:
        """The sum of what arrives at a state; zeros where nothing does."""
        name = f"layer_{layer}_{chain}_{state}"
        if not arriving:
            return self.applied("none", chain, name, 0, states)
        if len(arriving) == 1:
            return arriving[0]
        return StateSum(dtype=self.dtype, name=name)(arriving)

    def applied(
        self, operation: str, chain: str, name: str, source: int, states: dict[str, list[Any]]
    ) -> Any:
        """An operation on a pair of states."""
        width, edge_width = self.skeleton.widths
        layer = graph_operation(
            chain == EDGE,
            operation,
            width=width,
            edge_width=edge_width,
            edge_states=self.skeleton.edge_states,
            dtype=self.dtype,
            name=name,
        )
        edges = states[EDGE][source] if self.skeleton.edge_states else None
        (output,) = layer(GraphStates(states[ENTITY][source], edges, self.incidence))
        return output

    def ends(self, layer: int, states: dict[str, list[Any]]) -> tuple[list[Any], list[Any]]:
        """What the next layer is given, or the head; and the states that nobody reads."""
        plan = GraphPlan(self.space, self.skeleton, layer)
        given, unread = [], []
        for chain, of_chain in states.items():
            end = plan.end(chain, f"layer_{layer}_", dtype=self.dtype)
            if end is None:
                unread += of_chain
            else:
                given.append(end(of_chain))
        return given, unread


def _name(layer: int, chain: str, place: space.GraphPlace) -> str:
    return f"layer_{layer}_{chain}_{place.source}_{place.state}"
