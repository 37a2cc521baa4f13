# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""ONNX: a network for runtimes other than TensorFlow's."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import keras
import numpy as np
import tensorflow as tf

from snas_tf.errors import Failure
from snas_tf.networks import ImageNetwork
from snas_tf.serving.frozen_function import frozen_function

if TYPE_CHECKING:
    import onnx

OPSET = 15
"""What every runtime since 2021 understands; the networks need nothing newer."""


def convert(
    network: ImageNetwork, normalization: keras.layers.Layer, dtype: np.dtype | type = np.uint8
) -> bytes:
    """A network as an ONNX file that computes in float32.

    Args:
        network: The network.
        normalization: The built layer from uint8 images to the network's input.
        dtype: What an example holds.

    Returns:
        The content of the file: `image` uint8 (batch, height, width, channels) to `class_id`,
        `probabilities` and `logits`, any batch size.
    """
    import onnx
    import tf2onnx

    function = frozen_function(network, normalization, tf.as_dtype(dtype))
    model, _ = tf2onnx.convert.from_function(
        function, input_signature=function.input_signature, opset=OPSET
    )
    model.graph.CopyFrom(_reproducible(model.graph, network.name))
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


def predictor(path: pathlib.Path) -> Callable[[np.ndarray], np.ndarray]:
    """The probabilities that an ONNX file answers, by onnxruntime.

    Args:
        path: A file that `convert` made.

    Returns:
        A function of uint8 (batch, height, width, channels) to float32 (batch, classes).

    Raises:
        Failure: onnxruntime cannot run the file.
    """
    import onnxruntime

    try:
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    except Exception as error:  # it has a class of its own for each of a dozen causes
        raise Failure(f"{path} cannot be run by onnxruntime: {error}") from error

    def predict(images: np.ndarray) -> np.ndarray:
        (probabilities,) = session.run(["probabilities"], {"image": images})
        return probabilities

    return predict


def _reproducible(graph: onnx.GraphProto, name: str) -> onnx.GraphProto:
    """The same graph, ordered and named by how the outputs depend on what is in it.

    tf2onnx counts its names on from one conversion to the next, and orders a graph anew in every
    process.

    Args:
        graph: A graph without parts of its own within nodes; its nodes and weights are renamed.
        name: What it is to be called.
    """
    import onnx

    nodes = _in_order(graph)
    ends = (*graph.input, *graph.output)
    names = {name: name for name in ("", *(tensor.name for tensor in ends))}
    for index, node in enumerate(nodes):
        node.name = f"{node.op_type}_{index}"
        for position, output in enumerate(node.output):
            names.setdefault(output, f"{node.name}:{position}")
    weights = {weight.name: weight for weight in graph.initializer}
    read = dict.fromkeys(each for node in nodes for each in node.input if each in weights)
    for index, weight in enumerate(read):
        names[weight] = weights[weight].name = f"weight_{index}"
    for node in nodes:
        for field in (node.input, node.output):
            field[:] = [names[each] for each in field]
    for tensor in ends:
        # Each has a name of its own for its first dimension, as if the batch sizes could differ.
        tensor.type.tensor_type.shape.dim[0].dim_param = "batch"
    return onnx.helper.make_graph(
        nodes, name, graph.input, graph.output, [weights[weight] for weight in read]
    )


def _in_order(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """The nodes that the outputs depend on, each behind those whose outputs it reads."""
    makers = {name: node for node in graph.node for name in node.output}
    ordered: dict[str, onnx.NodeProto] = {}
    todo = [(tensor.name, False) for tensor in reversed(graph.output)]
    while todo:
        name, is_ready = todo.pop()
        node = makers.get(name)
        if node is None or node.output[0] in ordered:
            continue
        if is_ready:
            ordered[node.output[0]] = node
        else:
            todo.append((name, True))
            todo += [(each, False) for each in reversed(node.input)]
    return [*ordered.values()]
