# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""CLUSTER is drawn by the rules of its authors, and the same graphs for ever."""

from __future__ import annotations

import numpy as np
import pytest

from snas_tf.data.division import TEST, TRAIN, VALIDATION
from snas_tf.data.graphs import cluster
from snas_tf.errors import InvalidInput


@pytest.fixture(scope="module")
def found():
    return cluster.read("50")


def test_communities_have_the_sizes_of_the_paper_and_one_known_node_each(found):
    for number in range(found.graphs.size):
        graph = found.graphs.take([number])
        sizes = np.bincount(graph.labels, minlength=6)
        assert ((sizes >= 5) & (sizes < 35)).all()
        assert (graph.nodes.sum(axis=1) == 1).all()
        known = graph.nodes[:, 1:].any(axis=1)
        assert sorted(graph.labels[known]) == [*range(6)]
        np.testing.assert_array_equal(graph.nodes[known, 1:].argmax(axis=1), graph.labels[known])


def test_links_are_as_frequent_as_in_the_paper_and_go_both_ways(found):
    inside, across = [], []
    for number in range(found.graphs.size):
        graph = found.graphs.take([number])
        size = len(graph.nodes)
        linked = np.zeros((size, size), bool)
        linked[graph.sources, graph.targets] = True
        assert (linked == linked.T).all()
        assert not linked.diagonal().any()
        assert linked.sum() == len(graph.sources)  # none twice
        alike = graph.labels[:, None] == graph.labels
        inside.append(linked[alike & ~np.eye(size, dtype=bool)])
        across.append(linked[~alike])
    assert np.concatenate(inside).mean() == pytest.approx(0.55, abs=0.01)
    assert np.concatenate(across).mean() == pytest.approx(0.25, abs=0.01)


def test_nodes_are_in_random_order(found):
    """A label says nothing about the next one."""
    graph = found.graphs.take([0])
    repeats = (np.diff(graph.labels) == 0).mean()
    assert repeats < 0.45  # one by one it would be nearly 1


def test_the_first_graphs_are_the_same_however_many_there_are(found):
    few = cluster.read("10")
    for role in (TRAIN, VALIDATION, TEST):
        some = few.graphs.take(np.flatnonzero(few.roles == role))
        more = found.graphs.take(np.flatnonzero(found.roles == role)[: some.size])
        assert some.digest() == more.digest()
    assert np.bincount(few.roles).tolist() == [10, 1, 1]


def test_graphs_are_the_same_on_every_machine():
    assert cluster.read("10").graphs.digest() == "aa282a86d4f70591639f831583587953"


@pytest.mark.parametrize("count", ["0", "9", "-20", "many", "1e3"])
def test_a_number_of_graphs_that_is_none_is_refused(count):
    with pytest.raises(InvalidInput, match="`graphs:cluster:COUNT` with 10 training graphs"):
        cluster.read(count)
