# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Features of nodes or edges, column by column: numbers as they are, kinds as 0 and 1 each.

Which kinds there are is found in the data that a network learns from. What it is asked about later
is told by the same columns: a file that lacks one of the kinds has a column for it all the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from snas_tf.errors import InvalidInput


class Given(NamedTuple):
    """A column of a file.

    Attributes:
        name: Its name.
        values: Numbers or texts (count,), or numbers (count, any number of them).
        kinds: Whether they are kinds; None for texts, which are numbers if all of them look so.
    """

    name: str
    values: np.ndarray
    kinds: bool | None


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """What a column of a file was found to hold.

    Attributes:
        name: Its name.
        kinds: The kinds that there are, as texts; None of numbers.
        width: How many features it makes.
    """

    name: str
    kinds: tuple[str, ...] | None
    width: int

    def record(self) -> list[Any]:
        """Plain JSON data, from which `from_record` restores it."""
        return [self.name, self.width if self.kinds is None else [*self.kinds]]

    @classmethod
    def from_record(cls, record: Sequence[Any]) -> Column:
        """Restores what `record` gave."""
        name, found = record
        return (
            cls(name, None, found) if isinstance(found, int) else cls(name, (*found,), len(found))
        )


class Features(NamedTuple):
    """Features, float32 (count, features), and the columns that they were made of."""

    values: np.ndarray
    columns: tuple[Column, ...]


def features(given: Sequence[Given], count: int, known: Sequence[Column] | None = None) -> Features:
    """Features beside each other, in the order of the columns; one that is 1 where there are none.

    Args:
        given: The columns that there are.
        count: How many nodes or edges.
        known: The columns that a network learnt from; others are passed over. None for all.

    Raises:
        InvalidInput: A known column is missing, or holds other kinds or numbers of features.
    """
    if known is not None:
        by_name = {each.name: each for each in given}
        if missing := [column.name for column in known if column.name not in by_name]:
            raise InvalidInput(
                f"there must be the features {', '.join(column.name for column in known)}: given "
                f"none of {', '.join(missing)}"
            )
        given = [by_name[column.name] for column in known]
    columns, parts = [], []
    for number, each in enumerate(given):
        column, part = _made(each, known[number] if known is not None else None)
        columns.append(column)
        parts.append(part.reshape(count, column.width))
    if not parts:
        return Features(np.ones((count, 1), np.float32), ())
    return Features(np.concatenate(parts, axis=1), tuple(columns))


def by_column(name: str, values: np.ndarray) -> list[Given]:
    """Kinds side by side, (count, columns), as a column each.

    Args:
        name: Of the first one; others have their number behind it.
        values: The kinds.
    """
    return [
        Given(name if not number else f"{name}_{number + 1}", column, True)
        for number, column in enumerate(values.T)
    ]


def _made(given: Given, known: Column | None) -> tuple[Column, np.ndarray]:
    """The column, and its features."""
    values, are_kinds = given.values, given.kinds
    if are_kinds is None:
        numbers = numbers_of(values)
        wanted = numbers is None if known is None else known.kinds is not None
        if not wanted and numbers is None:
            raise InvalidInput(f"the feature {given.name} must be numbers: given {values[0]!r}")
        are_kinds, values = wanted, values if wanted else numbers
    if not are_kinds:
        return _of_numbers(given.name, values, known)
    found, index = np.unique(values, return_inverse=True)
    texts = tuple(map(_text, found.tolist()))
    if known is None:
        return Column(given.name, texts, len(texts)), np.eye(len(texts), dtype=np.float32)[index]
    if strange := [text for text in texts if text not in known.kinds]:
        raise InvalidInput(
            f"the feature {given.name} must be of the kinds {', '.join(known.kinds)}: given "
            f"{strange[0]}"
        )
    places = np.array([known.kinds.index(text) for text in texts], int)
    return known, np.eye(known.width, dtype=np.float32)[places[index]]


def _of_numbers(name: str, values: np.ndarray, known: Column | None) -> tuple[Column, np.ndarray]:
    width = 1 if values.ndim == 1 else values.shape[1]
    if known is not None and (known.kinds is not None or known.width != width):
        raise InvalidInput(f"the feature {name} must be {known.width} numbers: given {width}")
    return Column(name, None, width), np.asarray(values, np.float32)


def _text(value: Any) -> str:
    """A kind as a text; whole numbers are alike however they are written."""
    if isinstance(value, str):
        return value
    return str(int(value)) if float(value).is_integer() else repr(value)


def numbers_of(texts: np.ndarray) -> np.ndarray | None:
    """Texts as numbers, float64; None where one of them is none."""
    try:
        return texts.astype(np.float64)
    except ValueError:
        return None
