# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A Keras model as plain data, and the examples it is for: one with choices, or what was found."""

from __future__ import annotations

import dataclasses

from snas_tf.space.image_plan import ImagePlan


@dataclasses.dataclass(frozen=True, slots=True)
class ChoicePlan(ImagePlan):
    """A model, and the sizes of its data set, whose examples may be no images; see `ImagePlan`.

    Attributes:
        model: The model as JSON, see `networks.choices.choice_network.written`.
    """

    model: str

    def checked_shape(self) -> tuple[int, ...]:
        """The shape of an example, of any rank."""
        return tuple(self.image_shape)
