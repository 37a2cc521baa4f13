# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A Keras model as plain data, and the examples it is for: one with choices, or what was found."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from snas_tf.errors import InvalidInput


@dataclasses.dataclass(frozen=True, slots=True)
class ChoicePlan:
    """A model, and the sizes of its data set.

    Attributes:
        num_classes: Number of classes.
        image_shape: The shape of an example, (height, width, channels) of an image.
        model: The model as JSON, see `networks.choices.choice_network.written`.

    Raises:
        InvalidInput: A number is out of range.
    """

    num_classes: int
    image_shape: tuple[int, ...]
    model: str

    def __post_init__(self) -> None:
        if type(self.num_classes) is not int or self.num_classes < 1:
            raise InvalidInput(
                f"`num_classes` must be a whole number, at least 1: given {self.num_classes!r}"
            )
        object.__setattr__(self, "image_shape", tuple(self.image_shape))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain data."""
        return {**dataclasses.asdict(self), "image_shape": list(self.image_shape)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> ChoicePlan:
        """Restores the plan from `get_config`."""
        return cls(**config)
