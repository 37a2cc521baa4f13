# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""CLUSTER of "Benchmarking Graph Neural Networks" (Dwivedi et al., 2020), drawn by its rules.

A stochastic block model: six communities of 5 to 34 nodes; two nodes are linked with probability
0.55 within a community and 0.25 across. One node of each says which community it is of; a network
has to find the community of all others. The published files are another draw by the same rules.
"""

from __future__ import annotations

import numpy as np

from snas_tf.data.division import TEST, TRAIN, VALIDATION
from snas_tf.data.graphs.columns import Column
from snas_tf.data.graphs.graphs import Graphs
from snas_tf.data.graphs.source import GraphSource
from snas_tf.errors import InvalidInput

COMMUNITIES = 6
SIZES = (5, 35)
"""The least size of a community, and the first that is too large."""

INSIDE, ACROSS = 0.55, 0.25
"""Probabilities of a link."""

DEFAULT_GRAPHS = 1_000
"""Training graphs, a tenth of the published number; a tenth each for validation and test."""

_SEED = 20200302


def read(count: str = "") -> GraphSource:
    """Draws the data set; the first graphs of a part are the same however many there are.

    Args:
        count: Number of training graphs as a text, at least 10, or "" for `DEFAULT_GRAPHS`; a tenth
            of it, rounded down, are validation graphs, and as many test graphs.

    Returns:
        Graphs whose nodes have one of seven features set: none known, or a community; one feature
        that is 1 of every edge; and a community as the label of every node.

    Raises:
        InvalidInput: `count` is no such number.
    """
    text = count or str(DEFAULT_GRAPHS)
    if not text.isascii() or not text.isdecimal() or int(text) < 10:
        raise InvalidInput(
            "`data.source` must be `graphs:cluster` or `graphs:cluster:COUNT` with 10 training "
            f"graphs or more: given {text!r} for their number"
        )
    parts = {TRAIN: int(text), VALIDATION: int(text) // 10, TEST: int(text) // 10}
    graphs = [draw(role, number) for role, size in parts.items() for number in range(size)]
    roles = np.repeat(np.array([*parts], np.uint8), [*parts.values()])
    names = tuple(f"community {index + 1}" for index in range(COMMUNITIES))
    return GraphSource(
        name="cluster",
        graphs=Graphs.of(graphs, level="node", class_names=names),
        columns={"nodes": (Column("node_attr", None, 1 + COMMUNITIES),), "edges": ()},
        roles=roles,
    )


def draw(part: int, number: int) -> dict[str, np.ndarray]:
    """One graph, which depends on the arguments alone.

    Args:
        part: The part of the data set that it is in, from 0.
        number: Its number within.

    Returns:
        What `Graphs.of` takes.
    """
    # The raw bits of a bit generator are the same for ever, unlike what is made of them.
    bits = np.random.PCG64([_SEED, part, number])
    low, high = SIZES
    sizes = low + (_uniform(bits, COMMUNITIES) * (high - low)).astype(int)
    count = int(sizes.sum())
    shuffled = np.argsort(_uniform(bits, count), kind="stable")
    community = np.repeat(np.arange(COMMUNITIES), sizes)[shuffled]
    first, second = np.triu_indices(count, 1)
    alike = community[first] == community[second]
    linked = _uniform(bits, len(first)) < np.where(alike, INSIDE, ACROSS)
    first, second = first[linked], second[linked]
    nodes = np.zeros((count, 1 + COMMUNITIES), np.float32)
    known = np.zeros(count, int)
    # Nodes are in random order, so the first of a community is a random one of it.
    _, seeds = np.unique(community, return_index=True)
    known[seeds] = 1 + community[seeds]
    nodes[np.arange(count), known] = 1
    return {
        "nodes": nodes,
        "sources": np.concatenate([first, second]),
        "targets": np.concatenate([second, first]),
        "label": community,
    }


def _uniform(bits: np.random.PCG64, count: int) -> np.ndarray:
    """Numbers in [0, 1)."""
    return (bits.random_raw(count) >> np.uint64(11)) * 2.0**-53
