# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The metrics of a search or a training, over its epochs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import (
    Formatter,
    FuncFormatter,
    MaxNLocator,
    PercentFormatter,
    ScalarFormatter,
)

from snas_tf.errors import InvalidInput
from snas_tf.reports import notation
from snas_tf.reports.charts import axes_style, palette

Rows = Sequence[Mapping[str, float]]

_PANEL_WIDTH, _PANEL_HEIGHT = 3.7, 2.6
_LEFT, _RIGHT, _TOP, _BOTTOM = 0.68, 0.12, 0.32, 0.42  # of a panel around its axes
_LEGEND_LINE = 0.175
_COLUMNS = 3
_LEAST_POINTS = 0.1  # that an axis of accuracies spans
_LEAST_PART = 0.1  # of the greatest value that any other axis spans
_MARGIN = 0.01
_MOST_MARKS = 12  # with few points each is marked, so that a single one is seen


class Series(NamedTuple):
    """One line of a panel: the column that it shows, its name in the legend, its color."""

    column: str
    label: str
    color: str


class Panel(NamedTuple):
    """One chart: its title, what makes the formatter of its values, its lines."""

    title: str
    formatter: Callable[[], Formatter]
    series: tuple[Series, ...]


def _number() -> Formatter:
    return ScalarFormatter(useOffset=False)


def _percent() -> Formatter:
    return PercentFormatter(1.0, symbol=" %")


def _count() -> Formatter:
    return FuncFormatter(lambda value, _: notation.count(value))


def _single(title: str, column: str, formatter: Callable[[], Formatter]) -> Panel:
    return Panel(title, formatter, (Series(column, "", palette.SUPERNET),))


def _triple(title: str, column: str, formatter: Callable[[], Formatter]) -> Panel:
    series = (
        Series(column, "supernet, training", palette.TRAINING),
        Series(f"val_sampled_{column}", "supernet, validation", palette.SUPERNET),
        Series(f"val_{column}", "child without retraining, validation", palette.CHILD),
    )
    return Panel(title, formatter, series)


def _pair(title: str, column: str, formatter: Callable[[], Formatter]) -> Panel:
    series = (
        Series(column, "training", palette.TRAINING),
        Series(f"val_{column}", "validation", palette.CHILD),
    )
    return Panel(title, formatter, series)


_ENTROPIES = (
    Series("entropy_normal", "normal cell", palette.SUPERNET),
    Series("entropy_reduction", "reduction cell", palette.CHILD),
    Series("entropy_cell", "cell", palette.SUPERNET),
)
_SEARCH = (
    _triple("loss", "loss", _number),
    _triple("accuracy", "accuracy", _percent),
    _triple("top-5 accuracy", "top_5_accuracy", _percent),
    _triple("mean absolute error", "mean_absolute_error", _number),
    Panel("entropy of the architecture (nats)", _number, _ENTROPIES),
    _single("temperature", "temperature", _number),
    _single("expected parameters", "expected_parameters", _count),
    _single("expected multiply-adds", "expected_multiply_adds", _count),
    _single("expected latency (ms)", "expected_latency", _number),
    _single("resource cost C", "resource_cost", _number),
)
_TRAINING = (
    _pair("loss", "loss", _number),
    _pair("accuracy", "accuracy", _percent),
    _pair("top-5 accuracy", "top_5_accuracy", _percent),
    _pair("mean absolute error", "mean_absolute_error", _number),
    _single("learning rate", "learning_rate", _number),
)


def draw_curves(rows: Rows) -> Figure:
    """Draws the columns of a search's or a training's metrics.csv, a panel a quantity.

    Args:
        rows: The metrics of every epoch; the epoch itself under "epoch", else rows count from 1.
            Values that are missing or not finite are left out. Rows with an entropy, a temperature
            or an expected cost are those of a search.

    Returns:
        A figure of its own, not registered with pyplot, with the panels that there are columns for.

    Raises:
        InvalidInput: No row has a value that could be drawn.
    """
    panels = [
        panel for panel in _panels(rows) if any(_points(rows, s.column) for s in panel.series)
    ]
    if not panels:
        raise InvalidInput("`rows` must hold metrics such as loss or accuracy: given none")
    columns = min(_COLUMNS, len(panels))
    lines = [panels[start : start + columns] for start in range(0, len(panels), columns)]
    figure = Figure(
        figsize=(columns * _PANEL_WIDTH, len(lines) * _PANEL_HEIGHT), facecolor=palette.PAPER
    )
    for row, line in enumerate(lines):
        for column, panel in enumerate(line):
            _draw_panel(_axes(figure, column, row, line), panel, rows)
    return figure


