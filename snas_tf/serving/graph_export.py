# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""From a network of graphs to a SavedModel of flat arrays, verified before a server can see it."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from snas_tf.data.graphs import Graphs
from snas_tf.networks import ImageNetwork
from snas_tf.serving import warm_up
from snas_tf.serving.graph_signatures import GRAPH_SIGNATURE, ServedGraphs
from snas_tf.serving.saved_model import MODEL, Describe, Exported, publish
from snas_tf.serving.verification import BATCH_SIZES

GraphPredictor = Callable[[Graphs], np.ndarray]
"""From graphs to probabilities, float32 (rows, classes), or to numbers (rows,): a row a graph, node
or edge."""

_ROOM = 4
"""How many times the room of the largest request that is compared a request may take."""


def export_graphs(
    network: ImageNetwork,
    folder: str | os.PathLike[str],
    *,
    normalization: keras.layers.Layer,
    class_names: Sequence[str],
    examples: Graphs,
    most_graphs: int = 256,
    keep: int = 0,
    describe: Describe | None = None,
) -> Exported:
    """Writes the next version of a network of graphs.

    Args:
        network: The network.
        folder: Where the versions lie; created if need be.
        normalization: The layer from a batch of padded graphs to the network's input.
        class_names: Name of each class, in the order of the logits; () where a number is told.
        examples: Real graphs, as they were found: 32 of them, or all if there are fewer, are
            compared and become the warm-up requests; their largest one says how much room a request
            may take.
        most_graphs: Graphs that a request may hold; a larger one is refused.
        keep: How many versions stay, with the new one; 0 keeps all.
        describe: As for `export`.

    Returns:
        What was written.

    Raises:
        ValueError: The names do not fit the network.
        Failure: What was written does not pass; nothing of it is left.
    """
    rooms = (examples.num_nodes.max(), max(int(examples.num_edges.max()), 1))
    served = ServedGraphs(
        network=network,
        normalization=normalization,
        class_names=class_names,
        most_images=most_graphs,
        most_nodes=int(_ROOM * max(most_graphs, max(BATCH_SIZES)) * rooms[0]),
        most_edges=int(_ROOM * max(most_graphs, max(BATCH_SIZES)) * rooms[1]),
    )
    return publish(
        served, pathlib.Path(folder), _requests(served, examples), keep=keep, describe=describe
    )


def graph_predictor(path: pathlib.Path) -> GraphPredictor:
    """Loads a SavedModel that `export_graphs` wrote.

    Args:
        path: Its folder.
    """
    loaded = tf.saved_model.load(str(path))  # kept, or its weights would go
    signature = loaded.signatures[GRAPH_SIGNATURE]
    names = [*signature.structured_input_signature[1]]

    def predict(graphs: Graphs) -> np.ndarray:
        inputs = {name: tf.constant(np.asarray(getattr(graphs, name))) for name in names}
        answer = signature(**inputs)
        return answer[warm_up.VALUE if warm_up.VALUE in answer else "probabilities"].numpy()

    return predict


def _requests(served: ServedGraphs, examples: Graphs) -> list[warm_up.Request]:
    """Requests of one, a few and many graphs, with the network's own answers."""
    count = min(examples.size, max(BATCH_SIZES), served.most_images)
    chosen = examples.take(np.arange(count) * examples.size // count)
    found = []
    for size in sorted({min(size, count) for size in BATCH_SIZES}):
        graphs = chosen.take(np.arange(size))
        found.append(
            warm_up.Request(MODEL, GRAPH_SIGNATURE, served.flat(graphs), served.expected(graphs))
        )
    return found
