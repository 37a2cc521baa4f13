# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A cell as a picture: nodes from left to right, an arrow an operation."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.reports.cells.cell_equations import OUTPUT
from snas_tf.reports.cells.cell_layout import Box, Layout, Point, place
from snas_tf.reports.charts import palette
from snas_tf.space.cells.cell_grid import math_name

_RADIUS = 0.09
_FONT_SIZE = 8.5


def draw_cell(genotype: space.Genotype, kind: str, output: str = "concatenation") -> Figure:
    """Draws one cell of a genotype.

    Args:
        genotype: The architecture.
        kind: A kind of cell that it has, such as "normal".
        output: What the cell gives, one of `space.OUTPUTS`.

    Returns:
        A figure of its own, not registered with pyplot. Every connection is an arrow with the name
        of its operation on it; gray lines lead to the output; what is not used is pale.

    Raises:
        InvalidInput: There is no such kind.
    """
    if kind not in genotype.kinds:
        raise InvalidInput(f"`kind` must be one of {', '.join(genotype.kinds)}: given {kind!r}")
    connections = genotype.connections(kind)
    layout = place(connections, genotype.num_nodes, genotype.num_inputs, output)
    axes = _canvas(layout)
    axes.text(
        layout.left + 0.12,
        layout.top - 0.06,
        space.cell_title(kind),
        fontsize=11,
        fontweight="bold",
        color=palette.INK,
        verticalalignment="top",
    )
    _draw_output(axes, layout)
    for connection in connections:
        _draw_connection(axes, layout, connection)
    _draw_nodes(axes, layout, connections, genotype.num_inputs, output)
    return axes.figure


def _canvas(layout: Layout) -> Axes:
    size = (layout.right - layout.left, layout.top - layout.bottom)
    figure = Figure(figsize=size, facecolor=palette.PAPER)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(layout.left, layout.right)
    axes.set_ylim(layout.bottom, layout.top)
    return axes


def _draw_output(axes: Axes, layout: Layout) -> None:
    output = max(layout.boxes)
    for (_, target), route in sorted(layout.routes.items()):
        if target == output:
            _draw_arrow(axes, route.points, palette.RULE, width=2.2, order=1)


def _draw_connection(axes: Axes, layout: Layout, connection: space.Connection) -> None:
    route = layout.routes[connection.source, connection.node]
    record = space.operation(connection.operation)
    _draw_arrow(axes, route.points, record.color, width=1.6, order=2)
    axes.text(
        *route.label,
        record.label,
        fontsize=_FONT_SIZE,
        color=palette.INK,
        horizontalalignment="center",
        verticalalignment="center_baseline",
        zorder=4,
        bbox={
            "boxstyle": "round,pad=0.2,rounding_size=0.4",
            "facecolor": palette.PAPER,
            "edgecolor": record.color,
            "linewidth": 1.2,
        },
    )


def _draw_arrow(
    axes: Axes, points: tuple[Point, ...], color: str, *, width: float, order: int
) -> None:
    arrow = FancyArrowPatch(
        path=_rounded(points),
        arrowstyle="-|>,head_length=0.45,head_width=0.22",
        mutation_scale=11,
        color=color,
        linewidth=width,
        capstyle="butt",
        joinstyle="miter",
        zorder=order,
    )
    axes.add_patch(arrow)


def _rounded(points: tuple[Point, ...]) -> Path:
    """A line with round corners through points that are joined at right angles."""
    vertices, codes = [points[0]], [Path.MOVETO]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        vertices += [_toward(corner, before), corner, _toward(corner, after)]
        codes += [Path.LINETO, Path.CURVE3, Path.CURVE3]
    return Path([*vertices, points[-1]], [*codes, Path.LINETO])


def _toward(start: Point, end: Point) -> Point:
    distance = abs(end[0] - start[0]) + abs(end[1] - start[1])
    share = min(_RADIUS, distance / 2) / distance
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def _draw_nodes(
    axes: Axes,
    layout: Layout,
    connections: tuple[space.Connection, ...],
    num_inputs: int,
    gives: str,
) -> None:
    sources = {connection.source for connection in connections}
    targets = {connection.node for connection in connections}
    output = max(layout.boxes)
    for node, box in layout.boxes.items():
        if node == output:
            _draw_node(axes, box, f"${OUTPUT}$", note="concat" if gives == "concatenation" else "")
        elif node < num_inputs:
            _draw_node(axes, box, math_name(node, num_inputs), used=node in sources)
        else:
            used = node in targets
            note = "" if used else "no inputs:\nadds zeros"
            _draw_node(axes, box, str(node), used=used, note=note)


def _draw_node(axes: Axes, box: Box, name: str, *, used: bool = True, note: str = "") -> None:
    shape = FancyBboxPatch(
        (box.x - box.width / 2, box.y - box.height / 2),
        box.width,
        box.height,
        boxstyle="round,pad=0,rounding_size=0.1",
        facecolor=palette.FILL if used else palette.PAPER,
        edgecolor=palette.MUTED if used else palette.RULE,
        linestyle="-" if used else (0, (3, 2)),
        linewidth=1.1,
        zorder=3,
    )
    axes.add_patch(shape)
    style = {"horizontalalignment": "center", "zorder": 4}
    style["color"] = palette.INK if used else palette.MUTED
    center = box.y + (0.13 if note else 0)
    axes.text(box.x, center, name, fontsize=13, verticalalignment="center", **style)
    if note:
        axes.text(box.x, box.y - 0.06, note, fontsize=7, verticalalignment="top", **style)
