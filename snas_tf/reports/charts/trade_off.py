# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What networks are worth against what they cost."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib import colors
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter
from matplotlib.transforms import Bbox

from snas_tf.errors import InvalidInput
from snas_tf.reports import notation
from snas_tf.reports.charts import axes_style, palette
from snas_tf.reports.comparison import TradeOffPoint

QUANTITIES = {"parameters": "parameters", "multiply_adds": "multiply-adds"}
"""The costs that can be drawn, attributes of `space.Cost`, with their names."""

_SIZE = (5.2, 3.6)
_MARKERS = "osD^vP"  # one more than colors, so that both together repeat late
_SMALL, _LARGE = 3.5, 8.0  # sizes of marks in points
_FEW = 4
_LEAST_POINTS = 0.05  # that the axis of accuracies spans
_MARGIN = 0.01
_LONG_PATH = 8
_FAINTEST = 0.25  # of the line through the epochs, at its beginning
_NUMBERED = 4  # epochs whose number is written, about
_OFFSET = 8  # points between a mark and its name


class _Mark(NamedTuple):
    """A large mark: what it is named, where it stands, and how long its error bars are."""

    name: str
    color: str
    marker: str
    x: float
    y: float
    deviation_x: float = 0.0
    deviation_y: float = 0.0


def draw_trade_off(points: Sequence[TradeOffPoint], quantity: str = "parameters") -> Figure:
    """Draws the accuracy of networks against a cost.

    Args:
        points: The networks, at least one. A group of several has its mean as a larger mark, with
            one sample standard deviation to each side in both directions. Those of the group
            `TradeOffPoint.EPOCHS` are joined in their order, and the last one is marked; of
            eight or more, the worst quarter may lie below the chart.
        quantity: Key of `QUANTITIES`.

    Returns:
        A figure of its own, not registered with pyplot. Up to four groups are named beside their
        marks if there is room, else in a legend.

    Raises:
        InvalidInput: There is no point, or no such quantity.
    """
    if quantity not in QUANTITIES:
        raise InvalidInput(f"`quantity` must be one of {', '.join(QUANTITIES)}: given {quantity!r}")
    if not points:
        raise InvalidInput("`points` must hold at least one network: given none")
    figure = Figure(figsize=_SIZE, facecolor=palette.PAPER, layout="constrained")
    axes = figure.add_subplot()
    _prepare(axes, quantity)
    groups: dict[str, list[tuple[float, float]]] = {}
    for point in points:
        place = (float(getattr(point.cost, quantity)), point.accuracy)
        groups.setdefault(point.label, []).append(place)
    marks = []
    for label, places in groups.items():
        draw = _draw_path if label == TradeOffPoint.EPOCHS else _draw_group
        marks.append(draw(axes, label, places, number=len(marks)))
    _look_closer(axes, groups)
    axes_style.widen(axes, _LEAST_POINTS, (-_MARGIN, 1 + _MARGIN))
    if len(marks) > _FEW or not _name_beside(axes, marks, sum(groups.values(), [])):
        _draw_legend(axes, marks)
    return figure


def _prepare(axes: Axes, quantity: str) -> None:
    axes_style.apply(axes)
    axes.grid(color=palette.RULE, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.margins(0.12)
    style = {"fontsize": axes_style.FONT_SIZE, "color": palette.MUTED}
    axes.set_xlabel(QUANTITIES[quantity], **style)
    axes.set_title("accuracy", fontsize=axes_style.FONT_SIZE, color=palette.MUTED, loc="left")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: notation.count(value)))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))


def _draw_group(axes: Axes, label: str, places: list[tuple[float, float]], *, number: int) -> _Mark:
    color = palette.GROUPS[number % len(palette.GROUPS)]
    marker = _MARKERS[number % len(_MARKERS)]
    xs, ys = zip(*places, strict=True)
    x, y = statistics.fmean(xs), statistics.fmean(ys)
    mark = _Mark(label, color, marker, x, y)
    if len(places) > 1:
        name, deviations = (
            f"{label} (n = {len(places)})",
            (statistics.stdev(xs), statistics.stdev(ys)),
        )
        mark = _Mark(name, color, marker, x, y, *deviations)
        axes.plot(
            xs, ys, color=color, marker=marker, markersize=_SMALL, linestyle="none", alpha=0.5
        )
        axes.errorbar(
            x,
            y,
            xerr=mark.deviation_x,
            yerr=mark.deviation_y,
            fmt="none",
            ecolor=color,
            elinewidth=1.3,
            capsize=2.5,
        )
    axes.plot(x, y, color=color, marker=marker, markersize=_LARGE, linestyle="none")
    return mark


