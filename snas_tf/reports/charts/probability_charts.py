# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How the probabilities of the options developed, a small chart a place."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.reports.charts import axes_style, palette
from snas_tf.reports.charts.grid import grid
from snas_tf.space.grid import Grid

_PANEL_WIDTH, _PANEL_HEIGHT = 1.95, 0.72
_PITCH_X, _PITCH_Y = 2.2, 1.1
_RIGHT, _TOP, _BOTTOM = 0.15, 0.85, 0.3
_LABELLED, _BARE = 1.15, 0.12  # left of the charts, with and without labels of their rows
_LEGEND_LINE = 0.2
_MOST_POINTS = 120  # more are not seen at this size, and make the page large


def draw_probabilities(
    probabilities: np.ndarray, searched: space.DecisionSpace, decision: str
) -> Figure:
    """Draws a stacked area chart a place; of a cell, rows are source nodes, columns target nodes.

    Args:
        probabilities: (epochs, places, options), at least one epoch.
        searched: The space.
        decision: The name of one of its decisions, such as the kind of cell "normal".

    Returns:
        A figure of its own, not registered with pyplot. Above every chart stands the option that is
        the most probable in the last epoch.

    Raises:
        InvalidInput: The array has another shape, or there is no such decision.
    """
    layout = grid(searched, decision)
    values = np.asarray(probabilities)
    shape = len(layout.places), len(layout.options)
    if values.shape[1:] != shape or not len(values):
        raise InvalidInput(
            f"`probabilities` must be (epochs, {shape[0]}, {shape[1]}) (epochs, places, options) "
            f"with at least one epoch: given {values.shape}"
        )
    figure = _figure(layout)
    for position in range(len(layout.places)):
        axes = _panel(figure, layout, position)
        _draw_place(axes, values[:, position], layout, position)
        if layout.is_lowest(position):
            _mark_epochs(axes, len(values))
    return figure


def _figure(layout: Grid) -> Figure:
    """The empty figure with its headings, and the legend below or in the corner that is free."""
    legend_columns = 2 if layout.width > 2 else 1
    lines = -(-len(layout.options) // legend_columns)
    below = max(0.0, _LEGEND_LINE * (lines + 1) - layout.free * _PITCH_Y)
    width = _left(layout) + layout.width * _PITCH_X + _RIGHT
    height = _TOP + layout.height * _PITCH_Y + _BOTTOM + below
    figure = Figure(figsize=(width, height), facecolor=palette.PAPER)
    style = {"color": palette.INK, "fontsize": 9.5}
    figure.text(
        0.12 / width,
        1 - 0.1 / height,
        f"{layout.title}: probabilities of the {layout.option_word}s",
        color=palette.INK,
        fontsize=11,
        fontweight="bold",
        verticalalignment="top",
        parse_math=False,
    )
    for column, name in enumerate(layout.columns):
        x = _left(layout) + column * _PITCH_X + _PANEL_WIDTH / 2
        figure.text(x / width, 1 - 0.5 / height, name, horizontalalignment="center", **style)
    for row, name in enumerate(layout.rows):
        y = height - _TOP - row * _PITCH_Y - _PANEL_HEIGHT / 2
        figure.text(0.12 / width, y / height, name, verticalalignment="center", **style)
    _draw_legend(figure, layout, legend_columns)
    return figure


def _left(layout: Grid) -> float:
    return _LABELLED if layout.rows else _BARE


def _draw_legend(figure: Figure, layout: Grid, columns: int) -> None:
    width, height = figure.get_size_inches()
    legend = figure.legend(
        handles=[Patch(color=color, label=label) for label, color in layout.options],
        loc="lower left",
        bbox_to_anchor=(_left(layout) / width, 0.08 / height),
        ncols=columns,
        fontsize=9,
        frameon=False,
        labelcolor=palette.INK,
        borderaxespad=0,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)


def _panel(figure: Figure, layout: Grid, position: int) -> Axes:
    width, height = figure.get_size_inches()
    column, row = layout.places[position]
    left = _left(layout) + column * _PITCH_X
    bottom = height - _TOP - row * _PITCH_Y - _PANEL_HEIGHT
    axes = figure.add_axes(
        (left / width, bottom / height, _PANEL_WIDTH / width, _PANEL_HEIGHT / height)
    )
    axes_style.apply(axes)
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.set_xticks([])
    return axes


def _draw_place(axes: Axes, values: np.ndarray, layout: Grid, position: int) -> None:
    """Draws (epochs, options)."""
    epochs = np.arange(1, len(values) + 1, dtype=float)
    if len(values) == 1:
        epochs, values = np.array([0.5, 1.5]), np.repeat(values, 2, axis=0)
    shown = np.unique(np.linspace(0, len(values) - 1, _MOST_POINTS).round().astype(int))
    labels, colors = zip(*layout.options, strict=True)
    axes.stackplot(epochs[shown], values[shown].T, colors=colors, linewidth=0, clip_on=False)
    axes.set_xlim(epochs[0], epochs[-1])
    best = int(values[-1].argmax())
    told = f"{labels[best]}  {100 * values[-1, best]:.0f} %"
    name = layout.names[position]
    axes.set_title(
        f"{name}\n{told}" if name else told,
        fontsize=axes_style.FONT_SIZE,
        color=palette.INK,
        loc="left",
        pad=3,
        parse_math=False,
    )


def _mark_epochs(axes: Axes, epochs: int) -> None:
    axes.set_xticks(sorted({1, epochs}), [f"epoch {epoch}" for epoch in sorted({1, epochs})])
    labels = axes.get_xticklabels()
    if epochs > 1:
        labels[0].set_horizontalalignment("left")
        labels[-1].set_horizontalalignment("right")
