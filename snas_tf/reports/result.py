# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What was measured of one network."""

from __future__ import annotations

import dataclasses
import math
import statistics

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.reports import notation

_FRACTIONS = ("accuracy", "top_5_accuracy", "balanced_accuracy", "f1", "recalibrated")
_QUANTILE = statistics.NormalDist().inv_cdf(0.975)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClassResult:
    """How a network does on the images of one class.

    Attributes:
        name: The class.
        right: Number of its images that were classified right, from 0 to `count`.
        count: Number of its images, at least 1.

    Raises:
        InvalidInput: A number is out of range.
    """

    name: str
    right: int
    count: int

    def __post_init__(self) -> None:
        if self.count < 1:
            raise InvalidInput(
                f"`count` of class {self.name!r} must be at least 1: given {self.count!r}; do "
                "leave out classes without images"
            )
        if not 0 <= self.right <= self.count:
            raise InvalidInput(
                f"`right` of class {self.name!r} must be from 0 to its {self.count} images: given "
                f"{self.right!r}"
            )

    @property
    def accuracy(self) -> float:
        """The part that was classified right, in [0, 1]."""
        return self.right / self.count

    def interval(self) -> tuple[float, float]:
        """The 95 % Wilson score interval of the accuracy."""
        return _wilson(self.accuracy, self.count)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Confusion:
    """How often a network took one class for another.

    Attributes:
        right: The class.
        answered: The other one.
        count: Number of images of the class that were taken for the other, at least 1.
    """

    right: str
    answered: str
    count: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Result:
    """One line of the table of results.

    Attributes:
        name: What was measured, such as "child without retraining".
        split: The images it was measured on, "validation" or "test".
        accuracy: The part of them that was classified right, in [0, 1]; None if not measured.
        top_5_accuracy: The part of them whose class was among the five most probable ones, in
            [0, 1]; None if not measured.
        balanced_accuracy: The mean over classes of the part of each that is right, in [0, 1]; None
            if not measured.
        f1: The mean over classes of F1, the harmonic mean of precision and recall, in [0, 1]; None
            if not measured.
        mean_absolute_error: Where labels are numbers, the mean distance from them, 0 or more; None
            if not measured.
        recalibrated: The accuracy where the running statistics of batch normalisation are replaced
            by those of all training images, in [0, 1]; None if not measured.
        count: Number of those images; None if unknown.
        cost: What the network costs for one image; None where that means nothing.
        latency: Milliseconds that the network takes for one image; None if not measured.
        classes: What the accuracy is made of, class by class; () if not measured.
        confusions: What its mistakes are made of, the most frequent first; () if there are none, or
            not measured.

    Raises:
        InvalidInput: A number is out of range, or the classes have not `count` images together.
    """

    name: str
    split: str
    accuracy: float | None = None
    top_5_accuracy: float | None = None
    balanced_accuracy: float | None = None
    f1: float | None = None
    mean_absolute_error: float | None = None
    recalibrated: float | None = None
    count: int | None = None
    cost: space.Cost | None = None
    latency: float | None = None
    classes: tuple[ClassResult, ...] = ()
    confusions: tuple[Confusion, ...] = ()

    def __post_init__(self) -> None:
        # Lists, as JSON has them, are as good.
        object.__setattr__(self, "classes", tuple(self.classes))
        object.__setattr__(self, "confusions", tuple(self.confusions))
        for name in _FRACTIONS:
            check_fraction(name, getattr(self, name))
        error = self.mean_absolute_error
        if error is not None and not error >= 0:
            raise InvalidInput(f"`mean_absolute_error` must be 0 or more: given {error!r}")
        if self.count is not None and self.count < 1:
            raise InvalidInput(f"`count` must be at least 1: given {self.count!r}")
        if self.latency is not None and not 0 < self.latency < math.inf:
            raise InvalidInput(f"`latency` must be above 0 milliseconds: given {self.latency!r}")
        counted = sum(found.count for found in self.classes)
        if self.classes and self.count not in (None, counted):
            raise InvalidInput(
                f"`classes` must have the {self.count} images of `count` together: given {counted}"
            )

    @property
    def worth(self) -> float:
        """What says which network is better, the greater: the accuracy, or minus the mean error.

        Raises:
            ValueError: Neither was measured.
        """
        if self.accuracy is not None:
            return self.accuracy
        if self.mean_absolute_error is None:
            raise ValueError(f"{self.name} must have an accuracy or a mean absolute error")
        return -self.mean_absolute_error

    def told(self) -> str:
        """That for people, "96.20 %" or "a mean absolute error of 0.1234"."""
        if self.accuracy is not None:
            return notation.percent(self.accuracy)
        return f"a mean absolute error of {notation.decimal(self.mean_absolute_error)}"

    def interval(self) -> tuple[float, float] | None:
        """The 95 % Wilson score interval of the accuracy; None without accuracy or count.

        It accounts for the limited number of images only, not for another seed or split.
        """
        if self.accuracy is None or self.count is None:
            return None
        return _wilson(self.accuracy, self.count)


def _wilson(accuracy: float, count: int) -> tuple[float, float]:
    weight = _QUANTILE**2 / count
    center = accuracy + weight / 2
    half = math.sqrt(weight * (accuracy * (1 - accuracy) + weight / 4))
    return max(0.0, (center - half) / (1 + weight)), min(1.0, (center + half) / (1 + weight))


def check_fraction(name: str, value: float | None) -> None:
    """Raises `InvalidInput` for a number outside [0, 1]; None, not measured, is allowed."""
    if value is not None and not 0 <= value <= 1:
        raise InvalidInput(f"`{name}` must be in [0, 1]: given {value!r}")
