# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A whole network from its input to its output: what stands behind what."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True, slots=True)
class Stage:
    """One piece of a network.

    Attributes:
        title: What it is, such as "normal cell".
        shape: What it gives, such as "8x8x32".
        marked: Whether it is one that halves the resolution.
    """

    title: str
    shape: str
    marked: bool = False


def merged(stages: Sequence[Stage]) -> list[tuple[Stage, int]]:
    """Equal neighbours as one.

    Args:
        stages: The pieces of a network in their order.

    Returns:
        (piece, how many of it stand behind each other).
    """
    pieces: list[tuple[Stage, int]] = []
    for stage in stages:
        if pieces and pieces[-1][0] == stage:
            pieces[-1] = (stage, pieces[-1][1] + 1)
        else:
            pieces.append((stage, 1))
    return pieces
