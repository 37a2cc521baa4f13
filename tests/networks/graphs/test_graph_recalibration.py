# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Statistics measured anew count every node and every edge once, whatever graph it is of."""

import numpy as np
import pytest

from snas_tf import space
from snas_tf.networks import GraphNetwork
from snas_tf.networks.recalibration import normalizations
from snas_tf.networks.timing import network_call
from tests.graph_batches import EDGE_FEATURES, NODE_FEATURES, batched, drawn

SPACE = space.GraphSpace(1, 1)
ARCHITECTURE = space.Selection({"layer_1_entity": ["sum", "mean"], "layer_1_edge": ["cat"] * 2})


@pytest.fixture(scope="module")
def network():
    skeleton = space.GraphSkeleton("graph", 2, NODE_FEATURES, EDGE_FEATURES, 6, 4)
    return GraphNetwork(ARCHITECTURE, SPACE, skeleton)


def statistics(network, name):
    (layer,) = normalizations(network.get_layer(name))
    return np.array(layer.moving_mean), np.array(layer.moving_variance)


@pytest.mark.parametrize("name", ["layer_1_entity_0_2", "layer_1_edge_1_2"])
def test_statistics_of_single_graphs_are_those_of_all_together(network, name):
    graphs = drawn()  # of different sizes, and one without edges
    network.refresh_statistics([batched(graphs)])
    together = statistics(network, name)
    network.refresh_statistics([batched([graph]) for graph in graphs])
    for found, expected in zip(statistics(network, name), together, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_every_normalisation_is_told_its_rows(network):
    graphs = drawn()
    rows = network.normalized_rows(batched(graphs))
    assert len(rows) == len(normalizations(network))
    counts = {
        "layer_1_entity_0_2": sum(len(graph["nodes"]) for graph in graphs),
        "layer_1_edge_0_2": sum(len(graph["edges"]) for graph in graphs),
        "head": len(graphs),
    }
    for name, count in counts.items():
        (layer,) = normalizations(network.get_layer(name))
        assert rows[layer] == count
    with pytest.raises(ValueError, match="Graphs must be a dict"):
        network.normalized_rows({})


def test_its_time_is_that_of_a_typical_graph(network):
    graph, inputs = network_call(network, 3)
    shapes = {tuple(each.shape) for each in inputs}
    assert (3, network.skeleton.typical_nodes, NODE_FEATURES) in shapes
    assert graph(*inputs)[0].shape == (3, 2)
