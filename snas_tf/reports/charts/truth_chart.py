# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The true accuracy of what a search would have ended with, over its epochs."""

from __future__ import annotations

import math

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from snas_tf.errors import InvalidInput
from snas_tf.reports.charts import axes_style, palette
from snas_tf.reports.notation import words
from snas_tf.reports.truth import Truth

_SIZE = (5.6, 2.8)


def draw_truth(truth: Truth) -> Figure:
    """Draws the first accuracy of the trajectory, and the best of the table as a line.

    Args:
        truth: What the table says; an epoch whose architecture it lacks is a gap.

    Returns:
        A figure of its own, not registered with pyplot.

    Raises:
        InvalidInput: The table has none of the architectures.
    """
    metric = truth.accuracies[0]
    values = [standing.values.get(metric, math.nan) for standing in truth.trajectory]
    if not any(map(math.isfinite, values)):
        raise InvalidInput(
            f"the table must have an architecture of the search to be drawn: {truth.table} has none"
        )
    figure = Figure(figsize=_SIZE, facecolor=palette.PAPER, layout="constrained")
    axes = figure.add_subplot()
    axes_style.apply(axes)
    axes.grid(axis="y", color=palette.RULE, linewidth=0.5)
    if truth.best is not None:
        axes.axhline(
            truth.best.values[metric],
            color=palette.TRAINING,
            linewidth=1.0,
            linestyle="--",
            label="best of the table" + (" within the budget" if truth.budget else ""),
        )
    axes.plot(
        range(1, len(values) + 1),
        values,
        color=palette.CHILD,
        linewidth=1.6,
        marker="o",
        markersize=3.5,
        label="what the search would have ended with",
    )
    axes.set_title(f"true {words(metric)}", fontsize=10, color=palette.INK, loc="left")
    axes.set_xlabel("epoch", fontsize=axes_style.FONT_SIZE, color=palette.MUTED)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
    # Below the chart, where it hides no point.
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(0, -0.22),
        borderaxespad=0,
        ncols=2,
        fontsize=axes_style.FONT_SIZE,
        labelcolor=palette.INK,
        frameon=False,
    )
    return figure
