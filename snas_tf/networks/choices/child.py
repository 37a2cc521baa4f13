# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is left of a model once all that it leaves open is decided: plain Keras, its own weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras

from snas_tf.layers.choices.open_layer import OpenLayer
from snas_tf.networks import trainability
from snas_tf.networks.choices.open_layers import as_functional, is_graph, is_open
from snas_tf.networks.choices.size_plan import SizePlan
from snas_tf.space import ProductSpace, Selection
from snas_tf.space.choices.channels import Channels


def child_graph(
    model: keras.Model, space: ProductSpace, plan: SizePlan, architecture: Selection
) -> keras.Model:
    """The model with what an architecture chooses in place of its open layers.

    Args:
        model: A functional or Sequential model.
        space: What it leaves open.
        plan: What its open sizes mean for its layers.
        architecture: One of the space.

    Returns:
        A functional model of copies of the layers, with the same weights, states of training and
        names; a layer that was chosen has the name of the open one. The copies are what Keras
        reads from the layers' configs.
    """
    rows = space.encode(architecture)
    chosen = {name: int(row[0].argmax()) for name, row in rows.items()}
    copies = _Copies(chosen, plan)
    child = copies.of(model)
    copies.finish()
    return child


class _Copies:
    """Makes copies of layers and models, each once, and gives them their weights in the end."""

    def __init__(self, chosen: Mapping[str, int], plan: SizePlan) -> None:
        self._chosen = chosen
        self._plan = plan
        self._pairs: list[tuple[keras.layers.Layer, keras.layers.Layer]] = []
        self._models: dict[int, keras.Model] = {}

    def of(self, model: keras.Model, name: str | None = None) -> keras.Model:
        """A copy of a model that holds what is open, or that open widths go through."""
        if id(model) not in self._models:
            functional = as_functional(model)
            of_inputs = self._plan.models.get(id(model), [])
            given = [
                keras.Input(
                    batch_shape=self._shape(tensor, place, of_inputs),
                    dtype=tensor.dtype,
                    sparse=tensor.sparse,
                    name=tensor.name,
                )
                for place, tensor in enumerate(keras.tree.flatten(functional.input))
            ]
            copied = keras.models.clone_model(
                functional,
                input_tensors=keras.tree.pack_sequence_as(functional.input, given),
                clone_function=self._closed,
            )
            if name is not None:
                copied = keras.Model(copied.input, copied.output, name=name)
            self._models[id(model)] = copied
        return self._models[id(model)]

    def _shape(self, tensor: Any, place: int, of_inputs: list[Channels]) -> tuple[int | None, ...]:
        if not of_inputs:
            return tensor.shape
        return (*tensor.shape[:-1], len(of_inputs[place].kept(self._chosen)))

    def _closed(self, layer: Any) -> Callable[..., Any]:
        """What stands in place of a layer, or of an operation that Keras counts among them."""
        if isinstance(layer, OpenLayer):
            return layer.closed(self._chosen[layer.decision], self.copy)
        if is_graph(layer) and is_open(layer):
            return self.of(layer)
        return self.copy(layer, layer.name)

    def copy(self, layer: Any, name: str) -> Any:
        """A copy of a layer without open layers, of that name."""
        if id(layer) in self._plan.models:
            return self.of(layer, name)
        config = {**layer.get_config(), "name": name}
        if id(layer) in self._plan.cuts:
            config.update(self._plan.cuts[id(layer)].config(self._chosen))
        copied = type(layer).from_config(config)
        if isinstance(layer, keras.layers.Layer):
            self._pairs.append((layer, copied))
        return copied

    def finish(self) -> None:
        """Gives all copies, which are built by now, what their originals hold."""
        for layer, copied in self._pairs:
            cut = self._plan.cuts.get(id(layer))
            copied.set_weights(layer.get_weights() if cut is None else cut.weights(self._chosen))
            trainability.restore(copied, trainability.flags(layer), missing=True)
