# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Where each place of a decision stands in a chart: as its space says, or in reading order."""

from __future__ import annotations

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.reports.charts import palette
from snas_tf.space.grid import Grid

_COLUMNS = 4
_LONGEST = 30  # letters that stand above a chart


def grid(searched: space.DecisionSpace, name: str) -> Grid:
    """The layout of a decision.

    Args:
        searched: The space; it may have a method `grid`, as a `DecisionSpace` may.
        name: Of one of its decisions.

    Raises:
        InvalidInput: There is no such decision.
    """
    decision = {each.name: each for each in searched.decisions}.get(name)
    if decision is None:
        known = ", ".join(each.name for each in searched.decisions)
        raise InvalidInput(f"`decision` must be one of {known}: given {name!r}")
    if hasattr(searched, "grid"):
        return searched.grid(name)
    count = len(decision.places)
    colors = palette.of_options(len(decision.options))
    return Grid(
        title=space.title(searched, name),
        place_word="place",
        option_word="option",
        places=tuple((position % _COLUMNS, position // _COLUMNS) for position in range(count)),
        names=tuple(map(_short, decision.places)),
        options=tuple(zip(map(_short, decision.options), colors, strict=True)),
    )


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}\u2026"
