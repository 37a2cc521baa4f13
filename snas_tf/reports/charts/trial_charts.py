# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A search by trials: the best so far, what is feasible, and value against cost with the front."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from snas_tf.black_box import Trial
from snas_tf.errors import InvalidInput
from snas_tf.reports import notation
from snas_tf.reports.charts import axes_style, palette
from snas_tf.reports.trials.trials import Trials

_SIZE = (5.2, 3.2)
_FOOT = 0.02  # of the height of a chart
MANY, _WORST = 20, 0.2  # of so many trials this part of the worst may lie below a chart
_MARK = {"linestyle": "none", "marker": "o", "markersize": 3.5}
_HOLLOW = {**_MARK, "markerfacecolor": "none", "markeredgewidth": 0.8}


def draw_progress(told: Trials) -> Figure:
    """Draws the reward of every trial, and the best so far among the feasible.

    Of several rewards there is no best trial: drawn is the volume that their front dominates.

    Args:
        told: The search, in which at least one trial succeeded.

    Returns:
        A figure of its own, not registered with pyplot.

    Raises:
        InvalidInput: No trial succeeded.
    """
    figure, axes = _axes(told)
    if told.has_several_rewards:
        axes.set_title("what the front dominates, of the end's", **_title())
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    else:
        axes.set_title("reward", **_title())
        feasible = [trial for trial in told.result.feasible if np.isfinite(trial.reward)]
        _marks(axes, [trial.number for trial in feasible], [t.reward for t in feasible], "a trial")
        _look_closer(axes, [trial.reward for trial in feasible])
        kept = {trial.number for trial in feasible}
        if beyond := [t.number for t in told.result.succeeded if t.number not in kept]:
            # Their reward says nothing: they stand at the foot of the chart.
            style = {**_HOLLOW, "color": palette.TRAINING, "label": "beyond the bounds"}
            foot = axes.get_xaxis_transform()
            axes.plot(beyond, [_FOOT] * len(beyond), transform=foot, **style)
    if curve := told.best_so_far():
        numbers, best = zip(*curve, strict=True)
        end = max(told.result.trials[-1].number, numbers[-1])
        label = "the front so far" if told.has_several_rewards else "the best so far"
        style = {"color": palette.CHILD, "linewidth": 1.6, "label": label}
        axes.step([*numbers, end], [*best, best[-1]], where="post", **style)
    _label_numbers(axes)
    _legend(axes)
    return figure


