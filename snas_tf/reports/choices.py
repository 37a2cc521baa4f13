# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""An architecture of any decisions as tables: a line a place, a column a decision."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from snas_tf import space

_NOTHING = "-"


@dataclasses.dataclass(frozen=True, slots=True)
class Choices:
    """The decisions that share their places.

    Attributes:
        headings: "place", and the names of the decisions.
        lines: A place, and the option that was chosen in it by each decision.
    """

    headings: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


def tables(
    architecture: space.Architecture, searched: space.DecisionSpace, uses: Sequence[str]
) -> tuple[Choices, ...]:
    """What an architecture chooses.

    Args:
        architecture: An architecture of the space.
        searched: The space.
        uses: The decisions that have a part in the networks.

    Returns:
        A table for all decisions of the same places, in the order of the space.
    """
    rows = searched.encode(architecture)
    together: dict[tuple[str, ...], list[space.Decision]] = {}
    for decision in searched.decisions:
        if decision.name in uses:
            together.setdefault(decision.places, []).append(decision)
    return tuple(
        Choices(
            ("place", *(decision.name for decision in decisions)),
            tuple(
                (place, *(_chosen(decision, rows[decision.name][row]) for decision in decisions))
                for row, place in enumerate(places)
            ),
        )
        for places, decisions in together.items()
    )


def _chosen(decision: space.Decision, row: np.ndarray) -> str:
    """The option of a one-hot row; an architecture may leave a place empty."""
    return decision.options[int(row.argmax())] if row.any() else _NOTHING
