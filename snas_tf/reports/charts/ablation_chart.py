# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How much better or worse each variant of a search is, seed by seed."""

from __future__ import annotations

import statistics

from matplotlib.figure import Figure

from snas_tf.reports.ablation import Ablation
from snas_tf.reports.charts import axes_style, palette

_WIDTH, _ROW, _MARGIN = 7.0, 0.34, 0.9


def draw_ablation(told: Ablation) -> Figure:
    """Draws a row a variant: a small mark a seed, a large one for the mean, and its deviation.

    Args:
        told: The ablation, with two variants at least.

    Returns:
        A figure of its own, not registered with pyplot.
    """
    variants = told.variants[1:]
    figure, axes = axes_style.on_grid((_WIDTH, _ROW * len(variants) + _MARGIN))
    for row, variant in enumerate(variants):
        values = told.differences(variant)
        if not values:
            continue
        mean = statistics.fmean(values)
        deviation = statistics.stdev(values) if len(values) > 1 else 0.0
        axes.plot(values, [row] * len(values), "o", color=palette.SUPERNET, markersize=3)
        axes.errorbar(
            [mean], [row], xerr=[deviation], fmt="o", color=palette.CHILD, markersize=6, capsize=3
        )
    axes.axvline(0.0, color=palette.MUTED, linewidth=0.8)
    axes.set_yticks(range(len(variants)), variants, parse_math=False)
    axes.set_ylim(len(variants) - 0.5, -0.5)
    axes.set_xlabel(
        "points better than the search as it is", fontsize=axes_style.FONT_SIZE, color=palette.INK
    )
    return figure
