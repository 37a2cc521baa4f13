# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Who came from whom in a search by trials, and what its model said beside what was observed."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from snas_tf.errors import InvalidInput
from snas_tf.reports.charts import axes_style, palette
from snas_tf.reports.trials.trials import Trials

_SIZE = (5.2, 3.2)
_MARK = {"linestyle": "none", "marker": "o", "markersize": 3.5}


def has_lineage(told: Trials) -> bool:
    """Whether trials have one reward, and some started from the weights of another."""
    inherit = any(trial.parent is not None for trial in told.result.succeeded)
    return inherit and not told.has_several_rewards


def draw_lineage(told: Trials) -> Figure:
    """Draws the tree of trials: each at its reward, with a line from the one it started from.

    The way to the best trial is drawn out.

    Args:
        told: The search, of one reward.

    Returns:
        A figure of its own, not registered with pyplot.

    Raises:
        InvalidInput: No trial started from another.
    """
    if not has_lineage(told):
        raise InvalidInput("`told` must have trials that started from others: given none")
    figure, axes = _axes("reward")
    known = {trial.number: trial for trial in told.result.succeeded}
    way = ancestors(told)
    for number, trial in known.items():
        if trial.parent in known:
            leads = number in way
            axes.plot(
                [trial.parent, number],
                [known[trial.parent].reward, trial.reward],
                color=palette.CHILD if leads else palette.RULE,
                linewidth=1.6 if leads else 0.8,
                zorder=2 if leads else 1,
            )
    rewards = [trial.reward for trial in known.values()]
    axes.plot([*known], rewards, color=palette.SUPERNET, zorder=3, **_MARK)
    axes.set_xlabel("trial", fontsize=axes_style.FONT_SIZE, color=palette.MUTED)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
    return figure


def ancestors(told: Trials) -> list[int]:
    """The numbers of the best trial, of the one it started from, and so on."""
    known = {trial.number: trial for trial in told.result.succeeded}
    trial, way = told.best, []
    while trial is not None:
        way.append(trial.number)
        trial = known.get(trial.parent)
    return way


def draw_predictions(told: Trials) -> Figure:
    """Draws what the model of a Bayesian search predicts of every trial against what it was worth.

    Args:
        told: The search, with predictions.

    Returns:
        A figure of its own, not registered with pyplot.

    Raises:
        InvalidInput: There are no predictions.
    """
    if not told.predictions:
        raise InvalidInput("`told` must have predictions: given none")
    figure, axes = _axes("predicted by all other trials, with a deviation")
    observed = [each.observed for each in told.predictions]
    ends = [min(observed), max(observed)]
    axes.plot(ends, ends, color=palette.CHILD, linewidth=1.2)
    axes.errorbar(
        observed,
        [each.mean for each in told.predictions],
        [each.deviation for each in told.predictions],
        color=palette.SUPERNET,
        ecolor=palette.RULE,
        elinewidth=0.8,
        **_MARK,
    )
    axes.set_xlabel("observed reward", fontsize=axes_style.FONT_SIZE, color=palette.MUTED)
    return figure


def _axes(title: str) -> tuple[Figure, Axes]:
    figure, axes = axes_style.on_grid(_SIZE)
    axes.set_title(title, fontsize=axes_style.FONT_SIZE, color=palette.MUTED, loc="left")
    return figure, axes
