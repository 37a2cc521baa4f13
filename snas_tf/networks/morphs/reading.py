# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The layer graph of a Keras model: any functional or Sequential one of layers that morphs know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from snas_tf.errors import InvalidInput
from snas_tf.networks import plain
from snas_tf.space.morphs import layer_kinds
from snas_tf.space.morphs.layer_graph import Layer, LayerGraph

_REQUIRED = {
    "Conv2D": ("filters", "kernel_size"),
    "SeparableConv2D": ("filters", "kernel_size"),
    "DepthwiseConv2D": ("kernel_size",),
    "Dense": ("units",),
    **dict.fromkeys(layer_kinds.POOLINGS, ("pool_size", "strides")),
    "Activation": ("activation",),
    "Dropout": ("rate",),
    "GaussianDropout": ("rate",),
    "GaussianNoise": ("stddev",),
    "SpatialDropout2D": ("rate",),
    "Rescaling": ("scale",),
}
"""Arguments without a default of their own."""


def layer_graph(model: keras.Model) -> LayerGraph:
    """The layer graph of a model; what are defaults of Keras is left out, and so are dtypes.

    Args:
        model: A functional or Sequential model of one input and one output, built, each layer
            called once, all of kinds that morphs know.

    Returns:
        The graph, whose layers have the names of the model's.

    Raises:
        InvalidInput: The model is another; the message names the layer.
    """
    known = getattr(model, "genotype", None)
    if isinstance(known, LayerGraph):
        return known
    return LayerGraph(tuple(_ordered(model)))


def trunk(model: keras.Model) -> keras.Model:
    """A plain network of `to_keras` as a root: without what a run does to images and answers.

    Args:
        model: Any functional or Sequential model.

    Returns:
        The model without metadata and normalisation behind its input and without softmax at its
        end, where it has them; the layers are the same objects.

    Raises:
        InvalidInput: It has several inputs or outputs.
    """
    config = _functional_config(model)
    rows = {row["name"]: row for row in config["layers"]}
    first, last = model.inputs[0], model.outputs[0]
    readers = {source: name for name in rows for source in _inputs(rows[name])}
    name = _history(config["input_layers"])
    begin = readers.get(name)
    while begin and (begin == plain.METADATA or rows[begin]["class_name"] == "Normalization"):
        first, begin = model.get_layer(begin).output, readers.get(begin)
    end = rows[_history(config["output_layers"])]
    if end["class_name"] in ("Activation", "Softmax"):
        last = model.get_layer(_inputs(end)[0]).output
    if first is model.inputs[0] and last is model.outputs[0]:
        return model
    inner = keras.Model(first, last, name=model.name)
    images = keras.Input(first.shape[1:], name="images")  # or its name would count what was made
    return keras.models.clone_model(inner, images, clone_function=lambda layer: layer)


def _ordered(model: keras.Model) -> list[Layer]:
    config = _functional_config(model)
    rows = {row["name"]: row for row in config["layers"]}
    last = _history(config["output_layers"])
    layers, done = [], set()
    left = [name for name in rows if name != last] + [last]
    while left:  # Keras has them by depth, which is an order of computation but for the output
        ready = [name for name in left if {*_inputs(rows[name])} <= done]
        name = next((name for name in ready if name != last), last)
        if name not in ready or (name == last and len(left) > 1):
            raise InvalidInput(f"the model {model.name!r} must end in its output {last!r}")
        left.remove(name)
        done.add(name)
        layers.append(_layer(rows[name]))
    return layers


def _functional_config(model: keras.Model) -> Mapping[str, Any]:
    if not isinstance(model, keras.Model) or not getattr(model, "inputs", None):
        raise InvalidInput(
            "a root must be a functional or Sequential Keras model that is built: given "
            f"{type(model).__name__}; do call it once, or give it an Input"
        )
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise InvalidInput(
            f"the model {model.name!r} must have one input and one output: given "
            f"{len(model.inputs)} and {len(model.outputs)}"
        )
    return keras.Model(model.inputs[0], model.outputs[0], name=model.name).get_config()


def _history(outputs: Any) -> str:
    """The name in [name, node, tensor], which Keras nests by the structure of the outputs."""
    while not isinstance(outputs[0], str):
        outputs = outputs[0]
    return outputs[0]


def _inputs(row: Mapping[str, Any]) -> list[str]:
    """Names of the layers that a layer reads."""
    nodes = row["inbound_nodes"]
    if len(nodes) > 1:
        raise InvalidInput(
            f"the layer {row['name']!r} must be called once: given {len(nodes)} calls"
        )
    found: list[str] = []

    def visit(value: Any) -> None:
        if isinstance(value, Mapping) and value.get("class_name") == "__keras_tensor__":
            found.append(value["config"]["keras_history"][0])
        elif isinstance(value, (list, tuple)):
            for each in value:
                visit(each)

    for node in nodes:
        visit(node["args"])
    return found


def _layer(row: Mapping[str, Any]) -> Layer:
    name, kind = row["name"], row["class_name"]
    if row.get("module") != "keras.layers" or kind not in layer_kinds.KINDS:
        raise InvalidInput(
            f"the layer {name!r} must be one of keras.layers "
            f"{', '.join(sorted(layer_kinds.KINDS))}: given {row.get('module')}.{kind}"
        )
    config = dict(row["config"])
    if kind == layer_kinds.INPUT:
        shape = list((config.get("batch_shape") or config.get("batch_input_shape"))[1:])
        kept = {"shape": shape}
        if config.get("dtype", "float32") != "float32":
            kept["dtype"] = config["dtype"]
        return Layer.of(name, kind, kept, [])
    if kind in (layer_kinds.BN, "Concatenate") and config.get("axis") in (3, [3], [-1]):
        config["axis"] = -1
    return Layer.of(name, kind, _without_defaults(kind, config), _inputs(row))


def _without_defaults(kind: str, config: Mapping[str, Any]) -> dict[str, Any]:
    required = _REQUIRED.get(kind, ())
    fresh = getattr(keras.layers, kind)(**{name: config[name] for name in required})
    default = {**fresh.get_config(), "data_format": "channels_last"}
    left = {
        name: value
        for name, value in config.items()
        if name not in ("name", "dtype")
        and (name in required or name not in default or default[name] != value)
    }
    left.pop("build_config", None)
    return left
