# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is fixed around the cells of a graph network: what goes in, what comes out, how wide."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from snas_tf.errors import InvalidInput
from snas_tf.space.graphs.graph_space import EDGE, ENTITY

TASKS = ("node", "edge", "graph")
"""What is to be told: something of every node, of every edge, or of a whole graph."""


@dataclasses.dataclass(frozen=True, slots=True)
class GraphSkeleton:
    """The plan of a graph network.

    Attributes:
        task: One of `TASKS`.
        num_outputs: Numbers that are told of each: classes, or values of a regression.
        node_features: Features of a node, at least 1.
        edge_features: Features of an edge, at least 1; edges without any have one that is 1.
        width: Width of entity states.
        edge_width: Width of edge states.
        edge_states: Whether there is a chain of edge states. Without it a message is P(v_u) alone,
            and what is decided of edges has no part in the network.
        typical_nodes: Nodes of a graph, of which costs are told.
        typical_edges: Edges of a graph, likewise.

    Raises:
        InvalidInput: A value is out of its range.
    """

    task: str
    num_outputs: int
    node_features: int
    edge_features: int = 1
    width: int = 32
    edge_width: int = 16
    edge_states: bool = True
    typical_nodes: int = 32
    typical_edges: int = 128

    def __post_init__(self) -> None:
        if self.task not in TASKS:
            raise InvalidInput(f"`task` must be one of {', '.join(TASKS)}: given {self.task!r}")
        for field in dataclasses.fields(self):
            given = getattr(self, field.name)
            if field.name in ("task", "edge_states"):
                continue
            if type(given) is not int or given < 1:
                raise InvalidInput(
                    f"`{field.name}` must be a whole number, at least 1: given {given!r}"
                )
        if type(self.edge_states) is not bool:
            raise InvalidInput(f"`edge_states` must be True or False: given {self.edge_states!r}")
        if self.task == "edge" and not self.edge_states:
            raise InvalidInput(
                "`edge_states` must be True where edges are told of: given False; do set it, or "
                "take another task"
            )

    @property
    def sizes(self) -> tuple[int, int]:
        """Entities and edges of a typical graph."""
        return self.typical_nodes, self.typical_edges

    @property
    def widths(self) -> tuple[int, int]:
        """Of entity and edge states."""
        return self.width, self.edge_width

    @property
    def hidden(self) -> int:
        """Width of the hidden layer of the head: half of that of what it reads of."""
        return max((self.edge_width if self.task == "edge" else self.width) // 2, 1)

    @property
    def read(self) -> tuple[str, ...]:
        """The chains that the head reads at the end."""
        return {
            "node": (ENTITY,),
            "edge": (EDGE,),
            "graph": (ENTITY, EDGE) if self.edge_states else (ENTITY,),
        }[self.task]

    def is_dead(self, layer: int, chain: str, state: int, num_layers: int, num_states: int) -> bool:
        """Whether nothing can come of a state, whatever is decided.

        A chain that is not there is dead; and of one that the head does not read, the last state
        of the last layer, which only the layer's answer would have.

        Args:
            layer: Number of the layer, from 1.
            chain: `ENTITY` or `EDGE`.
            state: Number of the state, from 2.
            num_layers: Of the space.
            num_states: Of the space.
        """
        if chain == EDGE and not self.edge_states:
            return True
        last = layer == num_layers and state == num_states + 1
        return last and chain not in self.read

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain data."""
        return dataclasses.asdict(self)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> GraphSkeleton:
        """Restores the plan from `get_config`."""
        return cls(**config)
