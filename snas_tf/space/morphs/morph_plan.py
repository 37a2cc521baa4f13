# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a layer graph must read and answer, and the space before that is known."""

from __future__ import annotations

import dataclasses
from typing import NoReturn

import numpy as np

from snas_tf.errors import InvalidInput
from snas_tf.space.image_plan import ImagePlan
from snas_tf.space.morphs import distance
from snas_tf.space.morphs.layer_graph import LayerGraph


@dataclasses.dataclass(frozen=True, slots=True)
class MorphPlan(ImagePlan):
    """The sizes of a data set, which all networks of a search have; see `ImagePlan`."""

    def check(self, architecture: LayerGraph) -> None:
        """Refuses a graph of other sizes.

        Raises:
            InvalidInput: It reads other images or tells other classes apart.
        """
        read = architecture.shapes[architecture.layers[0].name]
        given = architecture.shapes[architecture.output.name]
        if (read, given) != (self.image_shape, (self.num_classes,)):
            raise InvalidInput(
                f"a layer graph must read images {self.image_shape} and give {self.num_classes} "
                f"numbers, one a class: given one from {read} to {given}"
            )


@dataclasses.dataclass(frozen=True, slots=True)
class AnyLayerGraph:
    """All layer graphs: what is known of a `MorphSpace` before there is a root.

    It reads architectures, and proposes none.
    """

    @property
    def decisions(self) -> tuple[()]:
        """There are none."""
        return ()

    def sample(self, rng: np.random.Generator) -> NoReturn:
        """Refused: a network grows from a root."""
        del rng
        self._refuse()

    def mutate(self, architecture: LayerGraph, rng: np.random.Generator) -> NoReturn:
        """Refused, as `sample`."""
        del architecture, rng
        self._refuse()

    def from_json(self, text: str) -> LayerGraph:
        """Reads what `LayerGraph.to_json` wrote; raises `InvalidInput` for anything else."""
        return LayerGraph.from_json(text)

    def distance(self, first: LayerGraph, second: LayerGraph) -> float:
        """How unlike two networks are, as in a `MorphSpace` with its defaults."""
        return distance.distance(distance.descriptor(first), distance.descriptor(second))

    def _refuse(self) -> NoReturn:
        raise InvalidInput("networks grow from a root: do use MorphSpace(root)")