def draw_feasible_share(told: Trials) -> Figure:
    """Draws which part of the latest trials kept to all bounds.

    Args:
        told: The search, with as many trials as `Trials.feasible_share` needs.

    Returns:
        A figure of its own, not registered with pyplot.

    Raises:
        InvalidInput: There are fewer.
    """
    shares = told.feasible_share()
    if not shares:
        raise InvalidInput(
            f"`told` must have {told.window} trials or more: given {len(told.result.trials)}"
        )
    figure, axes = _axes(told)
    numbers, values = zip(*shares, strict=True)
    axes.plot(numbers, values, color=palette.SUPERNET, linewidth=1.6)
    axes.set_ylim(-0.02, 1.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    axes.set_title(f"feasible, of {told.window} trials in a row", **_title())
    _label_numbers(axes)
    return figure


def pairs(told: Trials) -> Iterator[tuple[str, str]]:
    """What `draw_front` can draw: (a metric that is to be great, one that is to be small or other).

    Args:
        told: The search.

    Yields:
        The first metric that is to be great with each one that the objective minds besides; where
        it minds no other, with the first other that was measured.
    """
    directions = told.result.objective.directions
    great = [name for name in told.metrics if directions.get(name, 0) > 0]
    others = [name for name in told.metrics if name not in great]
    minded = [name for name in others if name in directions]
    for cost in minded or others[:1]:
        if great:
            yield great[0], cost


def draw_front(told: Trials, value: str, cost: str) -> Figure:
    """Draws one metric of all trials against another, with the front where both are minded.

    Args:
        told: The search, in which at least one trial succeeded.
        value: The metric upwards.
        cost: The metric to the right.

    Returns:
        A figure of its own, not registered with pyplot.

    Raises:
        InvalidInput: No trial succeeded.
    """
    figure, axes = _axes(told)
    feasible = {trial.number for trial in told.result.feasible}
    inside = [t for t in told.result.succeeded if t.number in feasible]
    beyond = [t for t in told.result.succeeded if t.number not in feasible]
    _marks(axes, *_columns(inside, cost, value), "a trial")
    if beyond:
        style = {**_HOLLOW, "color": palette.TRAINING, "label": "beyond the bounds"}
        axes.plot(*_columns(beyond, cost, value), **style)
    if {value, cost} <= {*told.result.objective.directions} and told.result.front:
        xs, ys = _columns(told.result.front, cost, value)
        order = np.argsort(xs, kind="stable")
        xs, ys = np.array(xs)[order], np.array(ys)[order]
        # In more than two metrics the front is no line in two of them.
        line = "-" if len(told.result.objective.directions) == 2 else "none"
        style = {"color": palette.CHILD, "linewidth": 1.2, "marker": "o", "markersize": 5}
        axes.plot(xs, ys, drawstyle="steps-post", linestyle=line, label="the front", **style)
    if told.best is not None and not told.has_several_rewards:
        style = {"color": palette.CHILD, "marker": "D", "markersize": 8, "linestyle": "none"}
        axes.plot(*_columns([told.best], cost, value), label="the best", zorder=4, **style)
    _look_closer(axes, [t.metrics[value] for t in told.result.succeeded if value in t.metrics])
    axes.set_title(notation.words(value), **_title())
    axes.set_xlabel(notation.words(cost), fontsize=axes_style.FONT_SIZE, color=palette.MUTED)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
    for axis, name in ((axes.xaxis, cost), (axes.yaxis, value)):
        axis.set_major_formatter(FuncFormatter(lambda x, _, name=name: notation.metric(name, x)))
    _legend(axes)
    return figure


def _axes(told: Trials) -> tuple[Figure, Axes]:
    if not told.result.succeeded:
        raise InvalidInput("`told` must have a trial that succeeded: given none")
    return axes_style.on_grid(_SIZE)


def _columns(trials: tuple[Trial, ...] | list[Trial], *names: str) -> list[list[float]]:
    """The metrics of the trials that have them all."""
    having = [trial for trial in trials if {*names} <= trial.metrics.keys()]
    return [[trial.metrics[name] for trial in having] for name in names]


def _marks(axes: Axes, xs: list[float], ys: list[float], label: str) -> None:
    axes.plot(xs, ys, color=palette.SUPERNET, alpha=0.55, label=label, **_MARK)


def _look_closer(axes: Axes, values: list[float]) -> None:
    """Leaves the worst of many below the chart, for all else would lie in one line."""
    if len(values) >= MANY and max(values) > min(values):
        least, most = np.quantile(values, _WORST), max(values)
        margin = 0.08 * (most - least) or 0.01 * (most - min(values))
        axes.set_ylim(max(least - margin, min(values) - margin), most + margin)


def _title() -> dict[str, object]:
    return {"fontsize": axes_style.FONT_SIZE, "color": palette.MUTED, "loc": "left"}


def _label_numbers(axes: Axes) -> None:
    axes.set_xlabel("trial", fontsize=axes_style.FONT_SIZE, color=palette.MUTED)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))


def _legend(axes: Axes) -> None:
    """Below the chart, where it hides no point."""
    axes.figure.legend(
        *axes.get_legend_handles_labels(),
        loc="outside lower left",
        ncols=4,
        fontsize=axes_style.FONT_SIZE,
        labelcolor=palette.INK,
        frameon=False,
        borderaxespad=0.4,
    )
