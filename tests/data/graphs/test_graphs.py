# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The record of graphs keeps every graph as it was given, whatever is taken of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf.data.graphs import NO_CLASS, Graphs, both_directions, concatenate, padded
from snas_tf.errors import InvalidInput

LEVELS = ("graph", "node", "edge")


def random_graph(rng, level, *, regression=False):
    """One graph as a user gives it: 1 to 6 nodes with 3 features, edges with 2, any order."""
    nodes, edges = rng.integers(1, 7), rng.integers(0, 10)
    count = {"graph": (), "node": (nodes,), "edge": (edges,)}[level]
    return {
        "nodes": rng.normal(size=(nodes, 3)).astype(np.float32),
        "edges": rng.normal(size=(edges, 2)).astype(np.float32),
        "sources": rng.integers(0, nodes, edges),
        "targets": rng.integers(0, nodes, edges),
        "label": rng.normal(size=count) if regression else rng.integers(0, 3, count),
    }


def some(level="graph", number=5, seed=0, **options):
    rng = np.random.default_rng(seed)
    return [random_graph(rng, level, **options) for _ in range(number)]


def record(graphs, level):
    return Graphs.of(graphs, level=level, class_names="abc")


def rows_of(graph, level="graph"):
    """All that a graph says of its edges, whatever their order."""
    label = graph["label"] if level == "edge" else np.zeros(len(graph["sources"]))
    rows = zip(graph["sources"], graph["targets"], graph["edges"].tolist(), label, strict=True)
    return sorted((int(s), int(t), e, float(own)) for s, t, e, own in rows)


def unpadded(batch, labels, level, number):
    """One graph of a batch, as it was given."""
    nodes, edges = batch["num_nodes"][number], batch["num_edges"][number]
    count = {"graph": None, "node": nodes, "edge": edges}[level]
    return {
        "nodes": batch["nodes"][number, :nodes],
        **{key: batch[key][number, :edges] for key in ("edges", "sources", "targets")},
        "label": labels[number] if count is None else labels[number, :count],
    }


@settings(max_examples=40, deadline=None)
@given(level=st.sampled_from(LEVELS), seed=st.integers(0, 1000), order=st.permutations([*range(5)]))
def test_a_batch_holds_the_graphs_that_were_given_and_zeros(level, seed, order):
    graphs = some(level, seed=seed)
    kept = order[:3]
    batch, labels = padded(record(graphs, level).take(kept), most_nodes=8, most_edges=12)
    for number, original in enumerate(kept):
        found, was = unpadded(batch, labels, level, number), graphs[original]
        np.testing.assert_array_equal(found["nodes"], was["nodes"])
        assert rows_of(found, level) == rows_of(was, level)
        if level != "edge":
            np.testing.assert_array_equal(found["label"], was["label"])
        assert (np.diff(found["targets"]) >= 0).all()  # sorted by target
        nodes, edges = batch["num_nodes"][number], batch["num_edges"][number]
        assert not batch["nodes"][number, nodes:].any()
        assert not any(batch[key][number, edges:].any() for key in ("edges", "sources", "targets"))
        if level != "graph":
            count = {"node": nodes, "edge": edges}[level]
            assert (labels[number, count:] == NO_CLASS).all()
    assert batch["nodes"].shape == (3, 8, 3)
    assert batch["edges"].shape == (3, 12, 2)


@pytest.mark.parametrize("level", LEVELS)
def test_a_record_says_how_much_of_everything_there_is(level):
    graphs = some(level, number=7)
    found = record(graphs, level)
    assert found.size == 7
    assert not found.regression
    counts = {"graph": 1, "node": found.num_nodes, "edge": found.num_edges}
    np.testing.assert_array_equal(found.num_labels, np.broadcast_to(counts[level], 7))
    assert len(found.labels) == found.num_labels.sum()
    arrays = (found.nodes, found.edges, found.sources, found.targets, found.labels)
    counts = found.num_nodes.nbytes + found.num_edges.nbytes
    assert found.held_bytes == sum(array.nbytes for array in arrays) + counts


def test_labels_that_are_no_whole_numbers_are_to_be_predicted_as_numbers():
    found = Graphs.of(some(regression=True))
    assert found.regression
    assert found.labels.dtype == np.float32
    assert found.class_names == ()
    _, labels = padded(Graphs.of(some("node", regression=True), level="node"))
    assert np.isnan(labels).any()  # beyond the nodes of a graph


def test_classes_without_names_are_named_by_their_numbers():
    graphs = [{**graph, "label": number % 3} for number, graph in enumerate(some())]
    assert Graphs.of(graphs).class_names == ("0", "1", "2")


