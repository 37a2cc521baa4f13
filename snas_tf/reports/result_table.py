# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The table of results as texts, the same for page and terminal."""

from __future__ import annotations

from collections.abc import Sequence

from snas_tf.reports import notation
from snas_tf.reports.report import Result

TEXT_COLUMNS = 2
"""The first columns hold words, all others numbers."""

_HEADINGS = (
    "network",
    "measured on",
    "images",
    "accuracy",
    "95 % interval",
    "parameters",
    "multiply-adds",
)


def table(results: Sequence[Result]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Writes the results out.

    Args:
        results: The lines of the table.

    Returns:
        The headings, and a line a result of as many texts; columns without any value are left out.
    """
    lines = [_line(result) for result in results]
    kept = [
        column
        for column in range(len(_HEADINGS))
        if column < TEXT_COLUMNS or any(line[column] for line in lines)
    ]
    headings = tuple(_HEADINGS[column] for column in kept)
    return headings, [tuple(line[column] for column in kept) for line in lines]


def _line(result: Result) -> tuple[str, ...]:
    interval, cost = result.interval(), result.cost
    return (
        result.name,
        result.split,
        "" if result.count is None else f"{result.count:,}",
        "" if result.accuracy is None else notation.percent(result.accuracy),
        "" if interval is None else f"{100 * interval[0]:.2f}-{100 * interval[1]:.2f}",
        "" if cost is None else notation.count(cost.parameters),
        "" if cost is None else notation.count(cost.multiply_adds),
    )
