# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A batch of graphs as networks take it: a dict of arrays, zeros beyond what each graph has."""

from __future__ import annotations

import numpy as np

from snas_tf.data.graphs.given import NO_CLASS
from snas_tf.data.graphs.graphs import Graphs

INPUTS = ("nodes", "edges", "sources", "targets", "num_nodes", "num_edges")
"""The arrays of a batch."""


def padded(
    graphs: Graphs, most_nodes: int = 0, most_edges: int = 0
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """All graphs as one batch, which `fit`, `evaluate` and `predict` of a network take.

    Args:
        graphs: The graphs.
        most_nodes: Nodes to pad to; 0 for those of the largest graph. What is beyond the nodes and
            edges of a graph changes no answer.
        most_edges: Likewise.

    Returns:
        The batch: "nodes" float32 (graphs, most nodes, node features), "edges" float32 (graphs,
        most edges, edge features), "sources" and "targets" int32 (graphs, most edges), "num_nodes"
        and "num_edges" int32 (graphs,). And the labels: (graphs,), or of nodes or edges (graphs,
        most nodes or edges), beyond these `NO_CLASS` or NaN.
    """
    sizes = {"node": (graphs.num_nodes, most_nodes), "edge": (graphs.num_edges, most_edges)}
    places = {kind: _places(counts, most) for kind, (counts, most) in sizes.items()}
    batch = {
        "nodes": _filled(graphs.nodes, places["node"], 0),
        "edges": _filled(graphs.edges, places["edge"], 0),
        "sources": _filled(graphs.sources, places["edge"], 0),
        "targets": _filled(graphs.targets, places["edge"], 0),
        "num_nodes": graphs.num_nodes,
        "num_edges": graphs.num_edges,
    }
    if graphs.level == "graph":
        return batch, graphs.labels
    none = np.nan if graphs.regression else NO_CLASS
    return batch, _filled(graphs.labels, places[graphs.level], none)


def _places(counts: np.ndarray, most: int) -> np.ndarray:
    """Where in a batch there is something, bool (graphs, most)."""
    most = max(most, int(counts.max(initial=0)))
    return np.arange(most) < counts[:, None]


def _filled(values: np.ndarray, places: np.ndarray, padding: float) -> np.ndarray:
    batch = np.full((*places.shape, *values.shape[1:]), padding, values.dtype)
    batch[places] = values
    return batch
