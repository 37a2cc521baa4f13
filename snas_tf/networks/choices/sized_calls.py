# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Calls of layers in a graph that takes rows, where sizes are open: masks stand before what mixes.

A mask stands as late as it can, before a layer that mixes channels. So each channel is multiplied
by its row once, whatever normalisation and activation come between, and what answers something
else than zero to zero needs no care.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from snas_tf.errors import InvalidInput
from snas_tf.layers.choices.open_layer import OpenLayer
from snas_tf.layers.choices.open_sizes import ChannelMask, OpenKernel
from snas_tf.networks.choices.open_layers import as_functional, is_graph
from snas_tf.networks.choices.size_plan import SizePlan
from snas_tf.networks.choices.size_rules import common_channels, rule_of
from snas_tf.space.choices.channels import Channels

Rows = Mapping[str, Any]


class SizedCalls:
    """Calls layers with what is missing taken away where it would be read.

    Args:
        one_hot: Whether the rows are one-hot.

    Attributes:
        plan: What was found out on the way.
    """

    def __init__(self, one_hot: bool) -> None:
        self.plan = SizePlan()
        self._one_hot = one_hot

    def masked(self, arguments: Any, rows: Rows) -> Any:
        """Arguments of a call, with zeros for the channels that are missing."""

        def mask(tensor: Any) -> Any:
            if not self.plan.is_open(tensor):
                return tensor
            channels = self.plan.channels(tensor)
            of_widths = [rows[width.decision] for width in channels.widths]
            return ChannelMask(channels, self._one_hot)(tensor, of_widths)

        return keras.tree.map_structure(mask, arguments)

    def call(self, layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any], rows: Rows) -> Any:
        """What a layer answers that reads open channels, or has an open size."""
        answer = self.plan.answer(layer, arrays((args, kwargs)))
        rule = rule_of(layer)
        if rule is not None and rule.mixes:
            args, kwargs = self.masked((args, kwargs), rows)
        cut = self.plan.cuts.get(id(layer))
        if cut is not None and cut.kernel is not None:
            decision, parts = cut.kernel
            sized = OpenKernel(layer, cut.sized_kernel(), parts, self._one_hot)
            result = sized(*arrays((args, kwargs)), rows[decision])
        else:
            result = layer(*args, **kwargs)
        self.note(result, answer.channels)
        self.plan.called(layer, tuple(keras.tree.flatten(result)[0].shape))
        return result

    def note(self, result: Any, channels: Channels) -> None:
        """Remembers the channels of an answer."""
        for tensor in keras.tree.flatten(result):
            self.plan.note(tensor, channels)

    def through(self, layer: OpenLayer, tensors: Sequence[Any]) -> Channels:
        """The channels of the answer of an open layer, whose options are given zeros for what is
        missing, and are not called with masks of their own.

        Raises:
            InvalidInput: An option cannot be cut, or the options answer different channels.
        """
        given = [self.plan.channels(tensor) for tensor in tensors]
        answers = []
        for position in range(len(layer.options)):
            path = layer.kept(position)
            channels = given[0] if path else common_channels(layer, given)
            symbols = [keras.Input(batch_shape=t.shape, dtype=t.dtype) for t in tensors]
            for symbol, of_symbol in zip(symbols, given, strict=True):
                self.plan.note(symbol, of_symbol)
            walk = _Walk(self.plan, {id(symbol) for symbol in symbols})
            for block in path:
                symbols = keras.tree.flatten(walk.call(block, *symbols))
                channels = self.plan.channels(symbols[0])
            answers.append(channels)
        if not all(channels.same(answers[0]) for channels in answers):
            raise InvalidInput(
                f"all options of {layer.name!r} must leave the same channels open: given some that "
                "pass on the width of what comes in, and others; do put a layer of a fixed width "
                "before it"
            )
        return answers[0]


class _Walk:
    """Follows channels through an option, whose layers are called as they are.

    Args:
        plan: Remembers what it finds.
        zero: Ids of the tensors that are zero where a channel is missing.
    """

    def __init__(self, plan: SizePlan, zero: set[int]) -> None:
        self._plan = plan
        self._zero = zero
        self._kept: list[Any] = []

    def call(self, layer: Any, *args: Any, **kwargs: Any) -> Any:
        tensors = arrays((args, kwargs))
        if not any(map(self._plan.is_open, tensors)):
            return layer(*args, **kwargs)
        zero = all(id(t) in self._zero for t in tensors if self._plan.is_open(t))
        if is_graph(layer):
            return self._output(layer, args[0], zero)
        answer = self._plan.answer(layer, tensors)
        rule = rule_of(layer)
        if rule is not None and rule.mixes and not zero:
            raise InvalidInput(
                f"{layer.name!r} must come before whatever makes something of nothing, such as "
                "BatchNormalization or a sigmoid, where it is part of an option that is given open "
                "channels; do put what is before it in front of the choice"
            )
        result = layer(*args, **kwargs)
        for tensor in keras.tree.flatten(result):
            self._plan.note(tensor, answer.channels)
            if zero and answer.keeps_zero:
                self._zero.add(id(tensor))
            self._kept.append(tensor)
        return result

    def _output(self, model: keras.Model, given: Any, zero: bool) -> Any:
        """The answer of a model within an option, in a graph of its own."""
        self._plan.enter(
            model, [self._plan.channels(tensor) for tensor in keras.tree.flatten(given)]
        )

        def entry(tensor: Any) -> Any:
            symbol = keras.Input(batch_shape=tensor.shape, dtype=tensor.dtype)
            self._plan.note(symbol, self._plan.channels(tensor))
            if zero:
                self._zero.add(id(symbol))
            return symbol

        graph = keras.models.clone_model(
            as_functional(model),
            input_tensors=keras.tree.map_structure(entry, given),
            clone_function=lambda layer: layer,
            call_function=self.call,
        )
        self._kept.append(graph)
        return graph.output


def arrays(arguments: Any) -> list[Any]:
    """The tensors among some arguments, and what stands for them."""
    return [part for part in keras.tree.flatten(arguments) if hasattr(part, "shape")]
