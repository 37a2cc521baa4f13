# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A model that leaves something open as a graph of Keras that takes rows of Z.

All is public Keras: the model's own graph is gone through once (`clone_model`), with another call
of the same layer wherever something is open. No weight is copied.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import keras

from snas_tf.errors import InvalidInput
from snas_tf.layers.choices.open_layer import OpenLayer
from snas_tf.layers.choices.open_sizes import open_sizes
from snas_tf.networks.choices.open_layers import as_functional, is_graph, is_open
from snas_tf.networks.choices.size_plan import SizePlan
from snas_tf.networks.choices.sized_calls import SizedCalls, arrays
from snas_tf.space import ProductSpace
from snas_tf.space.choices.channels import Channels


@dataclasses.dataclass(frozen=True)
class Site:
    """Where an open layer is called.

    Attributes:
        layer: The layer.
        args: Symbolic tensors, as it is called there.
        kwargs: Likewise.
    """

    layer: OpenLayer
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class RowGraph:
    """A model as a function of its inputs and rows of Z.

    Attributes:
        model: A functional model of [inputs, {decision: float32 (options,)}], in the structures of
            both.
        sites: Where it calls open layers, once for every call.
        plan: What its open sizes mean for its layers.
    """

    model: keras.Model
    sites: Sequence[Site]
    plan: SizePlan


def supernet_graph(model: keras.Model, space: ProductSpace, one_hot: bool) -> RowGraph:
    """The model as a function of its inputs and a row of Z for each decision.

    Args:
        model: A functional or Sequential model.
        space: What it leaves open.
        one_hot: Whether one option a row runs, or the mixture of all.

    Returns:
        The graph.

    Raises:
        InvalidInput: An open size reaches what is not known to leave alone what is missing.
    """
    graphs = _RowGraphs(space, one_hot)
    graph, sites = graphs.of(model, [])
    plan = graphs.sized.plan
    for tensor in keras.tree.flatten(graph.output):
        if plan.is_open(tensor):
            widths = ", ".join(width.decision for width in plan.channels(tensor).widths)
            raise InvalidInput(
                f"what {model.name!r} answers must have a fixed width: given the open one of "
                f"{widths}; do end with a layer of a fixed width"
            )
    return RowGraph(graph, sites, plan)


class _RowGraphs:
    """Makes a graph that takes rows of each model that holds open layers, once."""

    def __init__(self, space: ProductSpace, one_hot: bool) -> None:
        self._space = space
        self._one_hot = one_hot
        self.sized = SizedCalls(one_hot)
        self._made: dict[int, tuple[keras.Model, list[Site]]] = {}

    def of(self, model: keras.Model, given: list[Channels]) -> tuple[keras.Model, list[Site]]:
        if given:
            self.sized.plan.enter(model, given)
        if id(model) not in self._made:
            self._made[id(model)] = self._make(as_functional(model), given)
        return self._made[id(model)]

    def _make(self, model: keras.Model, given: list[Channels]) -> tuple[keras.Model, list[Site]]:
        wanted = [model.input, self._rows()]
        inputs = keras.tree.map_structure(
            lambda x: keras.Input(batch_shape=x.shape, dtype=x.dtype, sparse=x.sparse, name=x.name),
            model.input,
        )
        for tensor, channels in zip(keras.tree.flatten(inputs), given, strict=False):
            self.sized.plan.note(tensor, channels)
        rows = self._rows()
        sites: list[Site] = []

        def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
            return self._call(layer, args, kwargs, rows, sites)

        graph = keras.models.clone_model(
            keras.Model(wanted, model.output, name=model.name),
            input_tensors=[inputs, rows],
            clone_function=lambda layer: layer,
            call_function=call,
        )
        return graph, sites

    def _call(
        self,
        layer: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        rows: Mapping[str, Any],
        sites: list[Site],
    ) -> Any:
        tensors = arrays((args, kwargs))
        widths = any(map(self.sized.plan.is_open, tensors))
        if isinstance(layer, OpenLayer):
            if widths:
                channels = self.sized.through(layer, tensors)
                args, kwargs = self.sized.masked((args, kwargs), rows)
            sites.append(Site(layer, args, kwargs))
            answer = layer(*args, **kwargs, row=rows[layer.decision], one_hot=self._one_hot)
            if widths:
                self.sized.note(answer, channels)
            return answer
        if is_graph(layer) and (widths or is_open(layer)):
            inputs = _first(args, kwargs)
            flat = keras.tree.flatten(inputs)
            graph, within = self.of(
                layer, [self.sized.plan.channels(x) for x in flat] if widths else []
            )
            sites.extend(within)
            answer = graph([inputs, rows], **kwargs)
            for tensor, source in zip(
                keras.tree.flatten(answer), keras.tree.flatten(graph.output), strict=True
            ):
                self.sized.note(tensor, self.sized.plan.channels(source))
            return answer
        if widths or open_sizes(layer):
            return self.sized.call(layer, args, kwargs, rows)
        return layer(*args, **kwargs)

    def _rows(self) -> dict[str, keras.KerasTensor]:
        return {
            decision.name: keras.Input(batch_shape=decision.shape[1:], dtype="float32", name=name)
            for name, decision in zip(
                _row_names(len(self._space.decisions)), self._space.decisions, strict=True
            )
        }


def _row_names(count: int) -> list[str]:
    return [f"row_of_decision_{place}" for place in range(count)]


def _first(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The inputs of a model within a model, positional or not; taken out of `kwargs`."""
    return args[0] if args else kwargs.pop("inputs")
