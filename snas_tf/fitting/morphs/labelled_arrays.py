# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Images or rows of a table with their labels, as a search by morphs learns from them."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from snas_tf.errors import InvalidInput

_RANKS = {2: "rows of a table", 3: "grey images", 4: "images"}


@dataclasses.dataclass(frozen=True, slots=True)
class LabelledArrays:
    """Examples and their classes.

    Attributes:
        x: float32 (examples, height, width, channels), or (examples, features).
        y: int32 (examples,), numbers of classes.
        classes: The labels as they were given, sorted; a number is a place in it.
    """

    x: np.ndarray
    y: np.ndarray
    classes: np.ndarray

    @classmethod
    def of(cls, x: Any, y: Any, classes: np.ndarray | None = None) -> LabelledArrays:
        """Reads examples and labels.

        Args:
            x: Numbers, (examples, features), (examples, height, width) of grey images, or
                (examples, height, width, channels).
            y: A label an example, numbers or texts; or one column of them.
            classes: Those that there may be; None for all of `y`.

        Raises:
            InvalidInput: Shapes do not go together, a value is no finite number, or there is but
                one class.
        """
        x, labels = images(x), np.asarray(y)
        if labels.ndim == 2 and labels.shape[1] == 1:
            labels = labels[:, 0]
        if labels.ndim != 1 or len(labels) != len(x):
            raise InvalidInput(
                f"`y` must have a label for each of the {len(x)} examples of `x`: given shape "
                f"{labels.shape}"
            )
        known = np.unique(labels) if classes is None else classes
        if len(known) < 2:
            raise InvalidInput(f"`y` must have two classes at least: given {len(known)}")
        if strange := sorted({*labels.tolist()} - {*known.tolist()}):
            raise InvalidInput(
                f"`y` must have the classes that were searched with: given {strange[0]!r} too"
            )
        return cls(x, np.searchsorted(known, labels).astype(np.int32), known)

    def divided(self, share: float, seed: int) -> tuple[LabelledArrays, LabelledArrays]:
        """Examples to learn from and others to judge by, of every class the same share.

        Args:
            share: Of those to judge by, in (0, 1).
            seed: Of the division.

        Raises:
            InvalidInput: A part is without any.
        """
        rng = np.random.default_rng(seed)
        judges = []
        for number in range(len(self.classes)):
            rows = rng.permutation(np.flatnonzero(self.y == number))
            judges.extend(rows[: round(share * len(rows))].tolist())
        rest = np.setdiff1d(np.arange(len(self.y)), judges)
        if not judges or not len(rest):
            raise InvalidInput(
                f"`validation_share` must leave examples on both sides: given {share} of "
                f"{len(self.y)} examples"
            )
        return self._some(rest), self._some(np.sort(judges))

    def _some(self, rows: np.ndarray) -> LabelledArrays:
        return LabelledArrays(self.x[rows], self.y[rows], self.classes)


def images(x: Any) -> np.ndarray:
    """Examples as float32, grey images with their one channel.

    Args:
        x: As for `LabelledArrays.of`.

    Raises:
        InvalidInput: They are no such numbers.
    """
    try:
        values = np.asarray(x, np.float32)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"`x` must be an array of numbers: {error}") from error
    if values.ndim not in _RANKS or not values.size:
        raise InvalidInput(
            "`x` must be (examples, features), (examples, height, width) or (examples, height, "
            f"width, channels): given shape {values.shape}"
        )
    if not np.isfinite(values).all():
        raise InvalidInput("`x` must be finite numbers: it has NaN or infinity")
    return values[..., None] if values.ndim == 3 else values
