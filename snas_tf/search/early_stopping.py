# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""When a search had better stop: all is decided, too much is skipped, or its loss grows sharp.

A policy is a function of what the search has been through, epoch by epoch, and of nothing else: a
search that is resumed stops where it would have stopped. It says why, and of which epoch the
probabilities are to be kept; the weights are those at the stop.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from snas_tf.errors import InvalidInput
from snas_tf.space import DecisionSpace
from snas_tf.space.degeneracy import entropy_share

CURVATURE = "hessian_eigenvalue"
"""The metric of an epoch that `Sharp` reads."""


class Stop(NamedTuple):
    """Where a search stops.

    Attributes:
        epoch: The last epoch, counted from 1.
        kept: The epoch whose probabilities are kept, at most that one.
        reason: Why, in numbers: a clause for people.
    """

    epoch: int
    kept: int
    reason: str

    def __str__(self) -> str:
        told = f"stopped after epoch {self.epoch}: {self.reason}"
        if self.kept == self.epoch:
            return told
        return f"{told}; the probabilities of epoch {self.kept} are kept"


class Past(NamedTuple):
    """What a search has been through.

    Attributes:
        rows: The metrics of every epoch.
        probabilities: {decision: (places, options) of every epoch}, of decisions with a part in the
            network.
    """

    rows: Sequence[Mapping[str, float]]
    probabilities: Mapping[str, Sequence[np.ndarray]]


@runtime_checkable
class Policy(Protocol):
    """Says when a search had better stop."""

    def look(self, past: Past, searched: DecisionSpace) -> tuple[int, str] | None:
        """Looks at the last epoch of what a search has been through, at least one.

        Returns:
            The epoch to keep, counted from 1, and why to stop; None to go on.
        """
        ...


@dataclasses.dataclass(frozen=True, slots=True)
class Decided:
    """A `Policy`: all is decided, and more epochs would change nothing.

    Attributes:
        below: Mean entropy of the places as a part of its greatest value, log(options), below which
            a search is decided; in (0, 1].
    """

    below: float

    def __post_init__(self) -> None:
        if not 0 < self.below <= 1:
            raise InvalidInput(f"`below` must be in (0, 1]: given {self.below}")

    def look(self, past: Past, searched: DecisionSpace) -> tuple[int, str] | None:
        """See `Policy`."""
        last = [values[-1] for values in past.probabilities.values()]
        places = sum(map(len, last))
        share = sum(len(rows) * entropy_share(rows) for rows in last) / places
        if share >= self.below:
            return None
        told = f"it is decided, with {share:.1%} of the greatest entropy left"
        return len(past.rows), told.replace("%", " %")


@dataclasses.dataclass(frozen=True, slots=True)
class Skips:
    """A `Policy`: too many places would do nothing but pass on what they are given.

    In DARTS's mixture skip connections win in the end whatever they are worth (DARTS+,
    arXiv 1909.06035, stops at two in a cell). Kept is the last epoch with no more than allowed.

    Attributes:
        above: Part of the places that keep something, in [0, 1), above which it is too many.
        options: Options that pass on what they are given.
        nothing: Options that keep nothing, which are not counted.
    """

    above: float
    options: tuple[str, ...] = ("skip_connect", "identity")
    nothing: tuple[str, ...] = ("none",)

    def __post_init__(self) -> None:
        if not 0 <= self.above < 1:
            raise InvalidInput(f"`above` must be in [0, 1): given {self.above}")

    def look(self, past: Past, searched: DecisionSpace) -> tuple[int, str] | None:
        """See `Policy`."""
        skips, kept = self._count(past, searched, -1)
        if skips <= self.above * kept:
            return None
        epochs = len(past.rows)
        for epoch in range(epochs - 1, 0, -1):
            before, of = self._count(past, searched, epoch - 1)
            if before <= self.above * of:
                break
        else:
            epoch = epochs
        return epoch, f"{skips} of the {kept} places that keep something are skip connections"

    def _count(self, past: Past, searched: DecisionSpace, epoch: int) -> tuple[int, int]:
        chosen = [
            decision.options[column]
            for decision in searched.decisions
            if decision.name in past.probabilities
            for column in past.probabilities[decision.name][epoch].argmax(axis=1)
        ]
        there = [option for option in chosen if option not in self.nothing]
        return sum(option in self.options for option in there), len(there)


@dataclasses.dataclass(frozen=True, slots=True)
class Sharp:
    """A `Policy`: the loss grows sharp in the logits, and what is read off it would be worse.

    Where the dominant eigenvalue of the Hessian of the validation loss grows, discretising costs
    more (R-DARTS, arXiv 1909.09656: it stops where the mean over 5 epochs is more than 1 / 0.75 of
    that 5 epochs before, and takes the architecture from before the growth).

    Attributes:
        growth: Above 1: so many times the mean before is too much.
        window: Epochs of a mean, at least 1; kept is the epoch so many before.
    """

    growth: float = 1 / 0.75
    window: int = 5

    def __post_init__(self) -> None:
        if not self.growth > 1:
            raise InvalidInput(f"`growth` must be above 1: given {self.growth}")
        if type(self.window) is not int or self.window < 1:
            raise InvalidInput(f"`window` must be a whole number, at least 1: given {self.window}")

    def look(self, past: Past, searched: DecisionSpace) -> tuple[int, str] | None:
        """See `Policy`."""
        values = [row.get(CURVATURE, np.nan) for row in past.rows]
        if len(values) < 2 * self.window:
            return None
        before = float(np.mean(values[-2 * self.window : -self.window]))
        now = float(np.mean(values[-self.window :]))
        if not now > self.growth * before:
            return None
        told = (
            f"the dominant eigenvalue of its Hessian has grown {now / before:.2f} times in "
            f"{self.window} epochs, to {now:.3g}"
            if before
            else f"the dominant eigenvalue of its Hessian has grown from 0 to {now:.3g}"
        )
        return len(values) - self.window, told


def first_stop(
    policies: Sequence[Policy],
    past: Past,
    searched: DecisionSpace,
    *,
    first_epoch: int = 1,
) -> Stop | None:
    """Where a search stops, or would have stopped.

    Args:
        policies: Those that are asked, in this order.
        past: What it has been through.
        searched: The space.
        first_epoch: The first epoch after which it may stop, such as that after a warm-up.

    Returns:
        The first stop; None where it goes on.
    """
    for epoch in range(first_epoch, len(past.rows) + 1):
        so_far = Past(
            past.rows[:epoch], {name: rows[:epoch] for name, rows in past.probabilities.items()}
        )
        for policy in policies:
            found = policy.look(so_far, searched)
            if found is not None:
                return Stop(epoch, *found)
    return None
