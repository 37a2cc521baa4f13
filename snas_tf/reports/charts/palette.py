# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The colors of all pictures: one hue a family of operations, the same in every picture."""

from __future__ import annotations

import matplotlib
from matplotlib import colors

INK = "#1f2328"
MUTED = "#656d76"
RULE = "#d1d7de"
FILL = "#eef1f4"
PAPER = "#ffffff"

THEMED = {INK: "ink", MUTED: "muted", RULE: "rule", FILL: "fill", PAPER: "paper"}
"""Colors that the page replaces by its own of this name, so that pictures follow a dark scheme."""

TRAINING = "#8b949e"
SUPERNET = "#2a78d6"
CHILD = "#d9580d"
"""Curves: what is measured on training images, by the supernet, and by the child network."""

GROUPS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9")
"""Groups of networks, in their order: of Okabe and Ito's colors, which the color-blind tell apart,
those that are unlike CHILD."""

_OPTIONS = (*GROUPS, "#d55e00", "#f0e442", "#8b949e")

WARNING = "#d9580d"
"""What the reader must not overlook."""


def of_options(count: int) -> tuple[str, ...]:
    """A color for each of some options that have none of their own.

    Args:
        count: How many, at least 1.

    Returns:
        Different colors; of more than eight, neighbours look alike, as on a scale.
    """
    if count <= len(_OPTIONS):
        return _OPTIONS[:count]
    scale = matplotlib.colormaps["viridis"].resampled(count)
    return tuple(colors.to_hex(scale(position)) for position in range(count))
