# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A layer of the supernet: two chains of states, all operations in every place."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from snas_tf import space
from snas_tf.distribution import Samples
from snas_tf.layers.chosen_operation import ChosenOperation
from snas_tf.layers.graphs.ends import JoinedStates
from snas_tf.layers.graphs.graph_mixture import GraphMixture
from snas_tf.layers.graphs.graph_operation import GraphOperation, GraphStates
from snas_tf.layers.graphs.incidence import Incidence
from snas_tf.space.graphs.graph_space import EDGE, ENTITY

Pair = tuple[tf.Tensor, tf.Tensor | None]
"""The states of both chains; None where there is no chain of edges."""


class GraphPlan:
    """What of a layer is built, the same in supernet and child.

    Args:
        searched: The space.
        skeleton: The plan around it.
        layer: Number of the layer, from 1.
    """

    def __init__(
        self, searched: space.GraphSpace, skeleton: space.GraphSkeleton, layer: int
    ) -> None:
        self.space = searched
        self.skeleton = skeleton
        self.layer = layer
        self.is_last = layer == searched.num_layers
        self.chains = (ENTITY, EDGE) if skeleton.edge_states else (ENTITY,)

    def is_alive(self, chain: str, place: space.GraphPlace) -> bool:
        """Whether something can come of a place."""
        states = (self.space.num_layers, self.space.num_states)
        return not self.skeleton.is_dead(self.layer, chain, place.state, *states)

    def leaving(self, chain: str, source: int) -> list[int]:
        """The numbers of the places that leave a state, those of which something can come."""
        return [
            number
            for number, place in enumerate(self.space.places)
            if place.source == source and self.is_alive(chain, place)
        ]

    def end(self, chain: str, prefix: str = "", **kwargs: Any) -> JoinedStates | None:
        """The layer that joins the states of a chain; None where nobody reads what it gives."""
        if self.is_last and chain not in self.skeleton.read:
            return None
        width = self.skeleton.widths[chain == EDGE]
        joined = (self.space.num_states + 2) * width
        outputs = None if self.is_last else width
        return JoinedStates(joined, width, outputs, name=f"{prefix}{chain}_end", **kwargs)

    def operation_arguments(self) -> dict[str, Any]:
        """Those of every operation."""
        width, edge_width = self.skeleton.widths
        edge_states = self.skeleton.edge_states
        return {"width": width, "edge_width": edge_width, "edge_states": edge_states}


class GraphCell(keras.layers.Layer):
    """V_j = sum_(i<j) sum_k Z^k_(i,j) O^k_(i,j)(V_i, E_i), and E_j likewise.

    Args:
        plan: What of it is built.

    Call arguments:
        before: What the layer before the last one gave, entities and edges.
        last: What the last one gave.
        incidence: Which entities the edges join.
        samples: {decision: float32 (places, options)}.
        training: Whether batch normalisation uses and updates the batch's statistics.
        chosen: As for `GraphMixture`.

    Returns:
        What the next layer is given, or the head: entities and edges, None for a chain that nobody
        reads.
    """

    def __init__(self, plan: GraphPlan, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.plan = plan
        searched, skeleton = plan.space, plan.skeleton
        common = {"dtype": self.dtype_policy, "trainable": self.trainable}
        self.mixtures = {
            f"{chain}_{source}": GraphMixture(
                searched.operations(chain),
                chain == EDGE,
                skeleton.widths,
                skeleton.edge_states,
                len(plan.leaving(chain, source)),
                name=f"{chain}_{source}",
                **common,
            )
            for chain in plan.chains
            for source in range(searched.num_states + 1)
            if plan.leaving(chain, source)
        }
        ends = {chain: plan.end(chain, **common) for chain in plan.chains}
        self.ends = {chain: end for chain, end in ends.items() if end is not None}

    def build(self, input_shape: Any = None) -> None:
        """Builds every part, whose sizes the plan tells."""
        for part in (*self.mixtures.values(), *self.ends.values()):
            part.build()
        self.built = True

    def call(
        self,
        before: Pair,
        last: Pair,
        incidence: Incidence,
        samples: Samples,
        training: bool = False,
        chosen: ChosenOperation | None = None,
    ) -> Pair:
        """Walks the states in order; one is done with all places that leave it at once."""
        places = self.plan.space.places
        states: dict[str, list[tf.Tensor]] = {
            chain: [before[number], last[number]] for number, chain in enumerate(self.plan.chains)
        }
        count = self.plan.space.num_states + 2
        sums: dict[str, list[list[tf.Tensor]]] = {
            chain: [[] for _ in range(count)] for chain in states
        }
        for source in range(count - 1):
            if source >= 2:
                for chain, arriving in sums.items():
                    states[chain].append(tf.add_n(arriving[source]))
            given = [of_chain[source] for of_chain in states.values()]
            inputs = GraphStates(given[0], given[1] if len(given) > 1 else None, incidence)
            for chain, arriving in sums.items():
                numbers = self.plan.leaving(chain, source)
                if not numbers:
                    continue
                rows = tf.gather(samples[space.graph_decision(self.plan.layer, chain)], numbers)
                mixture = self.mixtures[f"{chain}_{source}"]
                outputs = mixture(inputs, rows, training=training, chosen=chosen)
                for number, output in zip(numbers, outputs, strict=True):
                    arriving[places[number].state].append(output)
        found = []
        for chain in (ENTITY, EDGE):
            if chain not in self.ends:
                found.append(None)
                continue
            states[chain].append(tf.add_n(sums[chain][-1]))
            found.append(self.ends[chain](states[chain], training=training))
        return tuple(found)

    def operation(
        self, chain: str, place: space.GraphPlace, name: str
    ) -> tuple[GraphOperation, int]:
        """An operation, and the position of a place among those that it stands in."""
        number = self.plan.space.places.index(place)
        position = self.plan.leaving(chain, place.source).index(number)
        return self.mixtures[f"{chain}_{place.source}"].operation(name), position
