# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The table of results as texts, the same for page and terminal."""

from __future__ import annotations

from collections.abc import Sequence

from snas_tf.reports import notation
from snas_tf.reports.result import Result

TEXT_COLUMNS = 2
"""The first columns hold words, all others numbers."""

_HEADINGS = (
    "network",
    "measured on",
    "images",
    "accuracy",
    "95 % interval",
    "top-5 accuracy",
    "balanced accuracy",
    "F1",
    "mean absolute error",
    "recalibrated",
    "parameters",
    "multiply-adds",
    "latency",
)
_COSTS = _HEADINGS[-3:]

Table = tuple[tuple[str, ...], list[tuple[str, ...]]]
"""Headings, and lines of as many texts."""


def table(results: Sequence[Result]) -> Table:
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


def apart(whole: Table) -> tuple[Table, Table]:
    """Takes a table apart where it is too wide.

    Args:
        whole: From `table`.

    Returns:
        What was measured on images, and what each network costs, named once; the second has one
        column of words, and no lines where no cost is known.
    """
    headings, lines = whole
    cut = next((i for i, heading in enumerate(headings) if heading in _COSTS), len(headings))
    measured = [line[:cut] for line in lines]
    costs = _merged([(line[0], *line[cut:]) for line in lines if any(line[cut:])])
    return (headings[:cut], measured), ((headings[0], *headings[cut:]), costs)


def _merged(lines: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Lines of which one says no more than another, or what the other leaves out, become one."""
    merged: list[tuple[str, ...]] = []
    for line in lines:
        for index, other in enumerate(merged):
            pairs = list(zip(line, other, strict=True))
            if line[0] == other[0] and all(a == b or not (a and b) for a, b in pairs):
                merged[index] = tuple(a or b for a, b in pairs)
                break
        else:
            merged.append(line)
    return merged


def _percent(fraction: float | None) -> str:
    return "" if fraction is None else notation.percent(fraction)


def _line(result: Result) -> tuple[str, ...]:
    interval, cost, error = result.interval(), result.cost, result.mean_absolute_error
    return (
        result.name,
        result.split,
        "" if result.count is None else f"{result.count:,}",
        _percent(result.accuracy),
        "" if interval is None else f"{100 * interval[0]:.2f}-{100 * interval[1]:.2f}",
        _percent(result.top_5_accuracy),
        _percent(result.balanced_accuracy),
        _percent(result.f1),
        "" if error is None else notation.decimal(error),
        _percent(result.recalibrated),
        "" if cost is None else notation.count(cost.parameters),
        "" if cost is None else notation.count(cost.multiply_adds),
        "" if result.latency is None else notation.milliseconds(result.latency),
    )
