# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Which layers must have the same width, and which of them may be widened.

What a layer gives and what it makes of it channel by channel (normalisation, activation, pooling)
is one group, and so are the summands of an addition. A group is widened by its producers, the
layers that mix channels into it. It is not where a channel of it is an input or an output of the
network, or where a concatenation is tied to it by an addition: its channels are those of several
groups then, side by side.
"""

from __future__ import annotations

import functools

from snas_tf.space.morphs import layer_kinds
from snas_tf.space.morphs.layer_graph import Layer, LayerGraph


@functools.lru_cache(maxsize=1024)
def widenable(graph: LayerGraph) -> tuple[tuple[str, ...], ...]:
    """The groups that may be widened, each as the names of its producers, in their order."""
    group = _groups(graph)
    members: dict[int, list[Layer]] = {}
    for layer in graph.layers:
        members.setdefault(group[layer.name], []).append(layer)
    fixed = {number for number, layers in members.items() if _is_fixed(graph, layers)}
    # Concatenations come behind what they concatenate: from the last to the first.
    for layer in reversed(graph.layers):
        if layer.kind in ("Concatenate", "Flatten") and (
            group[layer.name] in fixed or _producers(members[group[layer.name]], layer)
        ):
            fixed |= {group[name] for name in layer.inputs}
    return tuple(
        names
        for number, layers in members.items()
        if number not in fixed and (names := tuple(layer.name for layer in _weighted(layers)))
    )


def _groups(graph: LayerGraph) -> dict[str, int]:
    """{layer: number of its group}."""
    parent = {layer.name: layer.name for layer in graph.layers}

    def root(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    for layer in graph.layers:
        if layer.kind in layer_kinds.SUMS or layer.kind in layer_kinds.CHANNELWISE:
            for name in layer.inputs:
                parent[root(name)] = root(layer.name)
    numbers: dict[str, int] = {}
    return {
        layer.name: numbers.setdefault(root(layer.name), len(numbers)) for layer in graph.layers
    }


def _weighted(layers: list[Layer]) -> list[Layer]:
    return [layer for layer in layers if layer.kind in layer_kinds.WEIGHTED]


def _is_fixed(graph: LayerGraph, layers: list[Layer]) -> bool:
    for layer in layers:
        config = layer.config
        if layer.kind == layer_kinds.INPUT or layer.kind in layer_kinds.FIXED:
            return True
        if layer is graph.output or config.get("activation") in layer_kinds.MIXING:
            return True
        if config.get("depth_multiplier", 1) != 1 and layer.kind == "DepthwiseConv2D":
            return True
        if config.get("groups", 1) != 1:
            return True
        for reader in graph.consumers[layer.name]:
            grouped = reader.config.get("groups", 1) != 1
            multiplied = reader.config.get("depth_multiplier", 1) != 1
            if reader.kind in layer_kinds.FIXED or grouped or multiplied:
                return True
    return False


def _producers(layers: list[Layer], joint: Layer) -> bool:
    """Whether others than this concatenation give channels to its group."""
    return any(
        other is not joint
        and (other.kind in layer_kinds.WEIGHTED or other.kind in ("Concatenate", "Flatten"))
        for other in layers
    )
