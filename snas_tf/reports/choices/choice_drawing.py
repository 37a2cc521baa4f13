# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A model with its choices as a picture: from top to bottom, the options with their bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle
from matplotlib.path import Path

from snas_tf import space
from snas_tf.reports.charts import palette
from snas_tf.space.choices.outline import Outline

_WIDTH, _GAP, _LINE, _PAD, _BETWEEN = 3.4, 0.4, 0.2, 0.1, 0.3
"""Inches: of a part, between two side by side, of a line of text, around it, between levels."""

_SHOWN = 8
"""Options that are told of a decision; of more, the likeliest."""

_TEXT = 8.5


def draw_choices(
    outline: Outline,
    searched: space.DecisionSpace,
    chosen: Mapping[str, np.ndarray],
    probabilities: Mapping[str, np.ndarray] | None = None,
) -> Figure:
    """Draws a model, in which every choice lists its options.

    Args:
        outline: The model.
        searched: What it leaves open.
        chosen: {decision: one-hot (1, options)}, which options are chosen.
        probabilities: {decision: (1, options)}, each in [0, 1]; {} or None where there are none.

    Returns:
        A figure of its own, not registered with pyplot. What is chosen is bold, and bars are as
        long as probabilities.
    """
    options = {decision.name: decision.options for decision in searched.decisions}
    lines = [_lines(part.decisions, options, chosen, probabilities or {}) for part in outline]
    heights = [(1 + len(told)) * _LINE + 2 * _PAD for told in lines]
    levels = _levels(outline)
    places = _places(levels, heights)
    right = max(x for x, _ in places) + _WIDTH / 2 + _GAP
    bottom = min(top - height for (_, top), height in zip(places, heights, strict=True)) - _GAP
    axes = _canvas(-right, right, bottom, _GAP)
    for position, part in enumerate(outline):
        for source in part.sources:
            far = levels[position] - levels[source] > 1
            _arrow(axes, places[source], heights[source], places[position], around=far)
    for part, told, place, height in zip(outline, lines, places, heights, strict=True):
        _box(axes, place, height, open_=bool(part.decisions))
        _write(axes, part.title, told, place)
    return axes.figure


_Line = tuple[str, bool, float | None]
"""Text, whether it is chosen, and its probability; None for the name of a decision."""


def _lines(
    decisions: Sequence[str],
    options: Mapping[str, Sequence[str]],
    chosen: Mapping[str, np.ndarray],
    probabilities: Mapping[str, np.ndarray],
) -> list[_Line]:
    """What stands below the title of a part."""
    told: list[_Line] = []
    for name in decisions:
        told.append((name, False, None))
        row = np.asarray(chosen[name][0], float)
        weights = np.asarray(probabilities[name][0]) if name in probabilities else row
        order = np.sort(np.argsort(-weights, kind="stable")[:_SHOWN])
        told += [(options[name][k], bool(row[k]), float(weights[k])) for k in order]
        if len(row) > len(order):
            told.append((f"and {len(row) - len(order)} more", False, 0.0))
    return told


def _levels(outline: Outline) -> list[int]:
    """How deep each part stands: below all that it takes."""
    levels: list[int] = []
    for part in outline:
        levels.append(1 + max((levels[source] for source in part.sources), default=-1))
    return levels


def _places(levels: Sequence[int], heights: Sequence[float]) -> list[tuple[float, float]]:
    """The middle of the top of each part; those of one level side by side."""
    places, top = [(0.0, 0.0)] * len(levels), 0.0
    for level in range(max(levels) + 1):
        here = [position for position, own in enumerate(levels) if own == level]
        for rank, position in enumerate(here):
            places[position] = ((rank - (len(here) - 1) / 2) * (_WIDTH + _GAP), top)
        top -= max(heights[position] for position in here) + _BETWEEN
    return places


def _canvas(left: float, right: float, bottom: float, top: float) -> Axes:
    figure = Figure(figsize=(right - left, top - bottom), facecolor=palette.PAPER)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    return axes


def _arrow(
    axes: Axes,
    source: tuple[float, float],
    height: float,
    target: tuple[float, float],
    *,
    around: bool,
) -> None:
    """From the foot of a part to the top of another; around what stands between them."""
    points = [(source[0], source[1] - height), target]
    if around:
        side = max(source[0], target[0]) + _WIDTH / 2 + _GAP / 2
        out, into = source[1] - height / 2, target[1] - _PAD
        points = [(source[0], out), (side, out), (side, into), (target[0] + _WIDTH / 2, into)]
    axes.add_patch(
        FancyArrowPatch(
            path=Path(points),
            arrowstyle="-|>",
            mutation_scale=9,
            color=palette.MUTED,
            linewidth=1.2,
            zorder=1,
        )
    )


def _box(axes: Axes, place: tuple[float, float], height: float, *, open_: bool) -> None:
    x, top = place
    axes.add_patch(
        FancyBboxPatch(
            (x - _WIDTH / 2, top - height),
            _WIDTH,
            height,
            boxstyle="round,pad=0,rounding_size=0.07",
            facecolor=palette.PAPER if open_ else palette.FILL,
            edgecolor=palette.SUPERNET if open_ else palette.RULE,
            linewidth=1.2,
            zorder=2,
        )
    )


def _write(axes: Axes, title: str, lines: Sequence[_Line], place: tuple[float, float]) -> None:
    x, y = place[0] - _WIDTH / 2 + _PAD, place[1] - _PAD - _LINE / 2
    style = {"fontsize": _TEXT, "verticalalignment": "center", "parse_math": False, "zorder": 4}
    axes.text(x, y, _cut(title, 46), color=palette.MUTED, **style)
    for text, chosen, value in lines:
        y -= _LINE
        if value is None:
            axes.text(x, y, _cut(text, 40), color=palette.INK, fontweight="bold", **style)
            continue
        color = palette.CHILD if chosen else palette.SUPERNET
        length = value * (_WIDTH - 2 * _PAD - 0.1)
        foot = (x + 0.1, y - 0.42 * _LINE)
        axes.add_patch(
            Rectangle(foot, length, 0.84 * _LINE, color=color, alpha=0.25, linewidth=0, zorder=3)
        )
        weight = "bold" if chosen else "normal"
        axes.text(x + 0.15, y, _cut(text, 36), color=palette.INK, fontweight=weight, **style)
        axes.text(
            place[0] + _WIDTH / 2 - _PAD,
            y,
            f"{value:.2f}",
            color=palette.INK,
            horizontalalignment="right",
            **style,
        )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."
