# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How the weights of a network become those of one that grew from it, the function kept.

The two graphs are walked once, in symbols: of every channel of every layer of the new network it is
found which channel of which layer of the old one it equals. A channel c of a widened layer equals
the old channel c mod its old width, so that layers of one group agree, as additions need. A layer
that is new is the identity; the projection of an added path is zero; what a concatenated path
brings is not known, and what reads it starts with zeros there. The new graph descends from the old
one if all that the old layers read is what they read before.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from snas_tf.space.morphs import layer_kinds
from snas_tf.space.morphs.layer_graph import ZERO, Layer, LayerGraph

NOTHING, UNKNOWN = -1, -2
"""In the place of an old channel: it is zero, it is something else."""


@dataclasses.dataclass(frozen=True, slots=True)
class Channels:
    """What a layer of the new network gives.

    Attributes:
        source: The old layer whose channels they are; "" where there are none of any.
        numbers: int (channels,), the old channel that each equals, or `NOTHING`, or `UNKNOWN`.
    """

    source: str
    numbers: np.ndarray

    def equals(self, name: str, width: int) -> bool:
        """Whether these are the channels of an old layer, each once and in its order."""
        return self.source == name and np.array_equal(self.numbers, np.arange(width))


@dataclasses.dataclass(frozen=True, slots=True)
class Origin:
    """Where the weights of a layer come from.

    Attributes:
        old: Whether the old network has the layer; else it starts as the identity, or at zero.
        read: Channels that it reads, as numbers of old channels.
        given: Channels that it gives, as numbers of old channels.
        zero: Whether it starts at zero.
    """

    old: bool
    read: np.ndarray
    given: np.ndarray
    zero: bool = False


def inheritance(ancestor: LayerGraph, graph: LayerGraph) -> dict[str, Origin] | None:
    """Where the weights of a network come from, for every layer of it.

    Args:
        ancestor: The network whose weights are known.
        graph: The network that may have grown from it by morphs.

    Returns:
        {layer: origin}, with which it answers as the ancestor does outside training; None where
        there are no such weights.
    """
    if not ancestor.by_name.keys() <= graph.by_name.keys():
        return None
    walk = _Walk(ancestor, graph)
    for layer in graph.layers:
        found = walk.old(layer) if layer.name in ancestor.by_name else walk.new(layer)
        if found is None:
            return None
        walk.channels[layer.name] = found
    width = ancestor.shapes[ancestor.output.name][-1]
    if not walk.channels[graph.output.name].equals(ancestor.output.name, width):
        return None
    return walk.origins


