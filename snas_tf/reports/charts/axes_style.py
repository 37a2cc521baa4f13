# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The look that all charts share."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

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


def on_grid(size: tuple[float, float]) -> tuple[Figure, Axes]:
    """A figure of one chart with lines behind it.

    Args:
        size: Width and height in inches.
    """
    figure = Figure(figsize=size, facecolor=palette.PAPER, layout="constrained")
    axes = figure.add_subplot()
    apply(axes)
    axes.grid(color=palette.RULE, linewidth=0.5)
    axes.set_axisbelow(True)
    return figure, axes
