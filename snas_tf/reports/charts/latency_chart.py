# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Whether a latency table is right: predicted against measured latency of whole networks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from snas_tf.errors import InvalidInput
from snas_tf.reports.charts import axes_style, palette

_SIZE = (4.2, 4.3)
_MARGIN = 0.08  # of the range of the values, on every side


def draw_latencies(predicted: Sequence[float], measured: Sequence[float]) -> Figure:
    """Draws a point a network; on the diagonal the prediction is exact.

    Args:
        predicted: Milliseconds of at least one network, by its latency table.
        measured: Milliseconds of the same networks.

    Returns:
        A figure of its own, not registered with pyplot.

    Raises:
        InvalidInput: There is no network, or the numbers of values differ or are not finite.
    """
    points = np.array([*predicted, *measured], np.float64)
    if not len(predicted) or len(predicted) != len(measured) or not np.isfinite(points).all():
        raise InvalidInput(
            "`predicted` and `measured` must be finite milliseconds of the same networks, at least "
            f"one: given {len(predicted)} and {len(measured)}"
        )
    figure, axes = axes_style.on_grid(_SIZE)
    margin = _MARGIN * (np.ptp(points) or points.max() or 1.0)
    limits = (points.min() - margin, points.max() + margin)
    axes.set(xlim=limits, ylim=limits, aspect="equal")
    axes.plot(limits, limits, color=palette.TRAINING, linewidth=1.0, label="predicted = measured")
    axes.plot(
        predicted, measured, color=palette.CHILD, marker="o", markersize=4.5, linestyle="none"
    )
    style = {"fontsize": axes_style.FONT_SIZE, "color": palette.MUTED}
    axes.set_xlabel("predicted latency (ms)", **style)
    axes.set_title("measured latency (ms)", loc="left", **style)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=5))
    # Below the chart, where it hides no point.
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(0, -0.12),
        borderaxespad=0,
        fontsize=axes_style.FONT_SIZE,
        labelcolor=palette.INK,
        frameon=False,
    )
    return figure
