# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Tables for a terminal: readable at 80 columns, without colors, in ASCII."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

import rich.console
import rich.table
import rich.text
from rich.measure import Measurement

from snas_tf.reports import class_table, result_table, seed_table, truth_table
from snas_tf.reports.comparison import SeedResult
from snas_tf.reports.result import Result
from snas_tf.reports.trials import trial_table
from snas_tf.reports.trials.trials import Trials
from snas_tf.reports.truth import Truth

_LAST_WORD = re.compile(
    r"(?<=-)(?=[a-z])| (?=\w+$)"
)  # where a heading is broken, to fit in 80 columns
_MOST_CLASSES = 24
_MOST_GROUPS = 4
_MOST_TRIALS = 8
_WIDE = 10_000


def results(
    console: rich.console.Console, measured: Sequence[Result]
) -> Iterator[rich.table.Table]:
    """The table of results; two, where one would be too wide.

    Args:
        console: Where they will be printed.
        measured: The results, at least one.

    Yields:
        The tables.
    """
    whole = result_table.table(measured)
    grid = plain(*whole, result_table.TEXT_COLUMNS)
    if _width(console, grid).minimum <= console.width:
        yield grid
        return
    accuracies, costs = result_table.apart(whole)
    yield plain(*accuracies, result_table.TEXT_COLUMNS)
    if costs[1]:
        yield plain(*costs, 1)


def _width(console: rich.console.Console, grid: rich.table.Table) -> Measurement:
    """The least width, and that without broken lines, whatever the console has."""
    return Measurement.get(console, console.options.update(max_width=_WIDE), grid)


def plain(
    headings: Sequence[str], lines: Sequence[Sequence[str]], text_columns: int
) -> rich.table.Table:
    """A table of texts, the first columns of which are words and the others numbers."""
    grid = rich.table.Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for position, heading in enumerate(headings):
        grid.add_column(
            rich.text.Text(_LAST_WORD.sub("\n", heading)),
            justify="left" if position < text_columns else "right",
            vertical="bottom",
            no_wrap=position > 0,
        )
    for line in lines:
        grid.add_row(*map(rich.text.Text, line))
    return grid


def classes(
    console: rich.console.Console, measured: Sequence[Result]
) -> Iterator[tuple[str, rich.table.Table, str]]:
    """The classes of each split, the weakest first, down the columns.

    Args:
        console: Where they will be printed.
        measured: The results; those without classes are passed over.

    Yields:
        (heading, table, note) each; the note may be "".
    """
    for found in class_table.tables(measured):
        shown = found.lines[:_MOST_CLASSES]
        heading = f"{found.split} images class by class, the weakest first"
        if len(found.networks) == 1:
            heading = f"{found.networks[0]}: {heading}"
        notes = []
        if found.any_weak:
            notes.append("* clearly below the accuracy over all classes")
        if len(shown) < len(found.lines):
            notes.append(f"{len(found.lines) - len(shown)} better classes are not shown")
        yield heading, _classplain(console, found.networks, shown), "; ".join(notes)


def _classplain(
    console: rich.console.Console, networks: Sequence[str], lines: Sequence[class_table.Line]
) -> rich.table.Table:
    """As many columns of classes side by side as there is room for."""
    for groups in range(_MOST_GROUPS, 0, -1):
        length = -(-len(lines) // groups)
        columns = [lines[start : start + length] for start in range(0, len(lines), length)]
        grid = _side_by_side(networks, columns)
        if _width(console, grid).maximum <= console.width:
            break
    return grid


def _side_by_side(
    networks: Sequence[str], columns: Sequence[Sequence[class_table.Line]]
) -> rich.table.Table:
    grid = rich.table.Table(box=None, padding=(0, 3, 0, 0), pad_edge=False)
    grid.show_header = len(networks) > 1
    for _ in columns:
        grid.add_column("class", vertical="bottom", overflow="fold")
        for network in networks:
            words = rich.text.Text("\n".join(network.split()))
            grid.add_column(words, justify="right", vertical="bottom", no_wrap=True)
    blank = [""] * (1 + len(networks))
    for row in itertools.zip_longest(*columns):
        texts = [_class_texts(line) if line else blank for line in row]
        grid.add_row(*map(rich.text.Text, itertools.chain.from_iterable(texts)))
    return grid


def _class_texts(line: class_table.Line) -> list[str]:
    marks = {True: "*", False: " "}
    return [line.name, *(f"{s.right} {s.percent:>8}{marks[s.is_weak]}" for s in line.scores)]


def seeds(searches: Sequence[SeedResult]) -> rich.table.Table:
    """The searches of several seeds, with means and standard deviations.

    Args:
        searches: The searches, at least one.

    Returns:
        The table.
    """
    found = seed_table.table(searches)
    grid = plain(found.headings, found.lines, 1)
    if found.count > 1:
        spreads = [
            f"{mean}\n+- {deviation}" if deviation else mean for mean, deviation in found.spreads
        ]
        grid.add_section()
        grid.add_row(*map(rich.text.Text, ("mean\n+- std", *spreads, "")))
    return grid


def words(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> rich.table.Table:
    """A table without numbers, all of it to the left.

    Args:
        headings: One a column.
        lines: A text a column each.
    """
    return plain(headings, lines, len(headings))


def trials(console: rich.console.Console, told: Trials) -> Iterator[rich.table.Table]:
    """The leading trials; in two tables, where one would be too wide.

    Args:
        console: Where they will be printed.
        told: The search, in which at least one trial succeeded.

    Yields:
        The tables.
    """
    headings = trial_table.headings(told)
    lines = [trial_table.line(told, trial) for trial in trial_table.leading(told, _MOST_TRIALS)]
    # A remark may be as long as a line, and a failed trial does not lead.
    headings, lines = headings[:-1], [line[:-1] for line in lines]
    grid = plain(headings, lines, 0)
    if _width(console, grid).maximum <= console.width:
        yield grid
        return
    half = len(headings) // 2 + 1
    yield plain(headings[:half], [line[:half] for line in lines], 0)
    yield plain((headings[0], *headings[half:]), [(line[0], *line[half:]) for line in lines], 0)


def truth(told: Truth) -> rich.table.Table:
    """The standings of a table of true accuracies, and the way there, without the architectures.

    Args:
        told: What the table says.

    Returns:
        The table.
    """
    lines = [line.texts for line in truth_table.standings(told)]
    grid = plain(truth_table.headings(told), lines, 1)
    grid.add_section()
    for line in truth_table.path(told):
        grid.add_row(*map(rich.text.Text, line.texts))
    return grid
