# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The sizes of a data set, which all networks that are searched for it have."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Self

from snas_tf.errors import InvalidInput
from snas_tf.space import image_shape


@dataclasses.dataclass(frozen=True, slots=True)
class ImagePlan:
    """What a data set fixes of a network; a family adds what else is fixed around its choices.

    Attributes:
        num_classes: Number of classes.
        image_shape: (height, width, channels).

    Raises:
        InvalidInput: A number is out of range.
    """

    num_classes: int
    image_shape: tuple[int, ...]

    def __post_init__(self) -> None:
        if type(self.num_classes) is not int or self.num_classes < 1:
            raise InvalidInput(
                f"`num_classes` must be a whole number, at least 1: given {self.num_classes!r}"
            )
        object.__setattr__(self, "image_shape", self.checked_shape())

    def checked_shape(self) -> tuple[int, ...]:
        """The shape of an example as it is kept; raises `InvalidInput` for that of no image."""
        return image_shape.checked(self.image_shape)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain data."""
        return {**dataclasses.asdict(self), "image_shape": list(self.image_shape)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Restores the plan from `get_config`."""
        return cls(**config)
