# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How the probabilities of the operations developed, a small chart an edge."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.reports.charts import axes_style, palette
from snas_tf.reports.notation import cell_name, from_node

_PANEL_WIDTH, _PANEL_HEIGHT = 1.95, 0.72
_PITCH_X, _PITCH_Y = 2.2, 1.1
_LEFT, _RIGHT, _TOP, _BOTTOM = 1.15, 0.15, 0.85, 0.3
_LEGEND_LINE = 0.2
_MOST_POINTS = 120  # more are not seen at this size, and make the page large


def draw_probabilities(probabilities: np.ndarray, cells: space.CellSpace, kind: str) -> Figure:
    """Draws a stacked area chart an edge: rows are source nodes, columns target nodes.

    Args:
        probabilities: (epochs, edges, ops), at least one epoch.
        cells: The cell space that names edges and operations.
        kind: A kind of cell, such as "normal", for the title.

    Returns:
        A figure of its own, not registered with pyplot. Above every chart stands the operation that
        is the most probable in the last epoch.

    Raises:
        InvalidInput: The array has another shape, or there is no such kind.
    """
    if kind not in cells.kinds:
        raise InvalidInput(f"`kind` must be one of {', '.join(cells.kinds)}: given {kind!r}")
    values = np.asarray(probabilities)
    if values.shape[1:] != (cells.num_edges, cells.num_operations) or not len(values):
        raise InvalidInput(
            f"`probabilities` must be (epochs, {cells.num_edges}, {cells.num_operations}) (epochs, "
            f"edges, operations) with at least one epoch: given {values.shape}"
        )
    figure = _figure(cells, kind)
    for position, edge in enumerate(cells.edges):
        axes = _panel(figure, edge, cells)
        _draw_edge(axes, values[:, position], cells)
        if edge.source == edge.node - 1:
            _mark_epochs(axes, len(values))
    return figure


def _figure(cells: space.CellSpace, kind: str) -> Figure:
    """The empty figure with its headings, and the legend in the corner that no edge uses."""
    width = _LEFT + max(2, cells.num_nodes) * _PITCH_X + _RIGHT
    # The corner holds two lines a row for every node but the first two.
    below = max(0.0, _LEGEND_LINE * (cells.num_operations + 1) - (cells.num_nodes - 1) * _PITCH_Y)
    height = _TOP + (cells.num_inputs + cells.num_nodes - 1) * _PITCH_Y + _BOTTOM + below
    figure = Figure(figsize=(width, height), facecolor=palette.PAPER)
    style = {"color": palette.INK, "fontsize": 9.5}
    figure.text(
        0.12 / width,
        1 - 0.1 / height,
        f"{cell_name(kind)}: probabilities of the operations",
        color=palette.INK,
        fontsize=11,
        fontweight="bold",
        verticalalignment="top",
    )
    for node in cells.nodes:
        x = _LEFT + (node - cells.num_inputs) * _PITCH_X + _PANEL_WIDTH / 2
        name = f"to node {node}"
        figure.text(x / width, 1 - 0.5 / height, name, horizontalalignment="center", **style)
    for source in range(cells.num_inputs + cells.num_nodes - 1):
        y = height - _TOP - source * _PITCH_Y - _PANEL_HEIGHT / 2
        name = from_node(source, cells.num_inputs)
        figure.text(0.12 / width, y / height, name, verticalalignment="center", **style)
    _draw_legend(figure, cells)
    return figure


def _draw_legend(figure: Figure, cells: space.CellSpace) -> None:
    width, height = figure.get_size_inches()
    records = [space.operation(name) for name in cells.primitives]
    figure.legend(
        handles=[Patch(color=record.color, label=record.label) for record in records],
        loc="lower left",
        bbox_to_anchor=(_LEFT / width, 0.08 / height),
        ncols=2 if cells.num_nodes > 2 else 1,
        fontsize=9,
        frameon=False,
        labelcolor=palette.INK,
        borderaxespad=0,
    )


def _panel(figure: Figure, edge: space.Edge, cells: space.CellSpace) -> Axes:
    width, height = figure.get_size_inches()
    left = _LEFT + (edge.node - cells.num_inputs) * _PITCH_X
    bottom = height - _TOP - edge.source * _PITCH_Y - _PANEL_HEIGHT
    axes = figure.add_axes(
        (left / width, bottom / height, _PANEL_WIDTH / width, _PANEL_HEIGHT / height)
    )
    axes_style.apply(axes)
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.set_xticks([])
    return axes


def _draw_edge(axes: Axes, values: np.ndarray, cells: space.CellSpace) -> None:
    """Draws (epochs, ops)."""
    epochs = np.arange(1, len(values) + 1, dtype=float)
    if len(values) == 1:
        epochs, values = np.array([0.5, 1.5]), np.repeat(values, 2, axis=0)
    shown = np.unique(np.linspace(0, len(values) - 1, _MOST_POINTS).round().astype(int))
    colors = [space.operation(name).color for name in cells.primitives]
    axes.stackplot(epochs[shown], values[shown].T, colors=colors, linewidth=0, clip_on=False)
    axes.set_xlim(epochs[0], epochs[-1])
    best = int(values[-1].argmax())
    axes.set_title(
        f"{space.operation(cells.primitives[best]).label}  {100 * values[-1, best]:.0f} %",
        fontsize=axes_style.FONT_SIZE,
        color=palette.INK,
        loc="left",
        pad=3,
    )


def _mark_epochs(axes: Axes, epochs: int) -> None:
    axes.set_xticks(sorted({1, epochs}), [f"epoch {epoch}" for epoch in sorted({1, epochs})])
    labels = axes.get_xticklabels()
    if epochs > 1:
        labels[0].set_horizontalalignment("left")
        labels[-1].set_horizontalalignment("right")
