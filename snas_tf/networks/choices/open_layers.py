# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a model leaves open, and where nobody could see it."""

from __future__ import annotations

import functools
from typing import Any

import keras

from snas_tf import keras_internals
from snas_tf.errors import InvalidInput
from snas_tf.layers.choices.open_layer import OpenLayer
from snas_tf.layers.choices.open_sizes import open_sizes


@functools.cache
def _functional() -> type:
    """Keras's class of models that are graphs of layers, which has no public name."""
    with keras.name_scope("class_of_functional_models"):
        tensor = keras.Input((1,))
        return type(keras.Model(tensor, tensor))


def is_graph(layer: Any) -> bool:
    """Whether a layer is a functional or Sequential model, whose graph can be made anew."""
    if isinstance(layer, keras.Sequential):
        return True
    return isinstance(layer, _functional()) and type(layer).call is _functional().call


def as_functional(model: keras.Model) -> keras.Model:
    """The functional model of the same layers.

    Raises:
        InvalidInput: A Sequential model does not know what it takes.
    """
    if not isinstance(model, keras.Sequential):
        return model
    if not model.built:
        raise InvalidInput(
            f"the Sequential model {model.name!r} must know what it takes: given none; do put a "
            "keras.Input(shape) before its layers"
        )
    return keras.Model(model.inputs[0], model.outputs[0], name=model.name)


def is_open(layer: Any) -> bool:
    """Whether a layer is open, or holds one that is."""
    if not isinstance(layer, keras.layers.Layer):
        return False
    parts = [layer, *keras_internals.all_sublayers(layer)]
    return any(isinstance(part, OpenLayer) or open_sizes(part) for part in parts)


def left_open(model: keras.Model) -> list[tuple[str, str | None, tuple[str, ...]]]:
    """What a model leaves open, and the models within it, each once, in the order of its layers.

    Args:
        model: A functional or Sequential Keras model.

    Returns:
        (name, name of the decision that it shares or None, options) of every open layer, and of
        every size of a layer.

    Raises:
        InvalidInput: The model is of another kind, or something is open where nobody sees it.
    """
    if not isinstance(model, keras.Model) or not is_graph(model):
        raise InvalidInput(
            f"`model` must be a functional or Sequential Keras model: given {model!r:.80}; the "
            "layers of a model with a `call` of its own cannot be seen from outside: do give it "
            "`samples`, as docs/choice.md shows"
        )
    found: dict[int, Any] = {}
    _collect(as_functional(model), found)
    opened: list[tuple[str, str | None, tuple[str, ...]]] = []
    for layer in found.values():
        if isinstance(layer, OpenLayer):
            opened.append((layer.name, layer.given_decision, layer.options))
        else:
            opened += [
                (f"{layer.name}_{argument}", sizes.decision, sizes.options)
                for argument, sizes in open_sizes(layer).items()
            ]
    return opened


def _collect(model: keras.Model, found: dict[int, Any]) -> None:
    for layer in model.layers:
        if isinstance(layer, OpenLayer) or open_sizes(layer):
            found.setdefault(id(layer), layer)
        elif is_open(layer):
            if not is_graph(layer):
                hidden = [x for x in keras_internals.all_sublayers(layer) if is_open(x)]
                raise InvalidInput(
                    f"{hidden[-1].name!r} must be a layer of a functional or Sequential model, "
                    f"where it can be seen: given one within {layer.name!r}, a "
                    f"{type(layer).__name__}; do call it in the graph of the model"
                )
            _collect(as_functional(layer), found)
