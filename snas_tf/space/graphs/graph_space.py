# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The space of graph cells: what makes each entity state and each edge state of each layer.

A layer is a cell of EGNAS. Its states 0 and 1 are what the two layers before it gave, in entities
and in edges; state i = 2 ... N + 1 is the sum of an operation on every state before it,

    V_i = sum over j < i of O_(j,i)(V_j, E_j),      E_i likewise,

so that each of the two chains has (N^2 + 3 N) / 2 places, and every layer its own.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from snas_tf.errors import InvalidInput
from snas_tf.space.decision import Decision
from snas_tf.space.graphs.derivation import RULES
from snas_tf.space.graphs.operations import (
    EDGE_OPERATIONS,
    EGNAS_EDGE_OPERATIONS,
    EGNAS_ENTITY_OPERATIONS,
    ENTITY_OPERATIONS,
    IDENTITY,
    NONE,
)
from snas_tf.space.product_space import ProductSpace, Selection

ENTITY, EDGE = "entity", "edge"
"""The two chains of a layer."""


class GraphPlace(NamedTuple):
    """Where an operation stands in a chain: from a state to a later one."""

    source: int
    state: int


def graph_decision(layer: int, chain: str) -> str:
    """The name of a decision.

    Args:
        layer: Number of the layer, from 1.
        chain: `ENTITY` or `EDGE`.
    """
    return f"layer_{layer}_{chain}"


