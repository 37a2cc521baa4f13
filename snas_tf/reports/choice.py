# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How the network of a search was chosen among several, the same for page and terminal."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

from snas_tf.reports import notation


@dataclasses.dataclass(frozen=True, slots=True)
class Judged:
    """An architecture that was looked at.

    Attributes:
        architecture: Its canonical text.
        metrics: {name: value}; -inf where it could not be judged.
    """

    architecture: str
    metrics: Mapping[str, float]


@dataclasses.dataclass(frozen=True, slots=True)
class Choice:
    """How the network was chosen.

    Attributes:
        told: A clause, such as "the best of 8 by accuracy".
        candidates: What was judged, the best first; () where none was.
    """

    told: str
    candidates: tuple[Judged, ...] = ()


def sentence(choice: Choice) -> str:
    """What was chosen, and what stood against it."""
    told = f"The network was chosen when the search was over: {choice.told}."
    if len(choice.candidates) > 1:
        first, last = choice.candidates[0], choice.candidates[-1]
        told += f" The best has {_worth(first)}, the last {_worth(last)}."
    return told


def headings(choice: Choice) -> tuple[str, ...]:
    """The headings of `lines`."""
    return ("place", *map(notation.words, choice.candidates[0].metrics))


def lines(choice: Choice) -> list[tuple[str, ...]]:
    """A line a candidate."""
    return [
        (str(place), *(_number(name, one.metrics[name]) for name in one.metrics))
        for place, one in enumerate(choice.candidates, start=1)
    ]


def _worth(one: Judged) -> str:
    return ", ".join(f"{notation.words(k)} {_number(k, v)}" for k, v in one.metrics.items())


def _number(name: str, value: float) -> str:
    return notation.metric(name, value) if math.isfinite(value) else "none"
