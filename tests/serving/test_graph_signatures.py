# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is served of graphs answers as the network does in any order, and refuses the rest."""

import numpy as np
import pytest
import tensorflow as tf

from snas_tf import space
from snas_tf.data.graphs import Graphs
from snas_tf.data.graphs.normalization import GraphNormalization
from snas_tf.networks import GraphNetwork
from snas_tf.serving import GRAPH_SIGNATURE, ServedGraphs
from snas_tf.serving.malformed_graphs import malformed_graphs

SPACE = space.GraphSpace(1, 1)
ARCHITECTURE = space.Selection({"layer_1_entity": ["sum", "mean"], "layer_1_edge": ["cat"] * 2})


def some(level, number=4):
    """Random graphs whose edges are in order, one of them without any."""
    rng, graphs = np.random.default_rng(1), []
    for index in range(number):
        nodes, edges = rng.integers(1, 6), 0 if index == 2 else rng.integers(1, 9)
        count = {"graph": (), "node": (nodes,), "edge": (edges,)}[level]
        graphs.append(
            {
                "nodes": rng.normal(size=(nodes, 3)),
                "edges": rng.normal(size=(edges, 2)),
                "sources": rng.integers(0, nodes, edges),
                "targets": rng.integers(0, nodes, edges),
                "label": rng.integers(0, 2, count),
            }
        )
    return Graphs.of(graphs, level=level, class_names="ab")


@pytest.fixture(scope="module", params=["graph", "node", "edge"])
def served(request):
    skeleton = space.GraphSkeleton(request.param, 2, 3, 2, width=6, edge_width=4)
    return ServedGraphs(
        network=GraphNetwork(ARCHITECTURE, SPACE, skeleton),
        normalization=GraphNormalization([1, 2, 3, 4, 5], [2, 2, 2, 3, 3]),
        class_names=("a", "b"),
        most_images=4,
        most_nodes=100,
        most_edges=100,
    )


@pytest.fixture(scope="module")
def answer(served):
    signature = served.signatures()[GRAPH_SIGNATURE]
    return lambda inputs: signature(**{name: tf.constant(each) for name, each in inputs.items()})


def test_answers_are_those_of_the_network_in_the_order_of_the_request(served, answer):
    level = served.network.skeleton.task
    graphs = some(level)
    inputs, expected = served.flat(graphs), served.expected(graphs)
    found = answer(inputs)
    rows = {"graph": graphs.size, "node": len(graphs.nodes), "edge": len(graphs.edges)}[level]
    assert found["logits"].shape == (rows, 2)
    for name in ("logits", "probabilities"):
        np.testing.assert_allclose(found[name], expected[name], atol=1e-5)
    np.testing.assert_array_equal(found["class_name"], expected["class_name"])
    # The edges of each graph the other way round.
    ends = np.cumsum(graphs.num_edges)
    parts = zip(ends - graphs.num_edges, ends, strict=True)
    turned = np.concatenate([np.arange(start, end)[::-1] for start, end in parts])
    other = {name: inputs[name][turned] for name in ("edges", "sources", "targets")}
    again = answer({**inputs, **other})["logits"]
    wanted = expected["logits"][turned] if level == "edge" else expected["logits"]
    np.testing.assert_allclose(again, wanted, atol=1e-5)


def test_what_is_malformed_is_refused(served, answer):
    right = served.flat(some(served.network.skeleton.task))
    answer(right)
    for what, inputs in malformed_graphs(right, served.most_images):
        try:
            answer(inputs)
        except (tf.errors.OpError, ValueError, TypeError):
            continue
        pytest.fail(f"answered: {what}")


def test_a_request_may_not_take_more_room_than_is_meant(served, answer):
    one, many = np.array([90, 1], np.int32), np.zeros(2, np.int32)
    rows = {"nodes": np.zeros((91, 3), np.float32), "edges": np.zeros((0, 2), np.float32)}
    none = np.zeros(0, np.int32)
    with pytest.raises(tf.errors.InvalidArgumentError, match="take room for at most 100"):
        answer({"num_nodes": one, "num_edges": many, "sources": none, "targets": none, **rows})


def test_names_must_be_those_of_the_classes(served):
    with pytest.raises(ValueError, match="a name for each of the 2 classes"):
        ServedGraphs(
            network=served.network,
            normalization=served.normalization,
            class_names=("a",),
            most_images=4,
            most_nodes=9,
            most_edges=9,
        )