def draw_panels(rows: Rows) -> list[tuple[str, Figure]]:
    """The panels of `draw_curves` one by one, for a page that places them as it has room.

    Args:
        rows: As for `draw_curves`.

    Returns:
        (title, a figure of its own) a panel; [] where no row has a value that could be drawn.
    """
    drawn = []
    for panel in _panels(rows):
        if any(_points(rows, series.column) for series in panel.series):
            figure = Figure(figsize=(_PANEL_WIDTH, _PANEL_HEIGHT), facecolor=palette.PAPER)
            _draw_panel(_axes(figure, 0, 0, [panel]), panel, rows)
            drawn.append((panel.title, figure))
    return drawn


def _axes(figure: Figure, column: int, row: int, line: Sequence[Panel]) -> Axes:
    """Axes in one place of the figure, as high as the legends of its line of panels let them be.

    To measure all texts for it would take longer than to draw them.
    """
    width, height = figure.get_size_inches()
    legend = max(len(panel.series) for panel in line)
    bottom = _BOTTOM + (_LEGEND_LINE * legend if legend > 1 else 0)
    lowest = height - (row + 1) * _PANEL_HEIGHT
    return figure.add_axes(
        (
            (column * _PANEL_WIDTH + _LEFT) / width,
            (lowest + bottom) / height,
            (_PANEL_WIDTH - _LEFT - _RIGHT) / width,
            (_PANEL_HEIGHT - bottom - _TOP) / height,
        )
    )


def _panels(rows: Rows) -> tuple[Panel, ...]:
    only_search = _columns(_SEARCH) - _columns(_TRAINING)
    return _SEARCH if any(only_search & row.keys() for row in rows) else _TRAINING


def _columns(panels: Iterable[Panel]) -> set[str]:
    return {series.column for panel in panels for series in panel.series}


def _points(rows: Rows, column: str) -> list[tuple[float, float]]:
    """The finite values of a column, as (epoch, value)."""
    points = [
        (row.get("epoch", number), row.get(column, math.nan))
        for number, row in enumerate(rows, start=1)
    ]
    return [(epoch, value) for epoch, value in points if math.isfinite(value)]


def _draw_panel(axes: Axes, panel: Panel, rows: Rows) -> None:
    axes_style.apply(axes)
    axes.grid(axis="y", color=palette.RULE, linewidth=0.5)
    for series in panel.series:
        points = _points(rows, series.column)
        if points:
            axes.plot(
                *zip(*points, strict=True),
                color=series.color,
                label=series.label,
                linewidth=1.6,
                marker="o" if len(points) <= _MOST_MARKS else "",
                markersize=3.5,
            )
    axes.set_title(panel.title, fontsize=10, color=palette.INK, loc="left")
    axes.set_xlabel("epoch", fontsize=axes_style.FONT_SIZE, color=palette.MUTED)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
    axes.yaxis.set_major_formatter(panel.formatter())
    if panel.formatter is _percent:
        axes_style.widen(axes, _LEAST_POINTS, (-_MARGIN, 1 + _MARGIN))
    else:
        axes_style.widen(axes, _LEAST_PART * max(map(abs, axes.get_ylim())))
    if len(panel.series) > 1:
        # Below the chart, where it hides no point.
        height = axes.get_position().height * axes.figure.get_figheight()
        axes.legend(
            loc="upper left",
            bbox_to_anchor=(0, -_BOTTOM / height),
            borderaxespad=0,
            fontsize=axes_style.FONT_SIZE,
            labelcolor=palette.INK,
            frameon=False,
        )