def _draw_path(axes: Axes, label: str, places: list[tuple[float, float]], *, number: int) -> _Mark:
    color, marker = palette.CHILD, _MARKERS[number % len(_MARKERS)]
    xs, ys = zip(*places, strict=True)
    axes.plot(
        xs,
        ys,
        color=color,
        alpha=_FAINTEST,
        linewidth=0.8,
        marker=".",
        markersize=_SMALL,
        zorder=1.8,
    )
    shades = np.linspace(_FAINTEST, 1, len(places) - 1)
    darker = [colors.to_rgba(color, shade) for shade in shades]
    axes.add_collection(LineCollection([*itertools.pairwise(places)], colors=darker, zorder=1.9))
    apart = -(-len(places) // _NUMBERED)
    for epoch in {1, *range(apart, len(places), apart)}:
        axes.annotate(
            str(epoch),
            places[epoch - 1],
            xytext=(3, 3),
            textcoords="offset points",
            fontsize=axes_style.FONT_SIZE - 1,
            color=palette.MUTED,
            annotation_clip=True,
        )
    axes.plot(xs[-1], ys[-1], color=color, marker=marker, markersize=_LARGE, linestyle="none")
    return _Mark(f"{label} (large: the last)", color, marker, xs[-1], ys[-1])


def _look_closer(axes: Axes, groups: dict[str, list[tuple[float, float]]]) -> None:
    """Leaves a long path's bad beginning below the chart, for all else would lie in one line."""
    accuracies = {label: [y for _, y in places] for label, places in groups.items()}
    path = accuracies.pop(TradeOffPoint.EPOCHS, [])
    if len(path) < _LONG_PATH:
        return
    shown = sum(accuracies.values(), [sorted(path)[len(path) // 4], max(path), path[-1]])
    margin = 0.12 * (max(shown) - min(shown)) or 0.01
    axes.set_ylim(min(shown) - margin, max(shown) + margin)


def _name_beside(axes: Axes, marks: list[_Mark], places: list[tuple[float, float]]) -> bool:
    """Writes every name beside its mark where it hides nothing; none at all if one has no room."""
    FigureCanvasAgg(axes.figure).draw()  # only then it is known where the axes lie
    taken = _obstacles(axes, marks, places)
    texts: list[Annotation] = []
    for mark in marks:
        text = _free_name(axes, mark, taken)
        if text is None:
            for placed in texts:
                placed.remove()
            return False
        texts.append(text)
        taken.append(text.get_window_extent().padded(_OFFSET))
    axes.figure.set_layout_engine("none")  # names lie within the axes, which stay where they are
    return True


def _obstacles(axes: Axes, marks: list[_Mark], places: list[tuple[float, float]]) -> list[Bbox]:
    """Boxes in pixels around all points and error bars."""
    corners = [(x, y, x, y) for x, y in places]
    for mark in marks:
        corners.append((mark.x - mark.deviation_x, mark.y, mark.x + mark.deviation_x, mark.y))
        corners.append((mark.x, mark.y - mark.deviation_y, mark.x, mark.y + mark.deviation_y))
    to_pixels = axes.transData.transform
    return [
        Bbox([to_pixels((left, bottom)), to_pixels((right, top))]).padded(_SMALL)
        for left, bottom, right, top in corners
    ]


def _free_name(axes: Axes, mark: _Mark, taken: list[Bbox]) -> Annotation | None:
    """The name at the first place that has room: the mark's corners, or the error bars' ends."""
    corners = [(1, 1), (-1, 1), (1, -1), (-1, -1)]
    ends = [(0, 1), (0, -1), (1, 0), (-1, 0)]
    for right, top in corners + ends:
        is_end = (right, top) in ends
        text = axes.annotate(
            mark.name,
            (
                mark.x + is_end * right * mark.deviation_x,
                mark.y + is_end * top * mark.deviation_y,
            ),
            xytext=(right * _OFFSET, top * _OFFSET),
            textcoords="offset points",
            horizontalalignment=("center", "left", "right")[right],
            verticalalignment=("center", "bottom", "top")[top],
            fontsize=axes_style.FONT_SIZE,
            color=palette.INK,
        )
        extent = text.get_window_extent()
        inside = all(axes.bbox.contains(*corner) for corner in (extent.min, extent.max))
        if inside and not extent.count_overlaps(taken):
            return text
        text.remove()
    return None


def _draw_legend(axes: Axes, marks: list[_Mark]) -> None:
    """Below the chart, where it hides no point; in two columns where the names are short."""
    handles = [
        Line2D([], [], color=m.color, marker=m.marker, linestyle="none", label=m.name)
        for m in marks
    ]
    for columns in (2, 1):
        legend = axes.legend(
            handles=handles,
            loc="upper left",
            bbox_to_anchor=(0, -0.16),
            borderaxespad=0,
            ncols=columns,
            fontsize=axes_style.FONT_SIZE,
            labelcolor=palette.INK,
            frameon=False,
        )
        FigureCanvasAgg(axes.figure).draw()
        if legend.get_window_extent().x1 <= axes.figure.bbox.x1:
            break
