# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A layer of a graph network as a picture: its two chains of states, an arc an operation."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from snas_tf import space
from snas_tf.reports.charts import palette

_NONE = "none"
_FONT_SIZE = 8.5
_STEP, _RISE = 1.6, 0.62
"""Between two states, and of the label of an arc for each state that it passes."""

Arc = tuple[int, int, str]
"""The state that an operation takes, the one that it leads to, and its name."""


def arcs(architecture: space.Selection, searched: space.DecisionSpace, decision: str) -> list[Arc]:
    """What a chain keeps.

    Args:
        architecture: The architecture.
        searched: Its space.
        decision: The name of the chain's decision.

    Returns:
        Its operations but "none", state by state.
    """
    places = next(each.places for each in searched.decisions if each.name == decision)
    found = []
    for place, operation in zip(places, architecture[decision], strict=True):
        source, state = map(int, place.split("->"))
        if operation != _NONE:
            found.append((source, state, operation))
    return found


def draw_layer(chains: Sequence[tuple[str, Sequence[Arc]]], num_states: int) -> Figure:
    """Draws the chains of a layer below each other.

    Args:
        chains: Of each its title and its arcs.
        num_states: States of a chain, the two that it is given included.

    Returns:
        A figure of its own, not registered with pyplot. States go from left to right; every
        operation is an arc with its name on it, in one color wherever it stands; a state that
        nothing leads to is pale.
    """
    names = sorted({name for _, found in chains for _, _, name in found})
    colors = dict(zip(names, palette.of_options(max(len(names), 1)), strict=False))
    height = 0.9 + _RISE * (num_states - 1)
    width = _STEP * (num_states - 1) + 1.2
    figure = Figure(figsize=(width, height * len(chains)), facecolor=palette.PAPER)
    for row, (title, found) in enumerate(chains):
        axes = figure.add_axes((0, 1 - (row + 1) / len(chains), 1, 1 / len(chains)))
        axes.set_axis_off()
        axes.set_xlim(-0.6, width - 0.6)
        axes.set_ylim(-0.5, height - 0.5)
        axes.text(
            *(-0.45, height - 0.6),
            title,
            fontsize=10,
            fontweight="bold",
            color=palette.INK,
            verticalalignment="top",
        )
        for arc in found:
            _draw_arc(axes, arc, colors[arc[2]])
        _draw_states(axes, num_states, {state for _, state, _ in found})
    return figure


def _draw_arc(axes: Axes, arc: Arc, color: str) -> None:
    source, state, name = arc
    passed = state - source
    start, end = source * _STEP, state * _STEP
    # The curve of "arc3" rises by half of its bend times its length.
    rise = _RISE * (passed - 0.5)
    axes.add_patch(
        FancyArrowPatch(
            (start, 0),
            (end, 0),
            connectionstyle=f"arc3,rad={-2 * rise / (end - start)}",
            arrowstyle="-|>,head_length=0.45,head_width=0.22",
            mutation_scale=11,
            shrinkA=11,
            shrinkB=11,
            color=color,
            linewidth=1.6,
            zorder=1,
        )
    )
    axes.text(
        (start + end) / 2,
        rise,
        name,
        fontsize=_FONT_SIZE,
        color=palette.INK,
        horizontalalignment="center",
        verticalalignment="center_baseline",
        zorder=3,
        bbox={
            "boxstyle": "round,pad=0.2,rounding_size=0.4",
            "facecolor": palette.PAPER,
            "edgecolor": color,
            "linewidth": 1.2,
        },
    )


def _draw_states(axes: Axes, count: int, reached: set[int]) -> None:
    for state in range(count):
        is_used = state < 2 or state in reached
        axes.text(
            state * _STEP,
            0,
            str(state),
            fontsize=9,
            color=palette.INK if is_used else palette.MUTED,
            horizontalalignment="center",
            verticalalignment="center_baseline",
            zorder=4,
            bbox={
                "boxstyle": "circle,pad=0.35",
                "facecolor": palette.FILL if is_used else palette.PAPER,
                "edgecolor": palette.INK if is_used else palette.RULE,
                "linewidth": 1.0,
            },
        )
