# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The levels of the resource constraint: mild, moderate and aggressive, in numbers."""

from __future__ import annotations

from snas_tf.errors import InvalidInput

RESOURCE_WEIGHTS = {"none": 0.0, "mild": 0.01, "moderate": 0.03, "aggressive": 0.1}
"""eta of the paper's three levels, which never published its own.

Measured by benchmarks/resource_levels.py, the C of the children, relative to the mean of all
networks, is 0.91, 0.74, 0.56 and 0.33 on the digits, and 1.06, 0.84, 0.52 and 0.29 on a part of
CIFAR-10. That of the published cells on skeletons of 3 to 20 cells: moderate 0.80 to 0.86,
aggressive 0.39 to 0.43, mild 0.32 to 0.40. These are not in the order of their names, so no eta in
that order can give their costs: the levels are a factor of about three apart; moderate's cost lies
around that of mild here, and aggressive's between moderate's and aggressive's.
"""


def resource_weight(level: str) -> float:
    """eta of a level of the resource constraint.

    Args:
        level: Key of `RESOURCE_WEIGHTS`.

    Raises:
        InvalidInput: There is no such level.
    """
    if level not in RESOURCE_WEIGHTS:
        levels = ", ".join(RESOURCE_WEIGHTS)
        raise InvalidInput(f"the level of the constraint must be one of {levels}: given {level!r}")
    return RESOURCE_WEIGHTS[level]
