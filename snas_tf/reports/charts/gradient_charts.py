# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Where the cost presses: its part in the gradient of every place."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.reports.charts import palette
from snas_tf.reports.charts.grid import grid
from snas_tf.space.grid import Grid

_BAR_WIDTH, _BAR_HEIGHT = 1.05, 0.15
_PITCH_X, _PITCH_Y = 1.95, 0.56
_RIGHT, _TOP, _BOTTOM = 0.1, 0.85, 0.2
_LABELLED, _BARE = 1.15, 0.12  # left of the bars, with and without labels of their rows
_NAME = 0.18  # above the bars of a place that has a name
_LEGEND_HEIGHT = 0.45
_GAP = 0.06
_COLORS = (palette.CHILD, palette.SUPERNET)


def draw_gradient_shares(shares: Mapping[str, np.ndarray], searched: space.DecisionSpace) -> Figure:
    """Draws two bars a place; of a cell, rows are source nodes, columns target nodes.

    The first is the part of the cost in the place's gradient, |cost| / (|cost| + |loss|); the
    second the part of the place in the cost's gradient of its decision, |cost| / sum over places
    |cost|.

    Args:
        shares: {decision: (places, 2)}, at least one decision: the norms of the loss's and of the
            cost's gradient with respect to the logits of a place, in any unit.
        searched: The space.

    Returns:
        A figure of its own, not registered with pyplot, with axes a decision.

    Raises:
        InvalidInput: There is no decision, or an array has another shape or is no norm.
    """
    names = [decision.name for decision in searched.decisions if decision.name in shares]
    if not names:
        raise InvalidInput("`shares` must hold the norms of a decision: given none")
    layouts = {name: grid(searched, name) for name in names}
    values = {name: _checked(shares[name], layouts[name]) for name in names}
    width = max(_left(each) + each.width * _PITCH_X + _RIGHT for each in layouts.values())
    heights = [_TOP + each.height * _pitch(each) + _BOTTOM for each in layouts.values()]
    height = sum(heights) + _LEGEND_HEIGHT
    figure = Figure(figsize=(width, height), facecolor=palette.PAPER)
    below = height
    for (name, layout), each in zip(layouts.items(), heights, strict=True):
        below -= each
        axes = figure.add_axes((0, below / height, 1, each / height), label=name)
        axes.set_axis_off()
        axes.set_xlim(0, width)
        axes.set_ylim(each, 0)  # downwards, as rows are counted
        _draw_decision(axes, values[name], layout)
    _draw_legend(figure, next(iter(layouts.values())).place_word)
    return figure


def parts(norms: np.ndarray) -> np.ndarray:
    """What the two bars of every place show.

    Args:
        norms: (places, 2), of loss and cost.

    Returns:
        (places, 2) in [0, 1]: the part of the cost in the place's gradient, and the part of the
        place in the cost's; 0 where all of a gradient is zero.
    """
    loss, cost = np.asarray(norms, np.float64).T
    of_place = np.divide(cost, cost + loss, out=np.zeros_like(cost), where=cost + loss > 0)
    of_cost = cost / cost.sum() if cost.any() else np.zeros_like(cost)
    return np.stack([of_place, of_cost], axis=-1)


def _checked(norms: np.ndarray, layout: Grid) -> np.ndarray:
    values = np.asarray(norms, np.float64)
    if values.shape != (len(layout.places), 2):
        raise InvalidInput(
            f"`shares` of the {layout.title} must be ({len(layout.places)}, 2) "
            f"({layout.place_word}s, loss and cost): given {values.shape}"
        )
    if not (np.isfinite(values) & (values >= 0)).all():
        raise InvalidInput(f"`shares` of the {layout.title} must be norms, finite and 0 or more")
    return values


def _left(layout: Grid) -> float:
    return _LABELLED if layout.rows else _BARE


def _pitch(layout: Grid) -> float:
    return _PITCH_Y + (_NAME if any(layout.names) else 0.0)


def _draw_decision(axes: Axes, norms: np.ndarray, layout: Grid) -> None:
    style = {"color": palette.INK, "fontsize": 9.5}
    axes.text(
        0.12,
        0.1,
        f"{layout.title}: where the cost presses",
        color=palette.INK,
        fontsize=11,
        fontweight="bold",
        verticalalignment="top",
        parse_math=False,
    )
    for column, name in enumerate(layout.columns):
        x = _left(layout) + column * _PITCH_X + _BAR_WIDTH / 2
        axes.text(x, 0.6, name, horizontalalignment="center", **style)
    for row, name in enumerate(layout.rows):
        y = _TOP + row * _pitch(layout) + _BAR_HEIGHT + _GAP / 2
        axes.text(0.12, y, name, verticalalignment="center", **style)
    shown = parts(norms)
    largest = shown[:, 1].max()
    for position, (of_place, of_cost) in enumerate(shown):
        column, row = layout.places[position]
        x, y = _left(layout) + column * _PITCH_X, _TOP + row * _pitch(layout)
        if layout.names[position]:
            small = {"fontsize": 8, "color": palette.INK, "parse_math": False}
            axes.text(x, y - 0.05, layout.names[position], **small)
        length = of_cost / largest if largest else 0.0
        _draw_bar(axes, x, y, 0, of_place, of_place)
        _draw_bar(axes, x, y, 1, length, of_cost)


def _draw_bar(axes: Axes, x: float, top: float, line: int, length: float, value: float) -> None:
    """Draws a length of the full bar and writes a value behind it, both in [0, 1]."""
    y = top + line * (_BAR_HEIGHT + _GAP)
    for width, color in ((_BAR_WIDTH, palette.FILL), (length * _BAR_WIDTH, _COLORS[line])):
        axes.add_patch(Rectangle((x, y), width, _BAR_HEIGHT, facecolor=color, linewidth=0))
    axes.text(
        x + _BAR_WIDTH + 0.07,
        y + _BAR_HEIGHT / 2,
        f"{100 * value:.0f} %",
        fontsize=8,
        color=palette.INK,
        verticalalignment="center",
    )


def _draw_legend(figure: Figure, word: str) -> None:
    labels = (
        f"part of the cost in this {word}'s gradient (full bar: 100 %)",
        f"part of this {word} in the cost's gradient (full bar: the largest)",
    )
    figure.legend(
        handles=[Patch(color=c, label=label) for c, label in zip(_COLORS, labels, strict=True)],
        loc="lower left",
        bbox_to_anchor=(0.1 / figure.get_figwidth(), 0),
        fontsize=9,
        frameon=False,
        labelcolor=palette.INK,
        borderaxespad=0,
    )
