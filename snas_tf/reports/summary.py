# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a terminal shows at the end of a run."""

from __future__ import annotations

import re

import rich.console
import rich.table
import rich.text

from snas_tf import space
from snas_tf.reports import notation, result_table
from snas_tf.reports.report import Report

_LAST_WORD = re.compile(r"(?<=-)| (?=\w+$)")  # where a heading is broken, to fit in 80 columns


def print_summary(console: rich.console.Console, report: Report) -> None:
    """Prints what was found, how good it is, and what to do next.

    Args:
        console: Where to print; readable at 80 columns, and without colors.
        report: What to say.
    """
    _print_text(console, report.title, "bold")
    if report.summary:
        _print_text(console, report.summary)
    if report.genotype is not None:
        for kind in space.KINDS:
            console.print()
            _print_text(console, f"{kind} cell", "bold")
            console.print(_cell(report.genotype, kind))
    if report.results:
        console.print()
        console.print(_results(report))
    if report.next_commands:
        console.print()
    for command in report.next_commands:
        # Never broken into lines: commands are there to be copied.
        console.print(rich.text.Text(f"Next: {command}"), soft_wrap=True, highlight=False)


def _print_text(console: rich.console.Console, text: str, style: str = "") -> None:
    console.print(rich.text.Text(text, style=style), highlight=False)


def _cell(genotype: space.Genotype, kind: str) -> rich.table.Table:
    """A line a node, continued under its own first term."""
    grid = rich.table.Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column()
    for equation in notation.equations(genotype, kind):
        node, terms = equation.split(" = ", maxsplit=1)
        grid.add_row(rich.text.Text(f"  {node} ="), rich.text.Text(terms))
    return grid


def _results(report: Report) -> rich.table.Table:
    headings, lines = result_table.table(report.results)
    grid = rich.table.Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for position, heading in enumerate(headings):
        is_text = position < result_table.TEXT_COLUMNS
        grid.add_column(
            rich.text.Text(_LAST_WORD.sub("\n", heading)),
            justify="left" if is_text else "right",
            vertical="bottom",
            no_wrap=position > 0,
        )
    for line in lines:
        grid.add_row(*(rich.text.Text(text) for text in line))
    return grid
