# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Graphs from flat arrays, in which nodes are numbered through all of them: what files hold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from snas_tf.data.graphs import given
from snas_tf.data.graphs.given import NO_CLASS
from snas_tf.data.graphs.graphs import Graphs
from snas_tf.errors import InvalidInput


def from_flat(
    *,
    graph_of_node: np.ndarray,
    nodes: np.ndarray,
    ends: np.ndarray,
    edges: np.ndarray,
    label: np.ndarray | None,
    level: str,
    class_names: Sequence[str] = (),
) -> Graphs:
    """Puts graphs together.

    Args:
        graph_of_node: The graph of each node, whole numbers (all nodes,), ascending; those that
            there are become graph 0, 1 and so on.
        nodes: Features (all nodes, features).
        ends: The two nodes of each edge, source and target, whole numbers (all edges, 2) from 0.
        edges: Features (all edges, features).
        label: See `Graphs.of` for this and all that follows; one for each graph, node or edge. None
            where there is none at all.
        level: What has a label.
        class_names: Name of each class; () to take labels as `Graphs.of` does.

    Raises:
        InvalidInput: An array is not what it should be.
    """
    given.check_level(level)
    ends = _ends(ends, len(nodes))
    features = {"nodes": nodes, "edges": edges}
    for name, values in features.items():
        _check_finite(name, values)
    if (np.diff(graph_of_node) < 0).any():
        raise InvalidInput("the nodes of a graph must lie one after the other, graph by graph")
    _, graph, num_nodes = np.unique(graph_of_node, return_inverse=True, return_counts=True)
    across = np.flatnonzero(graph[ends[:, 0]] != graph[ends[:, 1]])
    if len(across):
        raise InvalidInput(
            f"an edge must lie within a graph: given edge {across[0]} from node "
            f"{ends[across[0], 0]} to node {ends[across[0], 1]} of another one"
        )
    order = np.lexsort(ends.T)
    sources, targets = ends[order].T
    starts = np.cumsum(num_nodes) - num_nodes
    of_edge = graph[targets]
    expected = {"graph": len(num_nodes), "node": len(nodes), "edge": len(ends)}[level]
    if label is None:
        label, class_names = np.full(expected, NO_CLASS), class_names or ("", "")
    if label.shape != (expected,):
        raise InvalidInput(
            f"there must be {expected} labels, one for each {level}: given {label.shape}"
        )
    labels, names = given.labels(label[order] if level == "edge" else label, tuple(class_names))
    return Graphs(
        nodes=np.asarray(nodes, np.float32),
        edges=np.asarray(edges, np.float32)[order],
        sources=(sources - starts[of_edge]).astype(np.int32),
        targets=(targets - starts[of_edge]).astype(np.int32),
        num_nodes=num_nodes.astype(np.int32),
        num_edges=np.bincount(of_edge, minlength=len(num_nodes)).astype(np.int32),
        labels=labels,
        level=level,
        class_names=names,
    )


def _ends(given_ends: np.ndarray, count: int) -> np.ndarray:
    ends = np.asarray(given_ends)
    if ends.ndim != 2 or ends.shape[1] != 2 or ends.dtype.kind not in "iu":
        raise InvalidInput(
            "edges must be whole numbers (edges, 2), the source and the target of each: given "
            f"{ends.dtype} {ends.shape}"
        )
    wrong = np.flatnonzero(((ends < 0) | (ends >= count)).any(axis=1))
    if len(wrong):
        raise InvalidInput(
            f"edges must be between nodes, 0 to {count - 1}: given {ends[wrong[0]].tolist()} of "
            f"edge {wrong[0]}"
        )
    return ends.astype(np.int64)


def _check_finite(name: str, values: np.ndarray) -> None:
    wrong = np.flatnonzero(~np.isfinite(np.asarray(values, np.float32)).all(axis=1))
    if len(wrong):
        raise InvalidInput(
            f"features of {name} must be finite numbers: given {values[wrong[0]].tolist()} in row "
            f"{wrong[0]}"
        )
