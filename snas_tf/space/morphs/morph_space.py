# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The open space of all networks that grow from a root by morphs."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from snas_tf.errors import InvalidInput
from snas_tf.space.morphs import distance, places
from snas_tf.space.morphs.inheritance import inheritance
from snas_tf.space.morphs.layer_graph import LayerGraph
from snas_tf.space.morphs.layer_graph_cost import layer_graph_cost, training_bytes
from snas_tf.space.morphs.morph import Morph, apply

_MOST_DRAWS = 20  # of a morph that keeps to the bounds, before all are looked through


@dataclasses.dataclass(frozen=True, slots=True)
class MorphSpace:
    """A `Space` whose architectures are `LayerGraph`s, without decisions: hence no supernet.

    Attributes:
        root: The network from which all others grow.
        max_layers: Most layers, merges and activations counted.
        max_parameters: Most weights; by default those of Auto-Keras.
        max_width: Most filters or units of a layer that is widened.
        kernel_sizes: Of the convolutions by which networks are deepened, odd.
        max_sampled: `sample` takes up to as many morphs from the root.
        skip_weight: lambda of the distance.
        max_memory: Most bytes that a training step needs, see `training_bytes`; 0 for no bound.
        batch_size: Images of that step.

    Raises:
        InvalidInput: A bound is out of range, or the root is beyond it.
    """

    root: LayerGraph
    max_layers: int = 200
    max_parameters: int = 2**25
    max_width: int = 1024
    kernel_sizes: tuple[int, ...] = (1, 3, 5)
    max_sampled: int = 8
    skip_weight: float = 1.0
    max_memory: int = 0
    batch_size: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "kernel_sizes", tuple(self.kernel_sizes))
        counts = ("max_layers", "max_parameters", "max_width", "max_sampled", "batch_size")
        for name, least in (*((name, 1) for name in counts), ("max_memory", 0)):
            value = getattr(self, name)
            if type(value) is not int or value < least:
                raise InvalidInput(
                    f"`{name}` must be a whole number, at least {least}: given {value!r}"
                )
        sizes = self.kernel_sizes
        if not sizes or not all(type(size) is int and size > 0 and size % 2 for size in sizes):
            raise InvalidInput(f"`kernel_sizes` must be odd whole numbers: given {sizes}")
        if not self.skip_weight > 0:
            raise InvalidInput(f"`skip_weight` must be positive: given {self.skip_weight}")
        for name, count, most in self._counted(self.root):
            if count > most:
                raise InvalidInput(
                    f"`{name}` must leave room for the root, which has {count:,}: given {most:,}"
                )

    @property
    def decisions(self) -> tuple[()]:
        """There are none, so that no distribution can be learnt over this space."""
        return ()

    def sample(self, rng: np.random.Generator) -> LayerGraph:
        """A network some random morphs from the root, 1 to `max_sampled`, as likely.

        Args:
            rng: Where the chance comes from.
        """
        architecture = self.root
        for _ in range(int(rng.integers(1, self.max_sampled + 1))):
            architecture = self.mutate(architecture, rng)
        return architecture

    def mutate(self, architecture: LayerGraph, rng: np.random.Generator) -> LayerGraph:
        """A network one morph away: its kind as likely as the others, then its place.

        Args:
            architecture: A network of this space.
            rng: Where the chance comes from.

        Returns:
            The network; the same where the bounds leave no morph.
        """
        found = _morphs(architecture, self.kernel_sizes, self.max_width)
        kinds = [morphs for morphs in found if morphs]
        for _ in range(_MOST_DRAWS if kinds else 0):
            morphs = kinds[rng.integers(len(kinds))]
            grown = apply(architecture, morphs[rng.integers(len(morphs))])
            if self._keeps(grown):
                return grown
        within = list(self.neighbors(architecture))
        return within[rng.integers(len(within))] if within else architecture

    def morphs(self, architecture: LayerGraph) -> Iterator[tuple[Morph, LayerGraph]]:
        """All morphs of a network within the bounds, and what each makes of it.

        Args:
            architecture: A network of this space.
        """
        kinds = _morphs(architecture, self.kernel_sizes, self.max_width)
        for morph in itertools.chain.from_iterable(kinds):
            grown = apply(architecture, morph)
            if self._keeps(grown):
                yield morph, grown

    def neighbors(self, architecture: LayerGraph) -> Iterator[LayerGraph]:
        """All networks one morph away, in an order that is always the same, one by one.

        Args:
            architecture: A network of this space.
        """
        return (grown for _, grown in self.morphs(architecture))

    def from_json(self, text: str) -> LayerGraph:
        """Reads what `LayerGraph.to_json` wrote.

        Args:
            text: JSON.

        Raises:
            InvalidInput: It is no layer graph, or does not grow from the root.
        """
        graph = LayerGraph.from_json(text)
        self.check(graph)
        return graph

    def check(self, architecture: LayerGraph) -> None:
        """Refuses a network that does not grow from the root within the bounds.

        Raises:
            InvalidInput: It does not.
        """
        if not self.descends(self.root, architecture):
            raise InvalidInput(
                "a layer graph must grow by morphs from the root of the space, "
                f"{self.root.layers[0].name} {self.root.shapes[self.root.layers[0].name]} to "
                f"{self.root.output.name}: given one of other layers"
            )
        for name, count, most in self._counted(architecture):
            if count > most:
                raise InvalidInput(
                    f"a layer graph must keep to `{name}`, at most {most:,}: given {count:,}"
                )

    def descends(self, ancestor: LayerGraph, architecture: LayerGraph) -> bool:
        """Whether a network grows from another by morphs, so that it can inherit its weights.

        Args:
            ancestor: The other; a network descends from itself.
            architecture: The network.
        """
        return inheritance(ancestor, architecture) is not None

    def distance(self, first: LayerGraph, second: LayerGraph) -> float:
        """How unlike two networks are, a metric of what `distance.descriptor` sees of them."""
        pair = distance.descriptor(first), distance.descriptor(second)
        return distance.distance(*pair, self.skip_weight)

    def distances(self, rows: Sequence[LayerGraph], columns: Sequence[LayerGraph]) -> np.ndarray:
        """The distances of some to others, (rows, columns), much faster than one by one."""
        seen = [[distance.descriptor(each) for each in networks] for networks in (rows, columns)]
        return distance.distances(*seen, self.skip_weight)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain data."""
        return {
            "root": self.root.to_json(),
            "max_layers": self.max_layers,
            "max_parameters": self.max_parameters,
            "max_width": self.max_width,
            "kernel_sizes": list(self.kernel_sizes),
            "max_sampled": self.max_sampled,
            "skip_weight": self.skip_weight,
            "max_memory": self.max_memory,
            "batch_size": self.batch_size,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> MorphSpace:
        """Restores the space from `get_config`."""
        return cls(**{**config, "root": LayerGraph.from_json(config["root"])})

    def _keeps(self, graph: LayerGraph) -> bool:
        return all(count <= most for _, count, most in self._counted(graph))

    def _counted(self, graph: LayerGraph) -> Iterator[tuple[str, int, int]]:
        """What a graph has of all that is bounded, and the bound."""
        yield "max_layers", len(graph.layers), self.max_layers
        yield "max_parameters", layer_graph_cost(graph).parameters, self.max_parameters
        if self.max_memory:
            yield "max_memory", training_bytes(graph, self.batch_size), self.max_memory


# A search changes a network some times in a row, and those that it tried again and again.
@functools.lru_cache(maxsize=512)
def _morphs(
    graph: LayerGraph, kernel_sizes: tuple[int, ...], max_width: int
) -> tuple[tuple[Morph, ...], ...]:
    """All morphs of a graph, of every kind, without the bounds of the whole."""
    return (
        tuple(places.deepen(graph, kernel_sizes)),
        tuple(places.widen(graph, max_width)),
        tuple(places.skips(graph)),
    )
