# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The morphs of Auto-Keras (arXiv 1806.10282, section 4.1), each a change of a layer graph.

All keep the function of the network outside training, with the weights that `inheritance` gives:

- deepen: a layer behind another that starts as the identity. A convolution or a dense layer comes
  with a ReLU, so it stands where nothing is negative, which a ReLU keeps.
- widen: twice the filters or units, in all layers that must have the same number.
- add: a path from an earlier layer, through a 1x1 convolution (or a dense layer) that starts at
  zero, is added to a later one.
- concat: that path, concatenated to the later layer; a 1x1 convolution reads both, and starts as
  [identity | zero].
"""

from __future__ import annotations

import dataclasses
import functools
import types
from collections.abc import Mapping, Sequence

from snas_tf.space.morphs import channel_groups, layer_kinds
from snas_tf.space.morphs.layer_graph import ZERO, Layer, LayerGraph
from snas_tf.space.morphs.layer_kinds import Shape

DEEPEN, WIDEN, ADD, CONCAT = "deepen", "widen", "add", "concat"
NORMALIZE, DROP, DENSE = "normalization", "dropout", "dense"
"""What a network is deepened by, besides convolutions, "conv_3x3"."""

_DROPOUT_RATE = 0.25


@dataclasses.dataclass(frozen=True, slots=True)
class Morph:
    """A change of a network.

    Attributes:
        kind: `DEEPEN`, `WIDEN`, `ADD` or `CONCAT`.
        place: The layer behind which it happens, or that is widened.
        detail: What the network is deepened by, or the layer that a path begins at; else "".
    """

    kind: str
    place: str
    detail: str = ""

    def __str__(self) -> str:
        if self.kind == DEEPEN:
            return f"{self.detail} behind {self.place}"
        if self.kind == WIDEN:
            return f"{self.place} twice as wide"
        joined = "added to" if self.kind == ADD else "beside"
        return f"{self.detail} {joined} {self.place}"


def apply(graph: LayerGraph, morph: Morph) -> LayerGraph:
    """The graph after a morph, which must be one that `places` finds in it.

    Args:
        graph: The network before.
        morph: The change.
    """
    if morph.kind == WIDEN:
        return _widened(graph, morph.place)
    if morph.kind == DEEPEN:
        return _deepened(graph, morph.place, morph.detail)
    return _joined(graph, morph)


def _widened(graph: LayerGraph, place: str) -> LayerGraph:
    group = next(names for names in channel_groups.widenable(graph) if place in names)
    changed = {}
    for name in group:
        layer = graph.by_name[name]
        key = layer_kinds.WEIGHTED[layer.kind]
        changed[name] = layer.with_config(**{key: 2 * layer.config[key]})
    return graph.replaced(changed)


def _deepened(graph: LayerGraph, place: str, by: str) -> LayerGraph:
    name = graph.free_name(f"{_origin(place)}.{by}")
    if by == NORMALIZE:
        layers = [Layer.of(name, layer_kinds.BN, {"momentum": layer_kinds.BN_MOMENTUM}, [place])]
    elif by == DROP:
        layers = [Layer.of(name, "Dropout", {"rate": _DROPOUT_RATE}, [place])]
    else:
        width = graph.shapes[place][-1]
        layer = (
            Layer.of(name, "Dense", {"units": width}, [place])
            if by == DENSE
            else _convolution(name, width, _size(by), place)
        )
        layers = [layer, Layer.of(graph.free_name(f"{name}.relu"), "ReLU", {}, [name])]
    return graph.inserted(place, layers, [layer.name for layer in graph.consumers[place]])


def _joined(graph: LayerGraph, morph: Morph) -> LayerGraph:
    """A path from `morph.detail` to `morph.place`; see the module."""
    source, place = morph.detail, morph.place
    stem = graph.free_name(f"{_origin(place)}.{morph.kind}")
    path: list[Layer] = []
    end = source
    pooling = pooling_between(graph.shapes[source], graph.shapes[place])
    if pooling:
        path.append(Layer.of(f"{stem}.pool", "MaxPooling2D", pooling, [end]))
        end = path[-1].name
    if source not in graph.nonnegative:
        path.append(Layer.of(f"{stem}.relu", "ReLU", {}, [end]))
        end = path[-1].name
    shape, projection = graph.shapes[place], f"{stem}.projection"
    if morph.kind == ADD:
        path.append(_mixing(projection, shape, end, start=ZERO))
        path.append(Layer.of(stem, "Add", {}, [place, projection]))
    else:
        path.append(Layer.of(stem, "Concatenate", {}, [place, end]))
        path.append(_mixing(projection, shape, stem))
        if place in graph.nonnegative:
            path.append(Layer.of(f"{stem}.activation", "ReLU", {}, [projection]))
    return graph.inserted(place, path, [layer.name for layer in graph.consumers[place]])


@functools.lru_cache(maxsize=4096)
def pooling_between(source: Shape, place: Shape) -> Mapping[str, object] | None:
    """How images become as small as others.

    Args:
        source: Their shape.
        place: The shape whose height and width they need.

    Returns:
        The config of a max pooling, {} where they have it, None where no pooling gives it.
    """
    if len(source) != len(place):
        return None
    if source[:-1] == place[:-1]:
        return types.MappingProxyType({})
    for stride in (source[0] // place[0], -(-source[0] // place[0])):
        for padding in ("valid", "same"):
            config = {"pool_size": stride, "padding": padding}
            shape = stride > 1 and tuple(
                size // stride if padding == "valid" else -(-size // stride) for size in source[:2]
            )
            if shape == place[:2]:
                return types.MappingProxyType(config)
    return None


def _mixing(name: str, shape: Shape, reads: str, start: str = "") -> Layer:
    """A 1x1 convolution of images, a dense layer of features."""
    if len(shape) == 1:
        return Layer.of(name, "Dense", {"units": shape[-1]}, [reads], start)
    return _convolution(name, shape[-1], 1, reads, start)


def _convolution(name: str, filters: int, size: int, reads: str, start: str = "") -> Layer:
    config = {"filters": filters, "kernel_size": size, "padding": "same"}
    return Layer.of(name, "Conv2D", config, [reads], start)


def _origin(name: str) -> str:
    """The layer of the root from whose place a layer came; names would grow with the network."""
    return name.partition(".")[0]


def _size(by: str) -> int:
    return int(by.rpartition("x")[2])


def deepenings(kernel_sizes: Sequence[int]) -> tuple[str, ...]:
    """All that a network of images may be deepened by."""
    return (*(f"conv_{size}x{size}" for size in kernel_sizes), NORMALIZE, DROP)
