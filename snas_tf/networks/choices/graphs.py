# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A model with open layers as graphs of Keras: one that takes rows of Z, and those of its children.

All is public Keras: the model's own graph is gone through once (`clone_model`), with another layer,
or another call of the same layer, wherever something is open. No weight of the first is copied.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import keras

from snas_tf.layers.choices.open_layer import OpenLayer
from snas_tf.networks import trainability
from snas_tf.networks.choices.open_layers import as_functional, is_graph, is_open
from snas_tf.space import ProductSpace, Selection


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


def supernet_graph(
    model: keras.Model, space: ProductSpace, one_hot: bool
) -> tuple[keras.Model, list[Site]]:
    """The model as a function of its inputs and a row of Z for each decision.

    Args:
        model: A functional or Sequential model.
        space: What it leaves open.
        one_hot: Whether one option a row runs, or the mixture of all.

    Returns:
        A functional model of [inputs, {decision: float32 (options,)}], in the structures of both,
        and where it calls open layers, once for every call.
    """
    return _RowGraphs(space, one_hot).of(model)


class _RowGraphs:
    """Makes a graph that takes rows of each model that holds open layers, once."""

    def __init__(self, space: ProductSpace, one_hot: bool) -> None:
        self._space = space
        self._one_hot = one_hot
        self._made: dict[int, tuple[keras.Model, list[Site]]] = {}

    def of(self, model: keras.Model) -> tuple[keras.Model, list[Site]]:
        if id(model) not in self._made:
            self._made[id(model)] = self._make(as_functional(model))
        return self._made[id(model)]

    def _make(self, model: keras.Model) -> tuple[keras.Model, list[Site]]:
        wanted = [model.input, self._rows()]
        inputs = keras.tree.map_structure(
            lambda x: keras.Input(batch_shape=x.shape, dtype=x.dtype, sparse=x.sparse, name=x.name),
            model.input,
        )
        rows = self._rows()
        sites: list[Site] = []

        def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
            if isinstance(layer, OpenLayer):
                sites.append(Site(layer, args, kwargs))
                row = rows[layer.decision]
                return layer(*args, **kwargs, row=row, one_hot=self._one_hot)
            if is_open(layer):
                graph, within = self.of(layer)
                sites.extend(within)
                return graph([_first(args, kwargs), rows], **kwargs)
            return layer(*args, **kwargs)

        graph = keras.models.clone_model(
            keras.Model(wanted, model.output, name=model.name),
            input_tensors=[inputs, rows],
            clone_function=lambda layer: layer,
            call_function=call,
        )
        return graph, sites

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


def child_graph(model: keras.Model, space: ProductSpace, architecture: Selection) -> keras.Model:
    """The model with what an architecture chooses in place of its open layers.

    Args:
        model: A functional or Sequential model.
        space: What it leaves open.
        architecture: One of the space.

    Returns:
        A functional model of copies of the layers, with the same weights, states of training and
        names; a layer that was chosen has the name of the open one. The copies are what Keras
        reads from the layers' configs.
    """
    rows = space.encode(architecture)
    chosen = {name: int(row[0].argmax()) for name, row in rows.items()}
    copies = _Copies(chosen)
    child = copies.of(model)
    copies.finish()
    return child


class _Copies:
    """Makes copies of layers and models, each once, and gives them their weights in the end."""

    def __init__(self, chosen: Mapping[str, int]) -> None:
        self._chosen = chosen
        self._pairs: list[tuple[keras.layers.Layer, keras.layers.Layer]] = []
        self._models: dict[int, keras.Model] = {}

    def of(self, model: keras.Model) -> keras.Model:
        """A copy of a model that holds open layers."""
        if id(model) not in self._models:
            self._models[id(model)] = keras.models.clone_model(
                as_functional(model), clone_function=self._closed
            )
        return self._models[id(model)]

    def _closed(self, layer: Any) -> Callable[..., Any]:
        """What stands in place of a layer, or of an operation that Keras counts among them."""
        if isinstance(layer, OpenLayer):
            return layer.closed(self._chosen[layer.decision], self.copy)
        if is_graph(layer) and is_open(layer):
            return self.of(layer)
        return self.copy(layer, layer.name)

    def copy(self, layer: Any, name: str) -> Any:
        """A copy of a layer without open layers, of that name."""
        copied = type(layer).from_config({**layer.get_config(), "name": name})
        if isinstance(layer, keras.layers.Layer):
            self._pairs.append((layer, copied))
        return copied

    def finish(self) -> None:
        """Gives all copies, which are built by now, what their originals hold."""
        for layer, copied in self._pairs:
            copied.set_weights(layer.get_weights())
            trainability.restore(copied, trainability.flags(layer), missing=True)