@dataclasses.dataclass(frozen=True, slots=True)
class GraphSpace:
    """A `DecisionSpace` of two decisions a layer, whose architectures are `Selection`s.

    Attributes:
        num_layers: Number of layers, at least 1.
        num_states: States N that a layer adds to the two that it is given, at least 1.
        entity_operations: What may stand in the entity chain, of `ENTITY_OPERATIONS`.
        edge_operations: What may stand in the edge chain, of `EDGE_OPERATIONS`.

    Raises:
        InvalidInput: A number or an operation is another.
    """

    num_layers: int = 4
    num_states: int = 4
    entity_operations: tuple[str, ...] = EGNAS_ENTITY_OPERATIONS
    edge_operations: tuple[str, ...] = EGNAS_EDGE_OPERATIONS

    def __post_init__(self) -> None:
        for field in ("num_layers", "num_states"):
            given = getattr(self, field)
            if type(given) is not int or given < 1:
                raise InvalidInput(f"`{field}` must be a whole number, at least 1: given {given!r}")
        for field, known in (
            ("entity_operations", ENTITY_OPERATIONS),
            ("edge_operations", EDGE_OPERATIONS),
        ):
            given = getattr(self, field)
            names = () if isinstance(given, str) else tuple(given)
            if not names or len({*names}) < len(names) or not {*names} <= {*known}:
                raise InvalidInput(
                    f"`{field}` must be different ones of {', '.join(known)}: given {given!r}"
                )
            object.__setattr__(self, field, names)

    @property
    def places(self) -> tuple[GraphPlace, ...]:
        """The places of a chain, state by state."""
        states = range(2, self.num_states + 2)
        return tuple(GraphPlace(source, state) for state in states for source in range(state))

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """For every layer what makes its entity states, then what makes its edge states."""
        return _product(self).decisions

    def operations(self, chain: str) -> tuple[str, ...]:
        """What may stand in a chain, `ENTITY` or `EDGE`."""
        return self.entity_operations if chain == ENTITY else self.edge_operations

    def chosen(
        self, architecture: Selection, layer: int, chain: str
    ) -> tuple[tuple[GraphPlace, str], ...]:
        """The operations of a chain, without those that are "none".

        Args:
            architecture: Of this space.
            layer: Number of the layer, from 1.
            chain: `ENTITY` or `EDGE`.
        """
        names = architecture[graph_decision(layer, chain)]
        pairs = zip(self.places, names, strict=True)
        return tuple((place, name) for place, name in pairs if name != NONE)

    def check(self, architecture: Selection) -> None:
        """Checks that an architecture is of this space.

        Raises:
            InvalidInput: It is not.
        """
        _product(self).encode(architecture)

    def encode(self, architecture: Selection) -> dict[str, np.ndarray]:
        """The decisions of an architecture; see `ProductSpace`."""
        return _product(self).encode(architecture)

    def decode(self, scores: Mapping[str, np.ndarray], rule: str = "argmax") -> Selection:
        """The architecture that scores choose.

        Args:
            scores: {decision: (places, options)}.
            rule: "argmax"; or "top2" or "greedy", which leave two operations a state, see
                `snas_tf.space.graphs.derivation`.

        Raises:
            InvalidInput: The rule is unknown, or cannot be used without "none"; or an array has
                another shape or holds NaN.
        """
        if rule not in RULES:
            raise InvalidInput(f"`rule` must be one of {', '.join(RULES)}: given {rule!r}")
        best = _product(self).decode(scores)
        if rule == "argmax":
            return best
        targets, chosen = np.array([place.state for place in self.places]), {}
        for decision in self.decisions:
            options = decision.options
            if NONE not in options or len(options) == 1:
                raise InvalidInput(
                    f"`rule` must be argmax where there are not both none and another operation, "
                    f"as of {decision.name} with {', '.join(options)}: given {rule!r}"
                )
            rows = np.asarray(scores[decision.name])
            columns = RULES[rule](rows, targets, options.index(NONE))
            chosen[decision.name] = [options[column] for column in columns]
        return Selection(chosen)

    def sample(self, rng: np.random.Generator) -> Selection:
        """An architecture, every place uniform; see `ProductSpace`."""
        return _product(self).sample(rng)

    def mutate(self, architecture: Selection, rng: np.random.Generator) -> Selection:
        """Another operation in one place; see `ProductSpace`."""
        return _product(self).mutate(architecture, rng)

    def from_json(self, text: str) -> Selection:
        """Reads what `Selection.to_json` wrote; raises `InvalidInput` for anything else."""
        return _product(self).from_json(text)

    def title(self, decision: str) -> str:
        """What people call a decision, such as "entities of layer 1"."""
        _, layer, chain = decision.split("_")
        return f"{'entities' if chain == ENTITY else 'edges'} of layer {layer}"

    def defects(self, architecture: Selection, decision: str) -> Iterator[tuple[str, str]]:
        """What is wrong with a decision that a search has made.

        Yields:
            What is wrong, and the sentence that tells it.
        """
        if not decision.endswith(ENTITY):
            return
        names, called = {*architecture[decision]}, self.title(decision)
        remedy = (
            "do lower search.resource_weight or raise the target where the search minds cost, else "
            "lower search.architecture_learning_rate"
        )
        if names == {NONE}:
            yield "empty", f"the {called} are made of nothing, and carry nothing on; {remedy}"
        elif names <= {NONE, IDENTITY}:
            yield "no_message", f"no message is sent along the edges in the {called}; {remedy}"

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain data."""
        return {
            "num_layers": self.num_layers,
            "num_states": self.num_states,
            "entity_operations": list(self.entity_operations),
            "edge_operations": list(self.edge_operations),
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> GraphSpace:
        """Restores the space from `get_config`."""
        return cls(**config)


def chains(layers: int) -> Sequence[tuple[int, str]]:
    """(layer, chain) of every decision of some layers, in their order."""
    return [(layer, chain) for layer in range(1, layers + 1) for chain in (ENTITY, EDGE)]


@functools.lru_cache(maxsize=32)
def _product(space: GraphSpace) -> ProductSpace:
    """The same space without a meaning."""
    places = [f"{source}->{state}" for source, state in space.places]
    return ProductSpace(
        tuple(
            Decision(graph_decision(layer, chain), places, space.operations(chain))
            for layer, chain in chains(space.num_layers)
        )
    )
