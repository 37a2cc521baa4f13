# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The network of a layer graph, in Keras's own layers alone."""

from __future__ import annotations

from typing import Any

import keras

from snas_tf.space.morphs import layer_kinds
from snas_tf.space.morphs.layer_graph import Layer, LayerGraph

_SEES_PIXELS = (
    *layer_kinds.CONVOLUTIONS,
    *layer_kinds.POOLINGS,
    *layer_kinds.GLOBAL_POOLINGS,
    "Cropping2D",
    "Flatten",
    "SpatialDropout2D",
    "ZeroPadding2D",
)
"""Layers that are told that channels are last, for ~/.keras/keras.json may say otherwise."""


def build(architecture: LayerGraph, *, dtype: Any = None, name: str = "network") -> keras.Model:
    """The network of a layer graph, its weights as its layers initialise them.

    Args:
        architecture: The graph.
        dtype: Dtype policy of all layers but the last, which is float32; None for the global one.
        name: Name of the model.

    Returns:
        A functional model, not compiled, that saves and loads without this package.
    """
    inputs = input_of(architecture)
    return keras.Model(inputs, outputs_of(architecture, inputs, dtype), name=name)


def input_of(architecture: LayerGraph) -> keras.KerasTensor:
    """The symbolic input of a layer graph, float32 unless it says otherwise."""
    first = architecture.layers[0]
    config = first.config
    return keras.Input(
        tuple(config["shape"]), dtype=config.get("dtype", "float32"), name=first.name
    )


def outputs_of(
    architecture: LayerGraph, inputs: keras.KerasTensor, dtype: Any = None
) -> keras.KerasTensor:
    """What new layers of a graph make of a tensor.

    Args:
        architecture: The graph.
        inputs: In the place of its input.
        dtype: As for `build`.
    """
    tensors = {architecture.layers[0].name: inputs}
    for layer in architecture.layers[1:]:
        read = [tensors[name] for name in layer.inputs]
        made = made_of(layer, "float32" if layer is architecture.output else dtype)
        tensors[layer.name] = made(read if layer.kind in layer_kinds.MERGES else read[0])
    return tensors[architecture.output.name]


def made_of(layer: Layer, dtype: Any = None) -> keras.layers.Layer:
    """The Keras layer of a record, not yet built."""
    config: dict[str, Any] = {**layer.config, "name": layer.name}
    if dtype is not None:
        config["dtype"] = dtype
    if layer.kind in _SEES_PIXELS:
        config["data_format"] = "channels_last"
    return getattr(keras.layers, layer.kind).from_config(config)
