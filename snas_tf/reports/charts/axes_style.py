# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The look that all charts share."""

from __future__ import annotations

from matplotlib.axes import Axes

from snas_tf.reports.charts import palette

FONT_SIZE = 8


def apply(axes: Axes) -> None:
    """Gives axes quiet lines and small labels.

    Args:
        axes: Changed in place.
    """
    axes.set_facecolor(palette.PAPER)
    axes.tick_params(
        labelsize=FONT_SIZE, labelcolor=palette.MUTED, color=palette.RULE, length=3, pad=2
    )
    for name, spine in axes.spines.items():
        spine.set_color(palette.RULE)
        spine.set_visible(name in ("left", "bottom"))