def test_edges_without_features_have_one_that_is_one():
    graph = {key: value for key, value in some(seed=3)[0].items() if key != "edges"}
    found = Graphs.of([{**graph, "label": 0}], class_names="ab")
    np.testing.assert_array_equal(found.edges, np.ones((len(graph["sources"]), 1)))


@pytest.mark.parametrize("level", LEVELS)
def test_parts_put_together_are_the_whole(level):
    whole = record(some(level, number=6), level)
    parts = concatenate([whole.take([0, 1]), whole.take([2, 3, 4, 5])])
    assert parts.digest() == whole.digest()


def test_the_digest_tells_graphs_from_other_ones():
    graphs = some("node")
    digest = record(graphs, "node").digest()
    assert digest == record(some("node"), "node").digest()
    changed = {**graphs[2], "nodes": graphs[2]["nodes"] + 1e-3}
    assert digest != record([*graphs[:2], changed, *graphs[3:]], "node").digest()
    assert digest != Graphs.of(graphs, level="node", class_names="abd").digest()


@pytest.mark.parametrize("regression", [False, True])
def test_labels_can_be_left_at_some_places_alone(regression):
    found = Graphs.of(some("node", regression=regression), level="node")
    only = found.with_labels_at(np.array([0, 3])).labels
    none = np.isnan(only) if regression else only == NO_CLASS
    assert np.flatnonzero(~none).tolist() == [0, 3]
    np.testing.assert_array_equal(only[[0, 3]], found.labels[[0, 3]])


def test_features_are_normalised_by_column():
    found = record(some(), "graph")
    mean, deviation = [1, 2, 3, 4, 5], [1, 2, 4, 8, 16]
    normalised = found.normalized(mean, deviation)
    np.testing.assert_allclose(normalised.nodes * [1, 2, 4] + [1, 2, 3], found.nodes, atol=1e-6)
    np.testing.assert_allclose(normalised.edges * [8, 16] + [4, 5], found.edges, atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(level=st.sampled_from(LEVELS), seed=st.integers(0, 1000))
def test_both_directions_add_the_opposites_that_are_missing(level, seed):
    graphs = some(level, seed=seed)
    found = both_directions(record(graphs, level))
    batch, labels = padded(found)
    for number, graph in enumerate(graphs):
        ways = {*zip(graph["sources"].tolist(), graph["targets"].tolist(), strict=True)}
        now = unpadded(batch, labels, level, number)
        rows, before = rows_of(now, level), rows_of(graph, level)
        assert {(s, t) for s, t, *_ in rows} == ways | {(t, s) for s, t in ways}
        rest = [*rows]
        for row in before:
            rest.remove(row)  # all that there were are there still
        for source, target, *features in rest:
            assert (source, target) not in ways
            assert [target, source, *features] in [[*row] for row in before]
    assert both_directions(found).digest() == found.digest()


GOOD = {"nodes": np.ones((2, 1)), "sources": [0], "targets": [1], "label": 0}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"sources": [2]}, "`sources` of graph 1 must be nodes, 0 to 1: given 2"),
        ({"targets": [-1]}, "`targets` of graph 1 must be nodes, 0 to 1: given -1"),
        ({"sources": [0.5]}, "`sources` of graph 1 must be whole numbers"),
        ({"targets": [0, 1]}, "alike in number: given 1 and 2"),
        ({"nodes": np.ones(2)}, r"`nodes` of graph 1 must be numbers \(nodes, features\)"),
        ({"nodes": np.ones((0, 1))}, "graph 1 must have a node at least"),
        ({"nodes": [[1.0], [np.nan]]}, r"finite numbers: given \[nan\] in row 1"),
        ({"nodes": np.ones((2, 3))}, "given 1 of graph 0 and 3 of graph 1"),
        ({"edges": np.ones((2, 1))}, "a row for each of its 1 edges: given 2"),
        ({"label": [0, 1]}, r"must be 1 number\(s\), one for each graph"),
        ({"label": -2}, "`label` must be classes, 0 to 1, or -1 for none: given -2"),
        ({"label": 2}, "`label` must be classes, 0 to 1, or -1 for none: given 2"),
    ],
)
def test_what_is_no_graph_is_refused_by_its_number(changed, words):
    with pytest.raises(InvalidInput, match=words):
        Graphs.of([GOOD, {**GOOD, **changed}], class_names="ab")


def test_a_graph_without_labels_and_a_level_that_is_none_are_refused():
    with pytest.raises(InvalidInput, match="graph 0 must have .*given none of label"):
        Graphs.of([{key: value for key, value in GOOD.items() if key != "label"}])
    with pytest.raises(InvalidInput, match="`level` must be one of graph, node, edge"):
        Graphs.of([GOOD], level="nodes")
    with pytest.raises(InvalidInput, match="one graph at least"):
        Graphs.of([])
    with pytest.raises(InvalidInput, match="two classes at least"):
        Graphs.of([GOOD])
