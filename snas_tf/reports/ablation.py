# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What tricks are worth: the same search with and without each, seed by seed, as texts and CSV."""

from __future__ import annotations

import csv
import dataclasses
import io
import statistics
from collections.abc import Iterable, Sequence

from snas_tf.reports import notation
from snas_tf.space import Cost


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class AblationResult:
    """What one search of an ablation found.

    Attributes:
        variant: The name of what was searched with.
        seed: Its seed.
        accuracy: Of the child on validation images, without retraining, in [0, 1].
        recalibrated: The same with statistics of batch normalisation that are measured anew.
        supernet: Of the supernet under sampled architectures.
        truth: The true accuracy of what was found, by a table, in its own unit; None without one.
        cost: What the child costs.
        epochs: Epochs that were searched.
    """

    variant: str
    seed: int
    accuracy: float
    recalibrated: float | None = None
    supernet: float | None = None
    truth: float | None = None
    cost: Cost
    epochs: int

    @property
    def judged(self) -> float:
        """What variants are compared by: the true accuracy where there is one."""
        return self.accuracy if self.truth is None else self.truth


@dataclasses.dataclass(frozen=True, slots=True)
class Ablation:
    """Searches that differ in one thing each.

    Attributes:
        title: The headline.
        searches: All of them, variant by variant; the first variant is what the others are compared
            with.
        planned: How many there are to be.
    """

    title: str
    searches: tuple[AblationResult, ...]
    planned: int

    @property
    def variants(self) -> tuple[str, ...]:
        """The names, in the order of the searches."""
        return tuple(dict.fromkeys(one.variant for one in self.searches))

    def of(self, variant: str) -> tuple[AblationResult, ...]:
        """The searches of a variant."""
        return tuple(one for one in self.searches if one.variant == variant)

    def differences(self, variant: str) -> tuple[float, ...]:
        """How much better a variant is than the first, for each seed that both have.

        In points: percent of the images, or the table's unit.
        """
        base = {one.seed: one.judged for one in self.of(self.variants[0])}
        scale = 1.0 if self.has_truth else 100.0
        return tuple(
            scale * (one.judged - base[one.seed]) for one in self.of(variant) if one.seed in base
        )

    @property
    def has_truth(self) -> bool:
        """Whether a table judged all of them."""
        return all(one.truth is not None for one in self.searches)


def headings(told: Ablation) -> tuple[str, ...]:
    """The headings of `lines`."""
    truth = ("true accuracy",) if told.has_truth else ()
    return (
        "search",
        "n",
        *truth,
        "child",
        "difference",
        "better",
        "recalibrated",
        "supernet",
        "parameters",
    )


def lines(told: Ablation) -> list[tuple[str, ...]]:
    """A line a variant: means and sample standard deviations over its seeds."""
    return [_line(told, variant) for variant in told.variants]


def notes(told: Ablation) -> list[str]:
    """What a reader of the table must know."""
    by = "the true accuracy by the table" if told.has_truth else "the child's accuracy"
    found = [
        "Accuracies are in percent, of validation images that the search did not learn from, and "
        "of a child without retraining; every number is a mean and a sample standard deviation "
        "over n seeds, the same seeds and the same images in every line.",
        f"The difference is that of {by} to the first line, seed by seed, in points; better is in "
        "how many seeds it is above 0.",
    ]
    if len(told.searches) < told.planned:
        found.append(f"{len(told.searches)} of {told.planned} searches have ended.")
    return found


def ablation_to_csv(told: Ablation) -> str:
    """A row a search."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [field.name for field in dataclasses.fields(AblationResult) if field.name != "cost"]
    costs = [field.name for field in dataclasses.fields(Cost)]
    writer.writerow([*names, *costs])
    for one in told.searches:
        values = [getattr(one, name) for name in names]
        writer.writerow(
            [
                *("" if value is None else value for value in values),
                *(getattr(one.cost, name) for name in costs),
            ]
        )
    return text.getvalue()


def _line(told: Ablation, variant: str) -> tuple[str, ...]:
    searches = told.of(variant)
    differences = told.differences(variant)
    compared = variant != told.variants[0] and differences
    better = sum(one > 0 for one in differences)
    parameters = [one.cost.parameters for one in searches]
    return (
        variant,
        str(len(searches)),
        *([_spread([one.truth for one in searches])] if told.has_truth else []),
        _percents(one.accuracy for one in searches),
        _spread(differences, "+") if compared else "",
        f"{better} of {len(differences)}" if compared else "",
        _percents(one.recalibrated for one in searches),
        _percents(one.supernet for one in searches),
        notation.count(round(statistics.fmean(parameters))),
    )


def _percents(values: Iterable[float | None]) -> str:
    there = [100 * value for value in values if value is not None]
    return _spread(there) if there else ""


def _spread(values: Sequence[float], sign: str = "") -> str:
    mean = f"{statistics.fmean(values):{sign}.2f}"
    return mean if len(values) < 2 else f"{mean} \u00b1 {statistics.stdev(values):.2f}"
