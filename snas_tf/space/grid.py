# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Where each place of a decision stands in charts, and what people call it."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The layout of a decision.

    Attributes:
        title: What people call the decision.
        place_word: What a place is, "edge" or "place".
        option_word: What an option is, "operation" or "option".
        places: (column, row) of every place.
        names: What stands above each place; "" where the labels say it.
        columns: Label of every column; () for none.
        rows: Label of every row, in which $...$ is a formula; () for none.
        options: (label, color) of every option.
        free: Rows at the bottom that leave the columns on the left free.
    """

    title: str
    place_word: str
    option_word: str
    places: tuple[tuple[int, int], ...]
    names: tuple[str, ...]
    columns: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...]
    free: int = 0

    @property
    def width(self) -> int:
        """Number of columns, at least 2, which the headings need."""
        return max(2, *(column + 1 for column, _ in self.places))

    @property
    def height(self) -> int:
        """Number of rows."""
        return max(row + 1 for _, row in self.places)

    def is_lowest(self, position: int) -> bool:
        """Whether no place stands below one."""
        column, row = self.places[position]
        return row == max(other for of, other in self.places if of == column)
