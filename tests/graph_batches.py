# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Batches of padded graphs for tests: drawn, cut apart, padded further, and numbered otherwise."""

import numpy as np

NODE_FEATURES, EDGE_FEATURES = 4, 2
SIZES = ((5, 9), (3, 4), (2, 0), (4, 7))
"""(nodes, edges) of the graphs; one has no edges."""


def graph(rng, nodes, edges):
    """One graph, not padded: {name: array without a batch}."""
    return {
        "nodes": rng.normal(size=(nodes, NODE_FEATURES)).astype("float32"),
        "edges": rng.normal(size=(edges, EDGE_FEATURES)).astype("float32"),
        "sources": rng.integers(0, nodes, edges).astype("int32"),
        "targets": np.sort(rng.integers(0, nodes, edges)).astype("int32"),
    }


def batched(graphs, most_nodes=None, most_edges=None):
    """Graphs as a batch."""
    counts = {
        "nodes": [len(g["nodes"]) for g in graphs],
        "edges": [len(g["edges"]) for g in graphs],
    }
    most = {
        "nodes": most_nodes or max(counts["nodes"]),
        "edges": most_edges or max(counts["edges"]),
    }
    found = {}
    for name in ("nodes", "edges", "sources", "targets"):
        room = most["nodes" if name == "nodes" else "edges"]
        shape = (len(graphs), room, *graphs[0][name].shape[1:])
        found[name] = np.zeros(shape, graphs[0][name].dtype)
        for row, g in zip(found[name], graphs, strict=True):
            row[: len(g[name])] = g[name]
    return {
        **found,
        "num_nodes": np.array(counts["nodes"], "int32"),
        "num_edges": np.array(counts["edges"], "int32"),
    }


def drawn(seed=0, sizes=SIZES):
    """Graphs of some sizes."""
    rng = np.random.default_rng(seed)
    return [graph(rng, *size) for size in sizes]


def renumbered(g, rng):
    """The same graph: its new numbers of nodes, and where edges went, (graph, nodes, edges)."""
    number = rng.permutation(len(g["nodes"]))  # node k is now node number[k]
    shuffled = rng.permutation(len(g["edges"]))
    targets = number[g["targets"]][shuffled]
    order = shuffled[np.argsort(targets, kind="stable")]
    nodes = np.empty_like(g["nodes"])
    nodes[number] = g["nodes"]
    other = {
        "nodes": nodes,
        "edges": g["edges"][order],
        "sources": number[g["sources"]][order].astype("int32"),
        "targets": number[g["targets"]][order].astype("int32"),
    }
    return other, number, order
