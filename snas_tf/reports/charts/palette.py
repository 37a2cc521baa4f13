# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The colors of all pictures: one hue a family of operations, the same in every picture."""

from __future__ import annotations

INK = "#1f2328"
MUTED = "#656d76"
RULE = "#d1d7de"
FILL = "#eef1f4"
PAPER = "#ffffff"

THEMED = {INK: "ink", MUTED: "muted", RULE: "rule", FILL: "fill", PAPER: "paper"}
"""Colors that the page replaces by its own of this name, so that pictures follow a dark scheme."""

OPERATIONS = {
    "none": "#afb8c1",
    "max_pool_3x3": "#20838a",
    "avg_pool_3x3": "#5fb8bd",
    "skip_connect": "#6fa83a",
    "sep_conv_3x3": "#67a5f5",
    "sep_conv_5x5": "#346bd1",
    "dil_conv_3x3": "#f0985b",
    "dil_conv_5x5": "#cf5b1e",
}
"""Poolings teal, skip connections green, separable convolutions blue, dilated ones orange; the
larger or stronger of two is darker."""

TRAINING = "#8b949e"
SUPERNET = "#2a78d6"
CHILD = "#d9580d"
"""Curves: what is measured on training images, by the supernet, and by the child network."""

GROUPS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9")
"""Groups of networks, in their order: of Okabe and Ito's colors, which the color-blind tell apart,
those that are unlike CHILD."""

WARNING = "#d9580d"
"""What the reader must not overlook."""