class _Walk:
    """The walk over the new graph."""

    def __init__(self, ancestor: LayerGraph, graph: LayerGraph) -> None:
        self.ancestor, self.graph = ancestor, graph
        self.channels: dict[str, Channels] = {}
        self.origins: dict[str, Origin] = {}

    def old(self, layer: Layer) -> Channels | None:
        """What a layer gives that both have; None where it does not read what it read."""
        before = self.ancestor.by_name[layer.name]
        if not _is_alike(before, layer):
            return None
        read = [self.channels[name] for name in layer.inputs]
        if [channels.source for channels in read] != [*before.inputs]:
            return None
        width = self.ancestor.shapes[layer.name][-1]
        given = self._given(layer, read, width)
        if given is None:
            return None
        return self._note(layer, read, Channels(layer.name, given), old=True)

    def _given(self, layer: Layer, read: list[Channels], width: int) -> np.ndarray | None:
        """The channels that an old layer gives."""
        wide = self.graph.shapes[layer.name][-1]
        before = self.ancestor.by_name[layer.name]
        if not read:
            return np.arange(wide) if wide == width else None
        first = read[0].numbers
        old_width = self.ancestor.shapes[before.inputs[0]][-1]
        if layer.kind in layer_kinds.WEIGHTED and layer.config.get("groups", 1) == 1:
            whole = {*range(old_width)} <= {*first.tolist()} and NOTHING not in first
            return np.arange(wide) % width if whole and wide >= width else None
        if layer.kind in layer_kinds.SUMS:
            same = all(np.array_equal(other.numbers, first) for other in read)
            return first if same else None
        if layer.kind == "Concatenate":
            widths = [self.ancestor.shapes[name][-1] for name in before.inputs]
            begins = np.cumsum([0, *widths[:-1]])
            return np.concatenate(
                [_shifted(c.numbers, begin) for c, begin in zip(read, begins, strict=True)]
            )
        if layer.kind == "Flatten":
            shape = self.graph.shapes[layer.inputs[0]]
            pixels = np.arange(int(np.prod(shape[:-1])))[:, None] * old_width
            return np.where(first < 0, first, pixels + first).ravel()
        mixes = layer.config.get("activation") in layer_kinds.MIXING
        multiplied = layer.config.get("depth_multiplier", 1) != 1
        if layer.kind in layer_kinds.CHANNELWISE and not mixes and not multiplied:
            keeps_zero = layer.kind in layer_kinds.KEEPS_SIGN
            return first if keeps_zero else np.where(first == NOTHING, UNKNOWN, first)
        return np.arange(width) if np.array_equal(first, np.arange(old_width)) else None

    def new(self, layer: Layer) -> Channels:
        """What a layer gives that only the new network has."""
        read = [self.channels[name] for name in layer.inputs]
        wide = self.graph.shapes[layer.name][-1]
        if layer.start == ZERO and layer.kind in layer_kinds.WEIGHTED:
            nothing = Channels("", np.full(wide, NOTHING))
            return self._note(layer, read, nothing, zero=True)
        first = read[0]
        found = Channels("", np.full(wide, UNKNOWN))
        if layer.kind == "Add":
            found = _sum(read, wide)
        elif layer.kind == "Concatenate":
            numbers = [_or_unknown(c, first.source).numbers for c in read]
            found = Channels(first.source, np.concatenate(numbers))
        elif self._is_nothing(first) and self._keeps_zero(layer):
            found = Channels("", np.full(wide, NOTHING))
        elif layer.kind in layer_kinds.WEIGHTED:
            found = self._identity(layer, first, wide)
        elif layer.kind == layer_kinds.BN or layer.kind in layer_kinds.DROPOUTS:
            found = first
        elif layer_kinds.is_relu(layer.kind, layer.config) and self._is_positive(first):
            found = first
        return self._note(layer, read, found)

    def _identity(self, layer: Layer, read: Channels, wide: int) -> Channels:
        unknown = Channels("", np.full(wide, UNKNOWN))
        if not read.source:
            return unknown
        width = self.ancestor.shapes[read.source][-1]
        whole = {*range(width)} <= {*read.numbers.tolist()} and NOTHING not in read.numbers
        relu = layer_kinds.is_relu(layer.kind, layer.config) and self._is_positive(read)
        linear = layer.config.get("activation") in (None, "linear")
        fits = layer.kind == "Dense" or _keeps_place(layer)
        if whole and wide >= width and fits and (linear or relu):
            return Channels(read.source, np.arange(wide) % width)
        return unknown

    def _is_positive(self, read: Channels) -> bool:
        return read.source in self.ancestor.nonnegative

    def _is_nothing(self, read: Channels) -> bool:
        return bool((read.numbers == NOTHING).all())

    def _keeps_zero(self, layer: Layer) -> bool:
        """Whether a new layer gives zeros for zeros: their biases start at zero."""
        activation = layer.config.get("activation", "linear")
        return layer.kind not in layer_kinds.MERGES and activation in ("linear", "relu", None)

    def _note(
        self,
        layer: Layer,
        read: list[Channels],
        given: Channels,
        *,
        old: bool = False,
        zero: bool = False,
    ) -> Channels:
        numbers = read[0].numbers if read else np.zeros(0, int)
        self.origins[layer.name] = Origin(old, numbers, given.numbers, zero)
        return given


def _is_alike(before: Layer, now: Layer) -> bool:
    """Whether a layer is the same but for its width."""
    width = layer_kinds.WEIGHTED.get(now.kind)
    configs = [{k: v for k, v in layer.config.items() if k != width} for layer in (before, now)]
    return before.kind == now.kind and configs[0] == configs[1]


def _shifted(numbers: np.ndarray, begin: int) -> np.ndarray:
    return np.where(numbers < 0, numbers, numbers + begin)


def _or_unknown(channels: Channels, source: str) -> Channels:
    if source and channels.source == source:
        return channels
    return Channels(source, np.full(len(channels.numbers), UNKNOWN))


def _sum(read: list[Channels], wide: int) -> Channels:
    """A sum of zeros and of one that may be anything else is that one."""
    others = [channels for channels in read if not (channels.numbers == NOTHING).all()]
    if not others:
        return read[0]
    return others[0] if len(others) == 1 else Channels("", np.full(wide, UNKNOWN))


def _keeps_place(layer: Layer) -> bool:
    """Whether a convolution can be the identity: odd, "same", a pixel at a time."""
    config = layer.config
    sizes = layer_kinds.kernel_size(layer.kind, config)
    return (
        layer.kind == "Conv2D"
        and config.get("padding") == "same"
        and config.get("groups", 1) == 1
        and layer_kinds.strides(layer.kind, config) == (1, 1)
        and all(size % 2 for size in sizes)
    )
