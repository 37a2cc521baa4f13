# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How unlike two networks are: the edit distance of Auto-Keras (arXiv 1806.10282, section 3.1).

    d(a, b) = D_l(layers of a, layers of b) + lambda D_s(skips of a, skips of b)

D_l is the least cost of an alignment in order: a layer that stands alone costs 1, two that are
aligned cost the mean relative difference of their sizes, |x - y| / max(x, y), or 1 where they are
of different kinds. (The paper prints max where the least is meant.) D_s is the least cost of
matching skips, 1 for one that is left over. Both are metrics: the relative difference is the
Jaccard distance of two intervals, and alignments and matchings keep the triangle inequality where
one that is alone costs the same everywhere and two that are matched no more than twice that.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

import numpy as np
from scipy import optimize

from snas_tf.space.morphs import layer_kinds
from snas_tf.space.morphs.layer_graph import Layer, LayerGraph

_SIZES = 4
_BRIDGES = ("Activation", "ReLU", *layer_kinds.POOLINGS)


@dataclasses.dataclass(frozen=True, slots=True)
class Descriptor:
    """What the distance sees of a network.

    Attributes:
        kinds: Of every layer but merges and what only leads a skip: its class and activation.
        sizes: float64 (layers, 4), what of it is compared; 1 where it has no such size.
        skips: float64 (skips, 2): the rank of the layer where each begins, at least 1, and how many
            layers it spans, at least 1.
        merges: The class of the merge in which each ends.
    """

    kinds: tuple[str, ...]
    sizes: np.ndarray
    skips: np.ndarray
    merges: tuple[str, ...]


def distance(first: Descriptor, second: Descriptor, skip_weight: float = 1.0) -> float:
    """The distance of two networks, at least 0 and 0 for descriptors that are the same.

    Args:
        first: One.
        second: The other.
        skip_weight: lambda.
    """
    return float(distances(first, [second], skip_weight)[0])


def distances(
    first: Descriptor, others: Sequence[Descriptor], skip_weight: float = 1.0
) -> np.ndarray:
    """The distances of a network to some others, (others,) float64, computed at once.

    Args:
        first: The network.
        others: The others.
        skip_weight: lambda.
    """
    if not others:
        return np.zeros(0)
    skips = np.array([_skip_distance(first, other) for other in others])
    return _layer_distances(first, others) + skip_weight * skips


def _layer_distances(first: Descriptor, others: Sequence[Descriptor]) -> np.ndarray:
    lengths = np.array([len(other.kinds) for other in others])
    longest = int(lengths.max())
    sizes = np.ones((len(others), longest, _SIZES))
    kinds = np.full((len(others), longest), -1)
    numbers: dict[str, int] = {}
    for row, other in enumerate(others):
        sizes[row, : lengths[row]] = other.sizes
        kinds[row, : lengths[row]] = [numbers.setdefault(k, len(numbers)) for k in other.kinds]
    columns = np.arange(longest + 1.0)
    costs = np.broadcast_to(columns, (len(others), longest + 1))
    for kind, own in zip(first.kinds, first.sizes, strict=True):
        apart = np.abs(sizes - own) / np.maximum(np.maximum(sizes, own), 1e-300)
        # Sizes that no layer of the kind has are equal: the sum is over those that it has.
        between = apart.sum(axis=2) / _compared(kind)
        between = np.where(kinds == numbers.get(kind, -2), between, 1.0)
        step = np.minimum(costs[:, 1:] + 1.0, costs[:, :-1] + between)
        step = np.concatenate([costs[:, :1] + 1.0, step], axis=1)
        # A[i, j] = min over j' <= j of step[j'] + (j - j'), layers of the other that stand alone.
        costs = np.minimum.accumulate(step - columns, axis=1) + columns
    return costs[np.arange(len(others)), lengths]


def _skip_distance(first: Descriptor, second: Descriptor) -> float:
    left_over = abs(len(first.merges) - len(second.merges))
    if not first.merges or not second.merges:
        return float(left_over)
    a, b = first.skips[:, None], second.skips[None]
    costs = np.abs(a - b).sum(axis=2) / np.maximum(a, b).sum(axis=2)
    other = np.array(first.merges)[:, None] != np.array(second.merges)[None]
    costs = np.where(other, 1.0, costs)
    return float(costs[optimize.linear_sum_assignment(costs)].sum()) + left_over


@functools.lru_cache(maxsize=4096)
def descriptor(graph: LayerGraph) -> Descriptor:
    """What the distance sees of a network.

    A skip is an input of a merge but its first. It begins at the layer that is reached backwards
    over activations, poolings and projections (1x1 convolutions and dense layers) that nothing else
    reads; these are no layers of their own, for they come and go with the skip.
    """
    ends: list[tuple[str, Layer]] = []
    hidden: set[str] = set()
    for merge in graph.layers:
        if merge.kind in layer_kinds.MERGES:
            hidden.add(merge.name)
            for name in merge.inputs[1:]:
                while _is_bridge(graph, name):
                    hidden.add(name)
                    (name,) = graph.by_name[name].inputs
                ends.append((name, merge))
    ranks, seen = {}, [layer for layer in graph.layers[1:] if layer.name not in hidden]
    rank = 1
    for layer in graph.layers:
        rank += layer.kind != layer_kinds.INPUT and layer.name not in hidden
        ranks[layer.name] = rank
    skips = [(ranks[name], max(ranks[merge.name] - ranks[name], 1)) for name, merge in ends]
    return Descriptor(
        tuple(f"{layer.kind} {layer.config.get('activation', '')}" for layer in seen),
        np.array([_sizes(layer) for layer in seen], np.float64).reshape(-1, _SIZES),
        np.array(skips, np.float64).reshape(-1, 2),
        tuple(merge.kind for _, merge in ends),
    )


def _is_bridge(graph: LayerGraph, name: str) -> bool:
    layer = graph.by_name[name]
    if len(graph.consumers[name]) != 1 or graph.position[name] == 0:
        return False
    if layer.kind == "Conv2D":
        return layer_kinds.kernel_size(layer.kind, layer.config) == (1, 1)
    return layer.kind == "Dense" or layer.kind in _BRIDGES


def _sizes(layer: Layer) -> tuple[float, float, float, float]:
    """What is compared of a layer: width, area of the window, stride, and padding of a pooling."""
    config, kind = layer.config, layer.kind
    if kind in layer_kinds.WEIGHTED and kind != "Dense":
        width = config["filters"]
    else:
        width = config.get("units", 1)
    if kind not in (*layer_kinds.CONVOLUTIONS, *layer_kinds.POOLINGS):
        return (width, 1, 1, 1)
    (height, breadth), (down, right) = (
        layer_kinds.kernel_size(kind, config),
        layer_kinds.strides(kind, config),
    )
    padded = 1 + (kind in layer_kinds.POOLINGS and config.get("padding") == "same")
    return (width, (height + breadth) / 2, (down + right) / 2, padded)


def _compared(kind: str) -> int:
    """How many sizes layers of a kind have: the mean is over these."""
    name = kind.split(" ", maxsplit=1)[0]
    if name in ("Conv2D", "SeparableConv2D"):
        return 3
    return 3 if name in (*layer_kinds.POOLINGS, "DepthwiseConv2D") else 1
