# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the network of a layer graph costs."""

from __future__ import annotations

import functools
import math

from snas_tf.space.cost import Cost
from snas_tf.space.morphs import layer_kinds
from snas_tf.space.morphs.layer_graph import LayerGraph


@functools.lru_cache(maxsize=4096)
def layer_graph_cost(architecture: LayerGraph) -> Cost:
    """The cost of the network of a layer graph for one image, exactly.

    Args:
        architecture: The graph.

    Returns:
        All weights that training changes, those of batch normalisation included; the multiply-adds
        of convolutions and dense layers; and the elements that these and poolings read and write.
    """
    total = Cost()
    shapes = architecture.shapes
    for layer in architecture.layers[1:]:
        read, written = shapes[layer.inputs[0]], shapes[layer.name]
        weights = layer_kinds.weight_shapes(layer.kind, layer.config, read[-1])
        parameters = sum(map(math.prod, weights.values()))
        if layer.config.get("trainable", True):
            total += Cost(parameters=parameters)
        pools = layer.kind in (*layer_kinds.POOLINGS, *layer_kinds.GLOBAL_POOLINGS)
        mixes = layer.kind in (*layer_kinds.WEIGHTED, *layer_kinds.CONVOLUTIONS)
        if mixes:
            kernels = sum(math.prod(shape) for name, shape in weights.items() if name != "bias")
            total += Cost(multiply_adds=kernels * math.prod(written[:-1]), memory_access=parameters)
        if mixes or pools:
            total += Cost(memory_access=math.prod(read) + math.prod(written))
    return total
