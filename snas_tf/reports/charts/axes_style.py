# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The look that all charts share."""

from __future__ import annotations

import math

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


def widen(axes: Axes, least: float, bounds: tuple[float, float] = (-math.inf, math.inf)) -> None:
    """Lets the vertical axis span at least so much, or differences of chance look like a trend.

    Args:
        axes: Changed in place; all that it shows is drawn.
        least: The span.
        bounds: What values may be; the axis does not go beyond for the sake of the span.
    """
    low, high = axes.get_ylim()
    missing = least - (high - low)
    if missing <= 0:
        return
    low, high = low - missing / 2, high + missing / 2
    lift = max(bounds[0] - low, 0) - max(high - bounds[1], 0)
    axes.set_ylim(low + lift, high + lift)


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
