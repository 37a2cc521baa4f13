# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Cells in a report: drawn, and told as equations."""

from __future__ import annotations

from collections.abc import Iterator

import rich.console
import rich.table
import rich.text
from matplotlib.figure import Figure

from snas_tf import space
from snas_tf.reports.cells import page_cells
from snas_tf.reports.cells.cell_drawing import draw_cell
from snas_tf.reports.cells.cell_equations import equations
from snas_tf.reports.page.markup import Markup
from snas_tf.reports.report import Report


class CellPresentation:
    """The `Presentation` of the family of cells."""

    title = "The cells"
    noun = "genotype"
    words = {
        "cell, node, edge": "A network is a stack of cells; a cell is a small graph of nodes, and "
        "an edge carries one operation from a node to a later one.",
        "genotype": "What was chosen in every place of the cells.",
    }

    def section(self, report: Report) -> Iterator[Markup]:
        """A picture of each cell, and tables of their connections."""
        return page_cells.section(report.architecture, report.space, report.uses)

    def terminal(self, report: Report) -> Iterator[rich.console.RenderableType]:
        """Each cell as one equation a node."""
        for kind in report.uses:
            title = rich.text.Text(space.cell_title(kind), style="bold")
            yield rich.console.Group(title, _cell(report.architecture, kind))

    def drawings(self, report: Report) -> Iterator[tuple[str, Figure]]:
        """A picture of every cell, by its kind."""
        for kind in report.uses:
            yield f"{kind}_cell", draw_cell(report.architecture, kind, report.space.output)


def _cell(genotype: space.Genotype, kind: str) -> rich.table.Table:
    """A line a node, continued under its own first term."""
    grid = rich.table.Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column()
    for equation in equations(genotype, kind):
        node, terms = equation.split(" = ", maxsplit=1)
        grid.add_row(rich.text.Text(f"  {node} ="), rich.text.Text(terms))
    return grid
