# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Where a network may be morphed: every place, in an order that is always the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from snas_tf.space.morphs import channel_groups, layer_kinds
from snas_tf.space.morphs.layer_graph import Layer, LayerGraph
from snas_tf.space.morphs.morph import (
    ADD,
    CONCAT,
    DEEPEN,
    DENSE,
    DROP,
    NORMALIZE,
    WIDEN,
    Morph,
    deepenings,
    pooling_between,
)


def deepen(graph: LayerGraph, kernel_sizes: Sequence[int]) -> Iterator[Morph]:
    """Every layer that may stand behind another.

    Convolutions and dense layers where nothing is negative; a normalisation behind what mixes
    channels; no normalisation or dropout next to another.

    Args:
        graph: The network.
        kernel_sizes: Of convolutions.
    """
    for layer in graph.layers[1:-1]:
        name = layer.name
        image = len(graph.shapes[name]) == 3
        around = {layer.kind} | {reader.kind for reader in graph.consumers[name]}
        for by in deepenings(kernel_sizes) if image else (DENSE, NORMALIZE, DROP):
            if by == NORMALIZE:
                there = layer.kind in layer_kinds.WEIGHTED and layer_kinds.BN not in around
            elif by == DROP:
                there = name in graph.nonnegative and not around & {*layer_kinds.DROPOUTS}
            else:
                there = name in graph.nonnegative and layer.kind not in ("Flatten", "Concatenate")
            if there and _is_whole(graph, layer):
                yield Morph(DEEPEN, name, by)


def widen(graph: LayerGraph, max_width: int) -> Iterator[Morph]:
    """Every group of layers that may be twice as wide, by its first layer.

    Args:
        graph: The network.
        max_width: Most filters or units.
    """
    for names in channel_groups.widenable(graph):
        layer = graph.by_name[names[0]]
        if 2 * layer.config[layer_kinds.WEIGHTED[layer.kind]] <= max_width:
            yield Morph(WIDEN, names[0])


def skips(graph: LayerGraph) -> Iterator[Morph]:
    """Every path that may be added or concatenated, from any layer to a later one.

    What is added goes to what mixes channels, before its activation where that is a layer of its
    own; what is concatenated goes behind an activation. No layer has two paths of a kind from one
    morph after the other but in a chain of additions.
    """
    shapes, sources = graph.shapes, [layer for layer in graph.layers if _is_source(layer)]
    for end in graph.layers[1:-1]:
        kind = _skip_kind(graph, end)
        if not kind or not _is_whole(graph, end):
            continue
        place = graph.position[end.name]
        for source in sources:
            if graph.position[source.name] >= place:
                break
            if source.kind == layer_kinds.INPUT and source.name in end.inputs:
                continue
            if pooling_between(shapes[source.name], shapes[end.name]) is not None:
                yield Morph(kind, end.name, source.name)


def _skip_kind(graph: LayerGraph, end: Layer) -> str:
    readers = {reader.kind for reader in graph.consumers[end.name]}
    if readers & {*layer_kinds.MERGES} or end.start:
        return ""
    if layer_kinds.is_relu(end.kind, end.config):
        return CONCAT
    mixes = end.kind in (*layer_kinds.WEIGHTED, layer_kinds.BN, "Add")
    return ADD if mixes and layer_kinds.BN not in readers else ""


def _is_source(source: Layer) -> bool:
    """Whether a path begins at a layer: an input, an activation, a pooling or a merge."""
    activated = source.config.get("activation") not in (None, "linear")
    kinds = (layer_kinds.INPUT, "Activation", "ReLU", *layer_kinds.POOLINGS, *layer_kinds.MERGES)
    return source.kind in kinds or activated


def _is_whole(graph: LayerGraph, layer: Layer) -> bool:
    """Whether a layer's numbers have a place of their own: they are no logits on their way out."""
    readers = graph.consumers[layer.name]
    return readers != (graph.output,) or graph.output.kind not in ("Activation", "Softmax")
