# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""--mode=predict of a run that learnt from graphs: files or folders of graphs, without labels.

Their features are read as those that the run learnt from, by the names of their columns. A graph is
called by its number in its file, "molecules.npz[3]"; a node by its number through all graphs,
"molecules.npz[17]"; and an edge by the two nodes, "molecules.npz[17-18]".
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import keras
import numpy as np

from snas_tf import data
from snas_tf.data.graphs import Graphs, padded, reading
from snas_tf.data.graphs.source import Known
from snas_tf.errors import InvalidInput
from snas_tf.programs.datasets.recorded_dataset import RecordedDataset

_BATCH = 32


def answers(
    paths: Sequence[str], network: keras.Model, known: RecordedDataset, both_directions: bool
) -> Iterator[tuple[list[str], np.ndarray]]:
    """What a network says of all that it tells something of, in order.

    Args:
        paths: .npz files and folders; all are read before the first is answered.
        network: The network.
        known: What the run recorded of its data set.
        both_directions: Whether every edge counts in the opposite direction too.

    Yields:
        Names of some graphs, nodes or edges, and their logits, or numbers (names, 1).

    Raises:
        InvalidInput: What is given holds no such graphs, or the run is one by an earlier version.
    """
    if known.graphs is None:
        raise InvalidInput(
            "`--mode=predict` must be of a run that recorded what the features of its graphs are: "
            "given one by an earlier version; do search anew, or load its network with Keras"
        )
    like = Known.from_record(known.graphs)
    read = [reading.read_others(path, like, both_ways=both_directions) for path in paths]
    normalized = data.normalization(known)
    for path, graphs in zip(paths, read, strict=True):
        names, done = _names(path, graphs), 0
        for start in range(0, graphs.size, _BATCH):
            some = graphs.take(np.arange(start, min(start + _BATCH, graphs.size)))
            batch, _ = padded(some)
            logits = keras.ops.convert_to_numpy(network(normalized(batch), training=False))
            rows = _rows(logits, batch, graphs.level)
            yield names[done : done + len(rows)], rows
            done += len(rows)


def _rows(logits: np.ndarray, batch: dict[str, np.ndarray], level: str) -> np.ndarray:
    """The logits of what there is, without padding."""
    if level == "graph":
        return logits
    counts = batch["num_nodes" if level == "node" else "num_edges"]
    return logits[np.arange(logits.shape[1]) < counts[:, np.newaxis]]


def _names(path: str, graphs: Graphs) -> list[str]:
    file = os.fsencode(path).decode("utf-8", "replace")
    if graphs.level == "edge":
        before = np.cumsum(graphs.num_nodes) - graphs.num_nodes
        first = np.repeat(before, graphs.num_edges)
        ends = np.stack([graphs.sources, graphs.targets], axis=1) + first[:, np.newaxis]
        return [f"{file}[{source}-{target}]" for source, target in ends.tolist()]
    return [f"{file}[{number}]" for number in range(graphs.num_labels.sum())]
