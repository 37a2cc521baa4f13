# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Several searches of the same config as texts, the same for page and terminal."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import NamedTuple

from snas_tf.reports import notation
from snas_tf.reports.comparison import SeedResult

CHOSEN = "chosen"


class Spread(NamedTuple):
    """Texts of the mean of a column and of its standard deviation; "" where there is none."""

    mean: str
    deviation: str


class SeedTable(NamedTuple):
    """A line a search.

    Attributes:
        headings: Of all columns; the first is the seed, the last tells which one was chosen.
        lines: As many texts each.
        spreads: One a column of numbers, those between the first and the last.
        count: Number of searches.
    """

    headings: tuple[str, ...]
    lines: list[tuple[str, ...]]
    spreads: tuple[Spread, ...]
    count: int


class _Column(NamedTuple):
    heading: str
    value: Callable[[SeedResult], float | None]
    text: Callable[[float], str]
    deviation_text: Callable[[float, float], str]


def _percent_deviation(deviation: float, _: float) -> str:
    return notation.percent(deviation)


_COLUMNS = (
    _Column(
        "supernet, sampled", lambda s: s.supernet_accuracy, notation.percent, _percent_deviation
    ),
    _Column("child", lambda s: s.child_accuracy, notation.percent, _percent_deviation),
    _Column(
        "after short training", lambda s: s.trained_accuracy, notation.percent, _percent_deviation
    ),
    _Column("parameters", lambda s: s.cost.parameters, notation.count, notation.count_deviation),
    _Column(
        "multiply-adds", lambda s: s.cost.multiply_adds, notation.count, notation.count_deviation
    ),
)


def table(seeds: Sequence[SeedResult]) -> SeedTable:
    """Writes several searches out.

    Args:
        seeds: The searches, at least one.

    Returns:
        The table; a column without any value is left out, and spreads are over the values there
        are, with the sample standard deviation.
    """
    columns = [c for c in _COLUMNS if any(c.value(seed) is not None for seed in seeds)]
    lines = [
        (
            str(seed.seed),
            *(_text(column, column.value(seed)) for column in columns),
            CHOSEN if seed.chosen else "",
        )
        for seed in seeds
    ]
    headings = ("seed", *(column.heading for column in columns), "")
    spreads = tuple(_spread(column, seeds) for column in columns)
    return SeedTable(headings, lines, spreads, len(seeds))


def notes(seeds: Sequence[SeedResult]) -> list[str]:
    """What a reader of the table must know."""
    found = ["Accuracies are those on validation images."]
    if len(seeds) > 1:
        found.append(
            f"The last line is mean and sample standard deviation over n = {len(seeds)} searches."
        )
    if any(seed.chosen for seed in seeds) and len(seeds) > 1:
        found.append(
            "The one with the best child was chosen, which makes its accuracy optimistic: on new "
            "images it is to be expected nearer to the mean."
        )
    return found


def _text(column: _Column, value: float | None) -> str:
    return "" if value is None else column.text(value)


def _spread(column: _Column, seeds: Sequence[SeedResult]) -> Spread:
    values = [column.value(seed) for seed in seeds]
    values = [value for value in values if value is not None]
    mean = statistics.fmean(values)
    if len(values) < 2:
        return Spread(column.text(mean), "")
    return Spread(column.text(mean), column.deviation_text(statistics.stdev(values), mean))
