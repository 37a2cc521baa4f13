# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Where the cost presses: its part in the gradient of every edge."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.reports.charts import palette
from snas_tf.reports.notation import cell_name, from_node

_BAR_WIDTH, _BAR_HEIGHT = 1.05, 0.15
_PITCH_X, _PITCH_Y = 1.95, 0.56
_LEFT, _RIGHT, _TOP, _BOTTOM = 1.15, 0.1, 0.85, 0.2
_LEGEND_HEIGHT = 0.45
_GAP = 0.06
_COLORS = (palette.CHILD, palette.SUPERNET)
_LABELS = (
    "part of the cost in this edge's gradient (full bar: 100 %)",
    "part of this edge in the cost's gradient (full bar: the largest)",
)


def draw_gradient_shares(shares: Mapping[str, np.ndarray], cells: space.CellSpace) -> Figure:
    """Draws two bars an edge: rows are source nodes, columns target nodes.

    The first is the part of the cost in the edge's gradient, |cost| / (|cost| + |loss|); the second
    the part of the edge in the cost's gradient of its kind of cell, |cost| / sum over edges |cost|.

    Args:
        shares: {kind: (edges, 2)}, at least one kind: the norms of the loss's and of the cost's
            gradient with respect to the logits of an edge, in any unit.
        cells: The cell space that names the edges.

    Returns:
        A figure of its own, not registered with pyplot, with axes a kind.

    Raises:
        InvalidInput: There is no kind, or an array has another shape or is no norm.
    """
    kinds = [kind for kind in cells.kinds if kind in shares]
    if not kinds:
        raise InvalidInput("`shares` must hold the norms of a kind of cell: given none")
    values = {kind: _checked(shares[kind], cells, kind) for kind in kinds}
    width = _LEFT + max(2, cells.num_nodes) * _PITCH_X + _RIGHT
    each = _TOP + (cells.num_inputs + cells.num_nodes - 1) * _PITCH_Y + _BOTTOM
    height = each * len(kinds) + _LEGEND_HEIGHT
    figure = Figure(figsize=(width, height), facecolor=palette.PAPER)
    for number, kind in enumerate(kinds, start=1):
        place = (0, (height - number * each) / height, 1, each / height)
        axes = figure.add_axes(place, label=kind)
        axes.set_axis_off()
        axes.set_xlim(0, width)
        axes.set_ylim(each, 0)  # downwards, as rows are counted
        _draw_kind(axes, kind, values[kind], cells)
    _draw_legend(figure)
    return figure


def parts(norms: np.ndarray) -> np.ndarray:
    """What the two bars of every edge show.

    Args:
        norms: (edges, 2), of loss and cost.

    Returns:
        (edges, 2) in [0, 1]: the part of the cost in the edge's gradient, and the part of the edge
        in the cost's; 0 where all of a gradient is zero.
    """
    loss, cost = np.asarray(norms, np.float64).T
    of_edge = np.divide(cost, cost + loss, out=np.zeros_like(cost), where=cost + loss > 0)
    of_cost = cost / cost.sum() if cost.any() else np.zeros_like(cost)
    return np.stack([of_edge, of_cost], axis=-1)


def _checked(norms: np.ndarray, cells: space.CellSpace, kind: str) -> np.ndarray:
    values = np.asarray(norms, np.float64)
    if values.shape != (cells.num_edges, 2):
        raise InvalidInput(
            f"`shares` of the {kind} cell must be ({cells.num_edges}, 2) (edges, loss and cost): "
            f"given {values.shape}"
        )
    if not (np.isfinite(values) & (values >= 0)).all():
        raise InvalidInput(f"`shares` of the {kind} cell must be norms, finite and 0 or more")
    return values


def _draw_kind(axes: Axes, kind: str, norms: np.ndarray, cells: space.CellSpace) -> None:
    style = {"color": palette.INK, "fontsize": 9.5}
    axes.text(
        0.12,
        0.1,
        f"{cell_name(kind)}: where the cost presses",
        color=palette.INK,
        fontsize=11,
        fontweight="bold",
        verticalalignment="top",
    )
    for node in cells.nodes:
        x = _LEFT + (node - cells.num_inputs) * _PITCH_X + _BAR_WIDTH / 2
        axes.text(
            x,
            0.6,
            f"to node {node}",
            horizontalalignment="center",
            **style,
        )
    for source in range(cells.num_inputs + cells.num_nodes - 1):
        y = _TOP + source * _PITCH_Y + _BAR_HEIGHT + _GAP / 2
        name = from_node(source, cells.num_inputs)
        axes.text(0.12, y, name, verticalalignment="center", **style)
    shown = parts(norms)
    largest = shown[:, 1].max()
    for edge, (of_edge, of_cost) in zip(cells.edges, shown, strict=True):
        length = of_cost / largest if largest else 0.0
        _draw_bar(axes, cells, edge, 0, of_edge, of_edge)
        _draw_bar(axes, cells, edge, 1, length, of_cost)


def _draw_bar(
    axes: Axes, cells: space.CellSpace, edge: space.Edge, line: int, length: float, value: float
) -> None:
    """Draws a length of the full bar and writes a value behind it, both in [0, 1]."""
    x = _LEFT + (edge.node - cells.num_inputs) * _PITCH_X
    y = _TOP + edge.source * _PITCH_Y + line * (_BAR_HEIGHT + _GAP)
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


def _draw_legend(figure: Figure) -> None:
    figure.legend(
        handles=[Patch(color=c, label=name) for c, name in zip(_COLORS, _LABELS, strict=True)],
        loc="lower left",
        bbox_to_anchor=(0.1 / figure.get_figwidth(), 0),
        fontsize=9,
        frameon=False,
        labelcolor=palette.INK,
        borderaxespad=0,
    )
