# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The accuracy class by class as texts, the same for page and terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from snas_tf.reports import notation
from snas_tf.reports.result import ClassResult, Result


class Score(NamedTuple):
    """How a network does on a class: "35 of 37", "94.59 %", and whether it is clearly weak."""

    right: str
    percent: str
    is_weak: bool


class Line(NamedTuple):
    """A class, and a score a network."""

    name: str
    scores: tuple[Score, ...]


class ClassTable(NamedTuple):
    """The classes of one split, the weakest first.

    Attributes:
        split: The images it was measured on.
        networks: The names of the networks.
        lines: One a class.
    """

    split: str
    networks: tuple[str, ...]
    lines: list[Line]

    @property
    def any_weak(self) -> bool:
        """Whether some class is clearly weak."""
        return any(score.is_weak for line in self.lines for score in line.scores)


def tables(results: Iterable[Result]) -> list[ClassTable]:
    """Writes out how networks do on each class.

    Args:
        results: Those without classes are passed over.

    Returns:
        A table for all results with the same split and the same classes. A class is clearly weak
        where its own 95 % interval lies below the accuracy over all classes.
    """
    groups: dict[tuple, list[Result]] = {}
    for result in results:
        if result.classes:
            key = (result.split, *((found.name, found.count) for found in result.classes))
            groups.setdefault(key, []).append(result)
    return [_table(group) for group in groups.values()]


def _table(results: Sequence[Result]) -> ClassTable:
    overall = [_accuracy(result.classes) for result in results]
    rows = sorted(zip(*(result.classes for result in results), strict=True), key=_accuracy)
    lines = [
        Line(row[0].name, tuple(_score(*pair) for pair in zip(row, overall, strict=True)))
        for row in rows
    ]
    return ClassTable(results[0].split, tuple(result.name for result in results), lines)


def _accuracy(classes: Sequence[ClassResult]) -> float:
    return sum(found.right for found in classes) / sum(found.count for found in classes)


def _score(found: ClassResult, overall: float) -> Score:
    right = f"{found.right:,} of {found.count:,}"
    return Score(right, notation.percent(found.accuracy), found.interval()[1] < overall)
