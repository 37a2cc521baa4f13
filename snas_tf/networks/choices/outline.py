# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The outline of a model that leaves something open, for pictures of it."""

from __future__ import annotations

from typing import Any

import keras

from snas_tf.layers.choices.open_layer import OpenLayer
from snas_tf.layers.choices.open_sizes import open_sizes
from snas_tf.networks.choices.open_layers import as_functional, is_graph, is_open
from snas_tf.space.choices.outline import Outline, Part, shortened


def outline_of(model: keras.Model) -> Outline:
    """The layers of a model and of the models with choices within it, in their order.

    Args:
        model: A functional or Sequential model.

    Returns:
        Its outline; layers that decide nothing and follow each other are one part.
    """
    walk = _Walk()
    walk.through(model, [])
    return shortened(walk.parts)


class _Walk:
    """Goes through the calls of layers, and remembers who made each tensor."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self._makers: dict[int, int] = {}
        self._kept: list[Any] = []  # or another tensor might get the number of one

    def through(self, model: keras.Model, given: list[int]) -> list[int]:
        """Adds the parts of a model; gives those that make its answers."""
        model = as_functional(model)
        inputs = keras.tree.map_structure(
            lambda x: keras.Input(batch_shape=x.shape, dtype=x.dtype, sparse=x.sparse), model.input
        )
        for place, tensor in enumerate(_tensors(inputs)):
            self._note(tensor, given[place] if given else self._add("Input", ()))
        answers: list[int] = []
        last = keras.layers.Identity(name="behind_the_last")

        def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
            sources = [self._makers[id(x)] for x in _tensors((args, kwargs))]
            if layer is last:
                answers.extend(sources)
                return layer(*args, **kwargs)
            answer = layer(*args, **kwargs)
            if is_graph(layer) and is_open(layer):
                made = self.through(layer, sources)
            else:
                made = [self._add(*_told(layer), sources=tuple(dict.fromkeys(sources)))]
            for place, tensor in enumerate(_tensors(answer)):
                self._note(tensor, made[min(place, len(made) - 1)])
            return answer

        keras.models.clone_model(
            keras.Model(model.input, [last(tensor) for tensor in _tensors(model.output)]),
            input_tensors=inputs,
            clone_function=lambda layer: layer,
            call_function=call,
        )
        return answers

    def _add(self, title: str, decisions: tuple[str, ...], sources: tuple[int, ...] = ()) -> int:
        self.parts.append(Part(title, sources, decisions))
        return len(self.parts) - 1

    def _note(self, tensor: Any, maker: int) -> None:
        self._kept.append(tensor)
        self._makers[id(tensor)] = maker


def _told(layer: Any) -> tuple[str, tuple[str, ...]]:
    """What a layer is, and what is decided in it."""
    if isinstance(layer, OpenLayer):
        return type(layer).__name__, (layer.decision,)
    sizes = open_sizes(layer) if isinstance(layer, keras.layers.Layer) else {}
    decided = (x.decision or f"{layer.name}_{argument}" for argument, x in sizes.items())
    return type(layer).__name__, tuple(decided)


def _tensors(nest: Any) -> list[keras.KerasTensor]:
    return [x for x in keras.tree.flatten(nest) if isinstance(x, keras.KerasTensor)]
