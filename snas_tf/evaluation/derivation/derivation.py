# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is chosen when a search is over: the one seam between a distribution and a network.

A derivation is an object that is given what a search has come to and answers with an architecture
of its space, within its limits. One of the user's own is any object with that method.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import numpy as np

from snas_tf.networks.searchable import Searchable
from snas_tf.space import Architecture, DecisionSpace, Limit, derive


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What a search has come to.

    Attributes:
        probabilities: {decision: (places, options)}, rows that add up to 1.
        supernet: The network that was searched. A derivation may move its weights and leave them
            so, as perturbation does: the network that is found takes them from here.
        bounds: Limits that the network keeps to.
        seed: Of all chance in the choice.
    """

    probabilities: Mapping[str, np.ndarray]
    supernet: Searchable
    bounds: tuple[Limit, ...] = ()
    seed: int = 0

    @property
    def space(self) -> DecisionSpace:
        """The space."""
        return self.supernet.space


@dataclasses.dataclass(frozen=True, slots=True)
class Candidate:
    """An architecture that was looked at.

    Attributes:
        architecture: The architecture.
        metrics: {name: value}, what was found of it, -inf included.
    """

    architecture: Architecture
    metrics: Mapping[str, float]


@dataclasses.dataclass(frozen=True, slots=True)
class Derived:
    """What was chosen.

    Attributes:
        architecture: The architecture.
        candidates: All that were judged, the best first; () where none was.
        told: Why it and no other, a clause for people, such as "the best of 8 by accuracy".
    """

    architecture: Architecture
    candidates: tuple[Candidate, ...] = ()
    told: str = ""


@runtime_checkable
class Derivation(Protocol):
    """Chooses what a search found."""

    def derive(self, searched: Searched) -> Derived:
        """An architecture of the space, within the limits; the same for the same seed."""
        ...


@dataclasses.dataclass(frozen=True, slots=True)
class Read:
    """A `Derivation`: reads the probabilities, by a rule of the space or within a budget.

    Attributes:
        rule: See `space.derive`.
    """

    rule: str = "argmax"

    def derive(self, searched: Searched) -> Derived:
        """The architecture that the rule reads.

        Args:
            searched: What the search has come to.

        Raises:
            InvalidInput: As `space.derive`.
        """
        found = derive(searched.probabilities, searched.space, self.rule, searched.bounds)
        return Derived(found, told=f"read by {self.rule}")
