# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A layer graph as a picture: a box a layer from above to below, paths that pass by at the side."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from snas_tf import space
from snas_tf.reports.charts import palette
from snas_tf.space.morphs import layer_kinds
from snas_tf.space.morphs.layer_graph import Layer
from snas_tf.space.morphs.layer_kinds import Shape

_STEP, _HEIGHT, _WIDTH = 0.34, 0.22, 2.9  # inches
_LANE = 0.16  # between paths at the side
_WORDS = {
    "BatchNormalization": "BN",
    "GlobalAveragePooling2D": "global average pooling",
    "GlobalMaxPooling2D": "global max pooling",
    "InputLayer": "input",
}


def draw_graph(graph: space.LayerGraph) -> Figure:
    """Draws a network.

    Args:
        graph: The network.

    Returns:
        A figure of its own, not registered with pyplot.
    """
    lanes = _lanes(graph)
    across = _WIDTH + _LANE * (max(lanes.values(), default=0) + 2)
    height = _STEP * (len(graph.layers) + 0.5)
    picture = Figure(figsize=(across, height), facecolor=palette.PAPER)
    axes = picture.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(-0.1, across - 0.1)
    axes.set_ylim(-height + _STEP / 2, _STEP / 2)
    for layer in graph.layers:
        _draw_layer(axes, graph, layer)
        for name in layer.inputs:
            _draw_path(axes, graph, name, layer.name, lanes.get((name, layer.name)))
    return picture


def label(layer: Layer) -> str:
    """A layer in a few words, such as "Conv2D 3x3, 64"."""
    config, words = layer.config, _WORDS.get(layer.kind, layer.kind)
    if layer.kind in (*layer_kinds.CONVOLUTIONS, *layer_kinds.POOLINGS):
        height, width = layer_kinds.kernel_size(layer.kind, config)
        words += f" {height}x{width}"
    if layer.kind in layer_kinds.WEIGHTED:
        words += f", {config[layer_kinds.WEIGHTED[layer.kind]]}"
    if "activation" in config:
        words += f" {config['activation']}"
    return f"{words} {config['rate']}" if "rate" in config else words


def shape_text(shape: Shape) -> str:
    """A shape, such as "8x8x16"."""
    return "x".join(map(str, shape))


def _lanes(graph: space.LayerGraph) -> dict[tuple[str, str], int]:
    """The lane of every path that passes layers by: no two that overlap have the same."""
    found: dict[tuple[str, str], int] = {}
    taken: list[list[tuple[int, int]]] = []
    for layer in graph.layers:
        for name in layer.inputs:
            span = graph.position[name], graph.position[layer.name]
            if span[1] - span[0] < 2:
                continue
            lane = next(
                (
                    number
                    for number, spans in enumerate(taken)
                    if all(span[1] <= low or high <= span[0] for low, high in spans)
                ),
                len(taken),
            )
            if lane == len(taken):
                taken.append([])
            taken[lane].append(span)
            found[name, layer.name] = lane + 1
    return found


def _middle(graph: space.LayerGraph, name: str) -> float:
    return -_STEP * graph.position[name]


def _draw_layer(axes: Axes, graph: space.LayerGraph, layer: Layer) -> None:
    middle = _middle(graph, layer.name)
    mixes = layer.kind in (*layer_kinds.WEIGHTED, *layer_kinds.CONVOLUTIONS)
    merges = layer.kind in layer_kinds.MERGES
    color = palette.SUPERNET if mixes else palette.CHILD if merges else palette.RULE
    axes.add_patch(
        FancyBboxPatch(
            (0, middle - _HEIGHT / 2),
            _WIDTH - 0.2,
            _HEIGHT,
            boxstyle="round,pad=0,rounding_size=0.05",
            facecolor=palette.FILL,
            edgecolor=color,
            linewidth=1.2,
            zorder=3,
        )
    )
    shape = shape_text(graph.shapes[layer.name])
    texts = {"left": (0.06, label(layer)), "right": (_WIDTH - 0.26, shape)}
    for side, (place, text) in texts.items():
        axes.text(
            place,
            middle,
            text,
            fontsize=7.5,
            color=palette.INK if side == "left" else palette.MUTED,
            horizontalalignment=side,
            verticalalignment="center_baseline",
            zorder=4,
        )


def _draw_path(
    axes: Axes, graph: space.LayerGraph, source: str, target: str, lane: int | None
) -> None:
    begin, end = _middle(graph, source), _middle(graph, target)
    edge = _WIDTH - 0.2
    if lane is None:
        points = [(edge / 2, begin - _HEIGHT / 2), (edge / 2, end + _HEIGHT / 2)]
    else:
        side = edge + _LANE * lane
        points = [(edge, begin), (side, begin), (side, end), (edge, end)]
        axes.plot(*zip(*points[:3], strict=True), color=palette.MUTED, linewidth=1.1, zorder=2)
        points = points[2:]
    axes.add_patch(
        FancyArrowPatch(
            *points,
            arrowstyle="-|>,head_length=0.35,head_width=0.18",
            mutation_scale=9,
            color=palette.MUTED,
            linewidth=1.1,
            shrinkA=0,
            shrinkB=0,
            zorder=2,
        )
    )
