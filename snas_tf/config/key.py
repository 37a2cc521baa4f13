# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A key of the config: its default, what its value may be, and what it means."""

from __future__ import annotations

import dataclasses
from typing import Any

from snas_tf.errors import InvalidInput

Value = bool | int | float | str | tuple[str, ...]

_TYPES = {
    bool: "true or false",
    float: "a number",
    int: "a whole number",
    str: "a text",
    tuple: "a tuple of texts",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Key:
    """A key of the config.

    Attributes:
        default: The value where none is given; every other is of the same type.
        allowed: An interval of numbers, such as "[1, inf)"; or the texts that it may be, and of a
            tuple those that it may hold, each once; "" for whatever is of the type.
        meaning: What it says, and in which unit, for readers of --helpfull.
        only_with: The values of `space.name` that it means something for; () for all.
    """

    default: Value
    allowed: str | tuple[str, ...]
    meaning: str
    only_with: tuple[str, ...] = ()

    @property
    def expected(self) -> str:
        """What its value may be, such as "a whole number in [1, inf)"."""
        words = _TYPES[type(self.default)]
        if not self.allowed:
            return words
        if isinstance(self.allowed, str):
            return f"{words} in {self.allowed}"
        names = ", ".join(self.allowed)
        several = isinstance(self.default, tuple)
        return f"different names among {names}" if several else f"one of {names}"

    def check(self, name: str, value: Any) -> None:
        """Checks a value by itself.

        Args:
            name: The key's whole name, "search.epochs".
            value: What a config holds.

        Raises:
            InvalidInput: It is of another type, or may not be.
        """
        if type(value) is not type(self.default) or not self._allows(value):
            raise InvalidInput(must_be(name, self.expected, value))

    def _allows(self, value: Any) -> bool:
        if not self.allowed:
            return True
        if isinstance(self.allowed, str):
            return _lies_in(value, self.allowed)
        names = value if isinstance(value, tuple) else (value,)
        return {*names} <= {*self.allowed} and len({*names}) == len(names)


def must_be(name: str, what: str, given: Any) -> str:
    """The message of a wrong value."""
    return f"`--config.{name}` must be {what}: given {given!r}"


def _lies_in(value: float, interval: str) -> bool:
    least, most = (float(bound) for bound in interval[1:-1].split(","))
    above = value > least or (interval[0] == "[" and value == least)
    below = value < most or (interval[-1] == "]" and value == most)
    return above and below
