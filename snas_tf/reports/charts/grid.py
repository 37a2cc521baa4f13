# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Where each place of a decision stands in a chart: edges by nodes, others in reading order."""

from __future__ import annotations

import dataclasses

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.reports.charts import palette
from snas_tf.reports.notation import from_node

_COLUMNS = 4
_LONGEST = 30  # letters that stand above a chart


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The layout of a decision.

    Attributes:
        title: What people call the decision.
        place_word: What a place is, "edge" or "place".
        option_word: What an option is, "operation" or "option".
        places: (column, row) of every place.
        names: What stands above each place; "" where the labels say it.
        columns: Label of every column; () for none.
        rows: Label of every row; () for none.
        options: (label, color) of every option.
        free: Rows at the bottom that leave the columns on the left free.
    """

    title: str
    place_word: str
    option_word: str
    places: tuple[tuple[int, int], ...]
    names: tuple[str, ...]
    columns: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...]
    free: int = 0

    @property
    def width(self) -> int:
        """Number of columns, at least 2, which the headings need."""
        return max(2, *(column + 1 for column, _ in self.places))

    @property
    def height(self) -> int:
        """Number of rows."""
        return max(row + 1 for _, row in self.places)

    def is_lowest(self, position: int) -> bool:
        """Whether no place stands below one."""
        column, row = self.places[position]
        return row == max(other for of, other in self.places if of == column)


def grid(searched: space.DecisionSpace, name: str) -> Grid:
    """The layout of a decision: of a cell, rows are source nodes and columns target nodes.

    Args:
        searched: The space.
        name: Of one of its decisions.

    Raises:
        InvalidInput: There is no such decision.
    """
    decision = {each.name: each for each in searched.decisions}.get(name)
    if decision is None:
        known = ", ".join(each.name for each in searched.decisions)
        raise InvalidInput(f"`decision` must be one of {known}: given {name!r}")
    if isinstance(searched, space.CellSpace):
        return _of_cell(searched, name)
    count = len(decision.places)
    colors = palette.of_options(len(decision.options))
    return Grid(
        title=space.title(searched, name),
        place_word="place",
        option_word="option",
        places=tuple((position % _COLUMNS, position // _COLUMNS) for position in range(count)),
        names=tuple(map(_short, decision.places)),
        options=tuple(zip(map(_short, decision.options), colors, strict=True)),
    )


def _of_cell(cells: space.CellSpace, kind: str) -> Grid:
    records = [space.operation(name) for name in cells.primitives]
    sources = range(cells.num_inputs + cells.num_nodes - 1)
    return Grid(
        title=cells.title(kind),
        place_word="edge",
        option_word="operation",
        places=tuple((edge.node - cells.num_inputs, edge.source) for edge in cells.edges),
        names=("",) * cells.num_edges,
        columns=tuple(f"to node {node}" for node in cells.nodes),
        rows=tuple(from_node(source, cells.num_inputs) for source in sources),
        options=tuple((record.label, record.color) for record in records),
        free=cells.num_nodes - 1,
    )


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}\u2026"
