# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the network of a layer graph costs."""

from __future__ import annotations

import functools
import math

from snas_tf.space.cost import Cost
from snas_tf.space.morphs import layer_kinds
from snas_tf.space.morphs.layer_graph import Layer, LayerGraph
from snas_tf.space.morphs.layer_kinds import Shape


@functools.lru_cache(maxsize=1024)
def layer_graph_cost(architecture: LayerGraph) -> Cost:
    """The cost of the network of a layer graph for one image, exactly.

    Args:
        architecture: The graph.

    Returns:
        All weights that training changes, those of batch normalisation included; the multiply-adds
        of convolutions and dense layers; and the elements that these and poolings read and write.
    """
    shapes = architecture.shapes
    costs = [
        _of_layer(layer, shapes[layer.inputs[0]], shapes[layer.name])
        for layer in architecture.layers[1:]
    ]
    return Cost(*map(sum, zip(*costs, strict=True)))


@functools.lru_cache(maxsize=1024)
def activations(architecture: LayerGraph) -> int:
    """How many numbers the layers of a graph give of one image, its input among them."""
    return sum(map(math.prod, architecture.shapes.values()))


def training_bytes(architecture: LayerGraph, batch_size: int) -> int:
    """What a training step of a layer graph needs, by a rule and not by a measurement.

    Args:
        architecture: The graph.
        batch_size: Images of the step.

    Returns:
        Bytes of float32 for every weight, its gradient and two numbers of its optimizer, and for
        all that layers give of every image and its gradient, as if all were held at a time.
    """
    parameters = layer_graph_cost(architecture).parameters
    return 4 * (4 * parameters + 2 * batch_size * activations(architecture))


@functools.lru_cache(maxsize=16384)  # most layers of a graph are those of the one before
def _of_layer(layer: Layer, read: Shape, written: Shape) -> tuple[int, int, int]:
    """Parameters, multiply-adds and memory access of a layer."""
    kind, config = layer.kind, layer.config
    weights = layer_kinds.weight_shapes(kind, config, read[-1])
    parameters = sum(map(math.prod, weights.values()))
    trained = parameters if config.get("trainable", True) else 0
    if kind in (*layer_kinds.WEIGHTED, *layer_kinds.CONVOLUTIONS):
        kernels = sum(math.prod(shape) for name, shape in weights.items() if name != "bias")
        passed = math.prod(read) + math.prod(written)
        return trained, kernels * math.prod(written[:-1]), parameters + passed
    if kind in (*layer_kinds.POOLINGS, *layer_kinds.GLOBAL_POOLINGS):
        return trained, 0, math.prod(read) + math.prod(written)
    return trained, 0, 0
