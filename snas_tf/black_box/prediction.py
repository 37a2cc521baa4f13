# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a model of trials says of one of them."""

from __future__ import annotations

from typing import NamedTuple


class Prediction(NamedTuple):
    """What a trial was worth, and what all other trials together say that it is.

    Attributes:
        number: Of the trial.
        observed: Its reward.
        mean: What the others predict.
        deviation: How sure that is, the noise of a measurement included.
    """

    number: int
    observed: float
    mean: float
    deviation: float
