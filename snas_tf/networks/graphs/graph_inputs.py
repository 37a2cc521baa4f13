# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What graph networks take: the arrays of a batch of padded graphs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from snas_tf import space

INPUTS = ("nodes", "edges", "sources", "targets", "num_nodes", "num_edges")
"""The arrays of a batch."""


def graph_inputs(skeleton: space.GraphSkeleton) -> dict[str, keras.KerasTensor]:
    """The inputs of a functional model.

    Args:
        skeleton: The plan of the network.

    Returns:
        "nodes" (batch, most nodes, node features), "edges" (batch, most edges, edge features),
        "sources" and "targets" int32 (batch, most edges), "num_nodes", "num_edges" int32 (batch,).
    """
    shapes = {
        "nodes": (None, skeleton.node_features),
        "edges": (None, skeleton.edge_features),
        "sources": (None,),
        "targets": (None,),
        "num_nodes": (),
        "num_edges": (),
    }
    return {
        name: keras.Input(
            shape, dtype="float32" if name in ("nodes", "edges") else "int32", name=name
        )
        for name, shape in shapes.items()
    }


def check_graphs(batch: Any, skeleton: space.GraphSkeleton) -> None:
    """Checks that a batch is such as a skeleton takes, as far as it is known of it.

    Args:
        batch: A dict of arrays or tensors, or a data set of pairs of one and labels. Anything else
            that is no array is left to Keras.
        skeleton: The plan of the network.

    Raises:
        ValueError: It lacks an array, or one has another shape.
    """
    if isinstance(batch, tf.data.Dataset):
        batch = batch.element_spec
        batch = batch[0] if isinstance(batch, tuple) and batch else batch
    if not isinstance(batch, Mapping):
        if getattr(batch, "shape", None) is None:
            return
        raise ValueError(
            f"Graphs must be a dict of {', '.join(INPUTS)}. Received: an array {batch.shape}."
        )
    missing = [name for name in INPUTS if name not in batch]
    if missing:
        raise ValueError(
            f"Graphs must be a dict of {', '.join(INPUTS)}. Received: one without "
            f"{', '.join(missing)}."
        )
    for name, wanted in (("nodes", skeleton.node_features), ("edges", skeleton.edge_features)):
        shape = tuple(getattr(batch[name], "shape", None) or ())
        if shape and (len(shape) != 3 or shape[-1] not in (None, wanted)):
            raise ValueError(
                f"`{name}` must be (batch, most {name}, {wanted}), as the skeleton of the network "
                f"says. Received: {shape}."
            )
