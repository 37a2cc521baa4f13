# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is compared: searches with several seeds, and networks of several costs."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from snas_tf import space
from snas_tf.reports.result import check_fraction


@dataclasses.dataclass(frozen=True, kw_only=True)
class SeedResult:
    """One of several searches that differ in their seed alone; accuracies on validation images.

    Attributes:
        seed: The seed.
        supernet_accuracy: That of the supernet under sampled architectures, in [0, 1].
        child_accuracy: That of the child network without retraining, in [0, 1].
        trained_accuracy: That of the child network after a short training by itself, in [0, 1];
            None without one.
        cost: What the child network costs for one image.
        chosen: Whether this search's child was kept.

    Raises:
        InvalidInput: An accuracy is out of range.
    """

    seed: int
    supernet_accuracy: float
    child_accuracy: float
    trained_accuracy: float | None = None
    cost: space.Cost
    chosen: bool = False

    def __post_init__(self) -> None:
        for name in ("supernet_accuracy", "child_accuracy", "trained_accuracy"):
            check_fraction(name, getattr(self, name))


@dataclasses.dataclass(frozen=True, kw_only=True)
class TradeOffPoint:
    """What a network is worth, and what it costs.

    Attributes:
        label: Points with the same label are one group, such as "mild"; `EPOCHS` is the group of a
            single search's children, one an epoch, in order.
        cost: What the network costs for one image.
        accuracy: The part of the images that it classifies right, in [0, 1].

    Raises:
        InvalidInput: The accuracy is out of range.
    """

    EPOCHS: ClassVar[str] = "child of an epoch"

    label: str
    cost: space.Cost
    accuracy: float

    def __post_init__(self) -> None:
        check_fraction("accuracy", self.accuracy)
