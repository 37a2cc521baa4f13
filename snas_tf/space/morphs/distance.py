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
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import optimize

from snas_tf.space.morphs import layer_kinds
from snas_tf.space.morphs.layer_graph import Layer, LayerGraph

Sizes = tuple[float, float, float, float]
"""Width, area of the window, stride, and padding of a pooling."""

_BRIDGES = ("Activation", "ReLU", *layer_kinds.POOLINGS)


@dataclasses.dataclass(frozen=True, slots=True)
class Descriptor:
    """What the distance sees of a network.

    Attributes:
        layers: Of every layer but merges and what only leads a skip: its class and activation, and
            what of it is compared, at least 1 each; 1 where it has no such size.
        skips: float64 (skips, 2): the rank of the layer where each begins, at least 1, and how many
            layers it spans, at least 1.
        merges: The class of the merge in which each ends.
    """

    layers: tuple[tuple[str, Sizes], ...]
    skips: np.ndarray
    merges: tuple[str, ...]


def distance(first: Descriptor, second: Descriptor, skip_weight: float = 1.0) -> float:
    """The distance of two networks, at least 0 and 0 for descriptors that are the same.

    Args:
        first: One.
        second: The other.
        skip_weight: lambda.
    """
    return float(distances([first], [second], skip_weight)[0, 0])


def distances(
    rows: Sequence[Descriptor], columns: Sequence[Descriptor], skip_weight: float = 1.0
) -> np.ndarray:
    """The distances of some networks to others, (rows, columns) float64, computed at once.

    Args:
        rows: Some networks.
        columns: The others.
        skip_weight: lambda.
    """
    if not rows or not columns:
        return np.zeros((len(rows), len(columns)))
    return _layer_distances(rows, columns) + skip_weight * _skip_distances(rows, columns)


def _layer_distances(rows: Sequence[Descriptor], columns: Sequence[Descriptor]) -> np.ndarray:
    """D_l of all pairs: how many layers there are, less the most that an alignment can save.

    Two layers that are aligned save the 2 that they cost alone, but for what they differ. So with
    S[i, j] = -(what the first i and j layers save), which has no costs but those of aligned layers,

        S[i, j] = min(S[i - 1, j], S[i, j - 1], S[i - 1, j - 1] + d_l(i, j) - 2),

    all pairs and all j at once: a minimum of S[i, ...] from the left takes in S[i, j - 1]. Places
    j come first in arrays, so that the minimum is one of whole rows of pairs.
    """
    numbers: dict[tuple, int] = {}
    ours, theirs = _numbered(rows, numbers), _numbered(columns, numbers)
    saved = (_between([*numbers]) - 2.0)[theirs.T]
    lengths = np.array([len(each.layers) for each in rows])
    ends = np.array([len(each.layers) for each in columns])
    sums = np.zeros((theirs.shape[1] + 1, len(columns), len(rows)))
    best = np.zeros((len(columns), len(rows)))
    for step in range(ours.shape[1]):
        aligned = sums[:-1] + saved[..., ours[:, step]]
        np.minimum(aligned, sums[1:], out=sums[1:])
        np.minimum.accumulate(sums, axis=0, out=sums)
        (done,) = np.nonzero(lengths == step + 1)
        if len(done):
            best[:, done] = sums[ends, np.arange(len(columns))][:, done]
    return (lengths + ends[:, None] + best).T


def _numbered(networks: Sequence[Descriptor], numbers: dict[tuple, int]) -> np.ndarray:
    """The number of every layer, of equal ones the same, (networks, most layers); 0 behind them."""
    found = np.zeros((len(networks), max(len(each.layers) for each in networks)), int)
    for row, network in zip(found, networks, strict=True):
        row[: len(network.layers)] = [
            numbers.setdefault(layer, len(numbers)) for layer in network.layers
        ]
    return found


def _between(layers: Sequence[tuple]) -> np.ndarray:
    """d_l of all pairs of layers, (layers, layers)."""
    kinds = np.array([kind for kind, _ in layers])
    sizes = np.array([sizes for _, sizes in layers], np.float64).reshape(-1, 1, 4)
    others = sizes.reshape(1, -1, 4)
    # Sizes that no layer of the kind has are equal: the sum is over those that it has.
    apart = (np.abs(sizes - others) / np.maximum(sizes, others)).sum(axis=2)
    apart /= np.array([_compared(kind) for kind in kinds])[:, None]
    return np.where(kinds[:, None] == kinds, apart, 1.0)


def _skip_distances(rows: Sequence[Descriptor], columns: Sequence[Descriptor]) -> np.ndarray:
    """D_s of all pairs; of networks with the same skips it is found once."""
    first, of_row = _different(rows)
    second, of_column = _different(columns)
    counts = [np.array([len(each.merges) for each in networks]) for networks in (first, second)]
    found = np.abs(np.subtract.outer(*counts)).astype(np.float64)
    (places, merges), (other_places, other_merges) = _padded(first), _padded(second)
    a, b = places[:, None, :, None], other_places[None, :, None]
    costs = np.abs(a - b).sum(axis=4) / np.maximum(a, b).sum(axis=4)
    costs[merges[:, None, :, None] != other_merges[None, :, None]] = 1.0
    keys, other_keys = [*map(_key, first)], [*map(_key, second)]
    for row, key in enumerate(keys):
        for column, other in enumerate(other_keys):
            if not key[0] or not other[0]:
                continue
            pair = costs[row, column, : key[0], : other[0]]
            # Of several best matchings the same is found both ways round, to the last bit.
            pair = pair.T if key > other else pair
            found[row, column] += pair[optimize.linear_sum_assignment(pair)].sum()
    return found[np.ix_(of_row, of_column)]


def _different(networks: Sequence[Descriptor]) -> tuple[list[Descriptor], list[int]]:
    """Networks of which no two have the same skips, and which of them stands for each."""
    numbers: dict[tuple, int] = {}
    of_each = [numbers.setdefault(_key(network), len(numbers)) for network in networks]
    return [networks[of_each.index(number)] for number in numbers.values()], of_each


def _key(network: Descriptor) -> tuple[int, tuple[float, ...], tuple[str, ...]]:
    return len(network.merges), (*network.skips.ravel().tolist(),), network.merges


def _padded(networks: Sequence[Descriptor]) -> tuple[np.ndarray, np.ndarray]:
    """Skips, (networks, most skips, 2), and the merges in which they end; ones behind them."""
    most = max(len(each.merges) for each in networks)
    skips, kinds = np.ones((len(networks), most, 2)), np.zeros((len(networks), most), "U12")
    for row, network in enumerate(networks):
        skips[row, : len(network.merges)] = network.skips
        kinds[row, : len(network.merges)] = network.merges
    return skips, kinds


@functools.lru_cache(maxsize=1024)
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
        tuple(map(_seen, seen)),
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


@functools.lru_cache(maxsize=16384)
def _seen(layer: Layer) -> tuple[str, Sizes]:
    """The class and activation of a layer, and what else of it is compared."""
    return f"{layer.kind} {layer.config.get('activation', '')}", _sizes(layer.kind, layer.config)


def _sizes(kind: str, config: Mapping[str, Any]) -> Sizes:
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
