# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A model with choices in outline: its layers, what each takes, and what is decided where."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """A layer of a model, or some that follow each other.

    Attributes:
        title: What it is, such as "Conv2D".
        sources: The positions of the parts that it takes something of, all before its own.
        decisions: What is decided in it.
    """

    title: str
    sources: tuple[int, ...]
    decisions: tuple[str, ...] = ()


Outline = tuple[Part, ...]
"""The parts of a model in an order in which they can be computed."""

_TOLD = 3


def shortened(parts: Sequence[Part]) -> Outline:
    """The same with layers as one part that follow each other and decide nothing.

    Args:
        parts: The parts.

    Returns:
        The outline; what was put together is told by its first layers and their number.
    """
    users = [0] * len(parts)
    for part in parts:
        for source in part.sources:
            users[source] += 1
    groups: list[list[int]] = []
    group_of: dict[int, int] = {}
    for position, part in enumerate(parts):
        follows = len(part.sources) == 1 and not part.decisions
        if follows and users[part.sources[0]] == 1 and not parts[part.sources[0]].decisions:
            group_of[position] = group_of[part.sources[0]]
            groups[group_of[position]].append(position)
        else:
            group_of[position] = len(groups)
            groups.append([position])
    return tuple(
        Part(
            _title([parts[position].title for position in group]),
            tuple(dict.fromkeys(group_of[source] for source in parts[group[0]].sources)),
            parts[group[0]].decisions,
        )
        for group in groups
    )


def _title(titles: Sequence[str]) -> str:
    if len(titles) <= _TOLD:
        return ", ".join(titles)
    return f"{titles[0]}, {titles[1]}, ... {titles[-1]} ({len(titles)} layers)"
