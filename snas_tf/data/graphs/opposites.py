# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Edges of graphs without directions, which are given once and count both ways."""

from __future__ import annotations

import dataclasses

import numpy as np

from snas_tf.data.graphs.graphs import Graphs, concatenate


def both_directions(graphs: Graphs) -> Graphs:
    """The graphs in which every edge has its opposite, with the same features and label.

    Args:
        graphs: Graphs; an edge whose opposite is there already gets no other one.
    """
    return concatenate([_with_opposites(graphs.take([index])) for index in range(graphs.size)])


def _with_opposites(graph: Graphs) -> Graphs:
    """As `both_directions`, of one graph."""
    size = np.int64(graph.num_nodes[0])
    forth = graph.targets * size + graph.sources
    back = graph.sources * size + graph.targets
    missing = np.flatnonzero(~np.isin(back, forth))
    sources = np.concatenate([graph.sources, graph.targets[missing]])
    targets = np.concatenate([graph.targets, graph.sources[missing]])
    order = np.lexsort((sources, targets))
    of_edges = np.concatenate([np.arange(len(forth)), missing])[order]
    return dataclasses.replace(
        graph,
        edges=graph.edges[of_edges],
        sources=sources[order],
        targets=targets[order],
        num_edges=np.array([len(order)], np.int32),
        labels=graph.labels[of_edges] if graph.level == "edge" else graph.labels,
    )
