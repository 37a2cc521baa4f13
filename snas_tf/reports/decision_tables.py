# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""An architecture of any decisions as tables: a line a place, a column a decision."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import rich.table
from matplotlib.figure import Figure

from snas_tf import space
from snas_tf.reports import terminal_tables
from snas_tf.reports.page.markup import Markup, element
from snas_tf.reports.page.page_tables import table

if TYPE_CHECKING:
    from snas_tf.reports.report import Report

_NOTHING = "-"


@dataclasses.dataclass(frozen=True, slots=True)
class DecisionTable:
    """The decisions that share their places.

    Attributes:
        headings: "place", and the names of the decisions.
        lines: A place, and the option that was chosen in it by each decision.
    """

    headings: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


class DecisionTables:
    """The `Presentation` of spaces that have none of their own."""

    title = "What was chosen"
    noun = "architecture"
    words: Mapping[str, str] = {}

    def section(self, report: Report) -> Iterator[Markup]:
        """The tables on a page."""
        for found in tables(report.architecture, report.space, report.uses):
            head = element("tr", *(element("th", heading) for heading in found.headings))
            yield table(head, [_row(line) for line in found.lines])

    def terminal(self, report: Report) -> Iterator[rich.table.Table]:
        """The tables in a terminal."""
        for found in tables(report.architecture, report.space, report.uses):
            yield terminal_tables.words(found.headings, found.lines)

    def drawings(self, report: Report) -> Iterator[tuple[str, Figure]]:
        """There are none."""
        del report
        yield from ()


def tables(
    architecture: space.Architecture, searched: space.DecisionSpace, uses: Sequence[str]
) -> tuple[DecisionTable, ...]:
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
        DecisionTable(
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


def _row(line: Sequence[str]) -> Markup:
    place, *chosen = line
    codes = (element("td", element("code", option)) for option in chosen)
    return element("tr", element("td", place), *codes)
