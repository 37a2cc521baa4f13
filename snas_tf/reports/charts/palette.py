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

TRAINING = "#8b949e"
SUPERNET = "#2a78d6"
CHILD = "#d9580d"
"""Curves: what is measured on training images, by the supernet, and by the child network."""

GROUPS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9")
"""Groups of networks, in their order: of Okabe and Ito's colors, which the color-blind tell apart,
those that are unlike CHILD."""

WARNING = "#d9580d"
"""What the reader must not overlook."""
