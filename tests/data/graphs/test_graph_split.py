# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Pipelines of graphs give the batches that NumPy does, from one trace."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from snas_tf.data import Augmentation, evaluation_dataset, training_dataset
from snas_tf.data.graphs import NO_CLASS, Graphs, padded
from snas_tf.data.graphs.graph_split import GraphSplit, shape
from snas_tf.data.graphs.normalization import GraphNormalization, feature_statistics


def some(level="graph", number=7, *, regression=False):
    rng = np.random.default_rng(0)
    graphs = []
    for _ in range(number):
        nodes, edges = rng.integers(1, 7), rng.integers(0, 10)
        count = {"graph": (), "node": (nodes,), "edge": (edges,)}[level]
        label = rng.normal(size=count) if regression else rng.integers(-1, 3, count)
        graphs.append(
            {
                "nodes": rng.normal(3, 2, (nodes, 3)),
                "edges": rng.normal(size=(edges, 2)),
                "sources": rng.integers(0, nodes, edges),
                "targets": rng.integers(0, nodes, edges),
                "label": label if level != "graph" else abs(label),
            }
        )
    return Graphs.of(graphs, level=level, class_names=() if regression else "abc")


def the_same(found, expected):
    (batch, labels), (other, other_labels) = found, expected
    for name, array in other.items():
        np.testing.assert_allclose(batch[name], array, rtol=1e-6, err_msg=name)
    np.testing.assert_array_equal(labels, other_labels)


@pytest.mark.parametrize("regression", [False, True])
@pytest.mark.parametrize("level", ["graph", "node", "edge"])
def test_batches_are_those_of_numpy(level, regression):
    graphs = some(level, regression=regression)
    normalization = GraphNormalization(*([0] * 5, [1] * 5))
    batches = evaluation_dataset(GraphSplit(graphs), batch_size=3, normalization=normalization)
    sizes = [[0, 1, 2], [3, 4, 5], [6]]
    for found, own in zip(batches.as_numpy_iterator(), sizes, strict=True):
        the_same(found, padded(graphs.take(own)))


def test_batches_of_all_sizes_have_one_specification():
    batches = evaluation_dataset(
        GraphSplit(some("node")), batch_size=2, normalization=GraphNormalization([0] * 5, [1] * 5)
    )
    inputs, labels = batches.element_spec
    assert inputs["nodes"].shape.as_list() == [None, None, 3]
    assert inputs["edges"].shape.as_list() == [None, None, 2]
    assert labels.shape.as_list() == [None, None]
    assert len({batch["nodes"].shape[1] for batch, _ in batches}) > 1


def test_an_epoch_is_every_graph_once_and_goes_on_where_it_stopped():
    split = GraphSplit(some(number=6))
    arguments = {
        "batch_size": 2,
        "seed": 3,
        "augmentation": Augmentation(),
        "normalization": GraphNormalization([0] * 5, [1] * 5),
        "epochs": 2,
    }
    whole = [*training_dataset(split, **arguments).as_numpy_iterator()]
    assert len(whole) == 6
    first = np.concatenate([batch["num_nodes"] for batch, _ in whole[:3]])
    assert sorted(first) == sorted(split.graphs.num_nodes)
    rest = [*training_dataset(split, **arguments, first_step=2).as_numpy_iterator()]
    for found, expected in zip(rest, whole[2:], strict=True):
        the_same(found, expected)


def test_a_part_of_many_graphs_is_some_of_them():
    split = GraphSplit(some("node"))
    part = split.subset(np.array([1, 4]))
    assert part.size == 2
    assert part.graphs.digest() == split.graphs.take([1, 4]).digest()
    assert (part.labels >= 0).all()
    assert len(split.strata) == split.size


def test_a_part_of_one_graph_is_that_graph_with_some_of_its_labels():
    graph = some("node", number=1)
    graph = graph.take([0]) if graph.num_nodes[0] > 2 else some("node", number=2).take([1])
    split = GraphSplit(graph)
    known = np.flatnonzero(graph.labels >= 0)[:1]
    part = split.subset(known)
    assert part.size == 1
    assert part.graphs.num_nodes.tolist() == graph.num_nodes.tolist()
    assert part.labels.tolist() == graph.labels[known].tolist()
    assert (np.delete(part.graphs.labels, known) == NO_CLASS).all()
    np.testing.assert_array_equal(split.strata, graph.labels)


def test_the_shape_is_that_of_a_typical_graph():
    graphs = some()
    nodes, features, edges, of_edges = shape(graphs)
    assert (features, of_edges) == (3, 2)
    assert nodes == round(graphs.num_nodes.mean())
    assert edges == round(graphs.num_edges.mean())


def test_features_are_normalised_but_for_kinds_and_constants():
    graphs = some()
    kinds = np.eye(2, dtype=np.float32)[np.arange(len(graphs.nodes)) % 2]
    constant = np.full((len(graphs.nodes), 1), 7, np.float32)
    nodes = np.concatenate([graphs.nodes, kinds, constant], axis=1)
    wide = Graphs(
        **{**{f: getattr(graphs, f) for f in Graphs.__dataclass_fields__}, "nodes": nodes}
    )
    mean, deviation = feature_statistics(wide)
    np.testing.assert_allclose(mean[:3], graphs.nodes.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(deviation[:3], graphs.nodes.std(axis=0), rtol=1e-5)
    assert (mean[3:6], deviation[3:6]) == ((0, 0, 0), (1, 1, 1))
    batch, _ = padded(wide, most_nodes=9)
    found = GraphNormalization(mean, deviation)(batch)
    expected, _ = padded(wide.normalized(mean, deviation), most_nodes=9)
    for name in ("nodes", "edges"):  # zeros beyond a graph stay zeros
        np.testing.assert_allclose(found[name], expected[name], atol=1e-5)


def test_the_normalization_is_restored_from_its_config():
    layer = GraphNormalization([1, 2], [3, 4])
    restored = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert restored.get_config() == layer.get_config()
