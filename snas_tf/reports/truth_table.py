# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a table of true accuracies says of a search as texts, the same for page and terminal."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from snas_tf.reports.notation import words
from snas_tf.reports.truth import Standing, Truth


class Line(NamedTuple):
    """A line of the table of standings; as many texts as there are headings."""

    texts: tuple[str, ...]
    architecture: str


def sentence(truth: Truth) -> str:
    """What the found architecture is truly worth, in a sentence."""
    found, metric = truth.found, truth.accuracies[0]
    if not found.rank:
        return (
            f"{truth.table} lacks the architecture that the search found; it has {truth.count:,} "
            "others."
        )
    told = (
        f"By {truth.table}, the architecture that the search found has a {words(metric)} of "
        f"{number(found.values[metric])}, rank {found.rank:,} of {truth.count:,}."
    )
    if truth.best is None:
        return f"{told} No architecture of the table keeps to {truth.budget}."
    within = f" within {truth.budget}" if truth.budget else ""
    return f"{told} The best of the table{within} has {number(truth.best.values[metric])}."


def headings(truth: Truth) -> tuple[str, ...]:
    """The headings of `standings` and `path`, of which the first is of words."""
    return ("", *map(words, truth.accuracies), "rank")


def standings(truth: Truth) -> list[Line]:
    """The found architecture, a better one on the way, and the table's best."""
    lines = [_line("found", truth.found, truth)]
    epoch = truth.best_epoch
    if epoch is not None and truth.trajectory[epoch - 1].rank != truth.found.rank:
        lines.append(_line(f"best on the way, epoch {epoch}", truth.trajectory[epoch - 1], truth))
    if truth.best is not None:
        label = "best of the table" + (f" within {truth.budget}" if truth.budget else "")
        lines.append(_line(label, truth.best, truth))
    return lines


def path(truth: Truth) -> list[Line]:
    """The architectures that the search went through; epochs in a row that agree are one line."""
    lines, epoch = [], 1
    for _, group in itertools.groupby(truth.trajectory, key=lambda one: one.architecture):
        same = [*group]
        last = epoch + len(same) - 1
        name = f"epoch {epoch}" if last == epoch else f"epochs {epoch} to {last}"
        lines.append(_line(name, same[0], truth))
        epoch = last + 1
    return lines


def remarks(truth: Truth) -> Sequence[str]:
    """What a reader must know."""
    found = ["The search never saw these figures: the table is looked into after the fact."]
    if len(standings(truth)) > 2:
        found.append("That a better one stood on the way is known from the table alone.")
    return found


def number(value: float) -> str:
    """An accuracy in the table's unit, percent or a fraction."""
    return f"{value:.2f}" if abs(value) > 1 else f"{value:.4f}"


def _line(name: str, standing: Standing, truth: Truth) -> Line:
    if not standing.rank:
        texts = ("not in the table", *[""] * len(truth.accuracies))
    else:
        values = (number(standing.values[metric]) for metric in truth.accuracies)
        texts = (*values, f"{standing.rank:,}")
    return Line((name, *texts), standing.architecture)
