# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What every source of graphs gives: all graphs, and what each is for where that is fixed."""

from __future__ import annotations

import dataclasses

import numpy as np

from snas_tf.data.graphs.graphs import Graphs


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GraphSource:
    """Graphs as they were found.

    Attributes:
        name: The name of the data set.
        graphs: All of them.
        roles: What each example is for, uint8 indices of `division.ROLES`, where the data set says
            so; else None. An example is a graph, or where there is one graph alone whose nodes or
            edges have labels, one of these.
        unread: What is there besides and was not read, a phrase each.
    """

    name: str
    graphs: Graphs
    roles: np.ndarray | None = None
    unread: tuple[str, ...] = ()


def in_one_graph(graphs: Graphs) -> bool:
    """Whether examples are nodes or edges of one graph, of which all are always seen."""
    return graphs.size == 1 and graphs.level != "graph"


def example_labels(graphs: Graphs) -> np.ndarray:
    """The label by which each example is divided.

    Returns:
        (examples,); of graphs whose nodes or edges have labels, and where these are numbers, 0.
    """
    divided = graphs.level == "graph" or in_one_graph(graphs)
    if graphs.regression or not divided:
        return np.zeros(len(graphs.labels) if in_one_graph(graphs) else graphs.size, np.int32)
    return graphs.labels
