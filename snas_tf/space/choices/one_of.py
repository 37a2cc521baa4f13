# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""One of several sizes, where a layer of a model takes a number."""

from __future__ import annotations

from typing import Any

from snas_tf.errors import InvalidInput


class OneOf(int):
    """One of several sizes: `layers.Conv2D(OneOf(16, 32, 64), OneOf(3, 5), padding="same")`.

    It is a number, the greatest of its sizes, so that a layer which is given one is an ordinary
    layer of that size. A search leaves out what the smaller sizes have not.

    Args:
        *sizes: Different whole numbers, at least 1.
        decision: Name of what is decided: all of one name decide together, and must have the same
            sizes. None is a name made of the layer's and its argument's, as "conv2d_filters".

    Attributes:
        sizes: The greatest first.
        options: The sizes as text, the names of what may be decided.
        decision: As given.

    Raises:
        InvalidInput: There is no size, or one is no such number or stands twice.
    """

    sizes: tuple[int, ...]
    decision: str | None

    def __new__(cls, *sizes: int, decision: str | None = None) -> OneOf:
        """The greatest of the sizes."""
        whole = all(isinstance(s, int) and not isinstance(s, bool) and s > 0 for s in sizes)
        if not whole or len({*sizes}) < max(1, len(sizes)):
            raise InvalidInput(
                "the sizes of a OneOf must be different whole numbers, at least 1, such as "
                f"OneOf(16, 32): given {', '.join(map(repr, sizes)) or 'none'}"
            )
        number = super().__new__(cls, max(sizes))
        number.sizes = tuple(sorted(map(int, sizes), reverse=True))
        number.decision = decision
        return number

    @property
    def options(self) -> tuple[str, ...]:
        """The sizes as text."""
        return tuple(map(str, self.sizes))

    def is_like(self, other: Any) -> bool:
        """Whether another has the same sizes and the same decision."""
        alike = isinstance(other, OneOf) and self.sizes == other.sizes
        return alike and self.decision == other.decision

    def __repr__(self) -> str:
        named = "" if self.decision is None else f", decision={self.decision!r}"
        return f"OneOf({', '.join(map(str, reversed(self.sizes)))}{named})"

    def __getnewargs_ex__(self) -> tuple[tuple[int, ...], dict[str, Any]]:
        """What a copy is made of."""
        return self.sizes, {"decision": self.decision}
