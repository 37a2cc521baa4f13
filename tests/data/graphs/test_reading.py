# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Graphs are a data set like any other: divided, normalised, and bound to their record."""

from __future__ import annotations

import json

import numpy as np
import pytest

from snas_tf import data
from snas_tf.errors import InvalidInput


@pytest.fixture(scope="module")
def npz(tmp_path_factory):
    """Thirty graphs of two to four nodes in a file, and one graph of thirty nodes in another."""
    folder, rng = tmp_path_factory.mktemp("graphs"), np.random.default_rng(0)
    sizes = rng.integers(2, 5, 30)
    starts = np.cumsum(sizes) - sizes
    many = {
        "graph_id": np.repeat(np.arange(30), sizes),
        "edges": np.stack([starts, starts + 1], axis=1),
        "node_attr": rng.normal(5, 3, (sizes.sum(), 2)),
        "graph_target": np.arange(30) % 2,
    }
    one = {
        "edges": np.stack([np.arange(29), np.arange(1, 30)], axis=1),
        "node_attr": rng.normal(5, 3, (30, 2)),
        "node_target": np.arange(30) % 3,
    }
    np.savez(folder / "many.npz", **many)
    np.savez(folder / "one.npz", **one)
    return folder


def test_many_graphs_are_divided_and_normalised_by_those_that_are_learnt_from(npz):
    found = data.load(f"npz:{npz / 'many.npz'}")
    parts = (found.train, found.validation, found.test)
    assert [part.size for part in parts] == [20, 4, 6]
    assert all(np.ptp(np.bincount(part.labels)) <= 2 for part in parts)
    nodes = found.train.graphs.nodes
    np.testing.assert_allclose(found.mean[:2], nodes.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(found.deviation[:2], nodes.std(axis=0), rtol=1e-5)
    assert found.mean[2:] == (0.0,)  # edges without features have a 1
    assert found.dtype == "graphs"
    assert found.image_shape == (round(len(nodes) / 20), 2, 1, 1)
    described = json.loads(json.dumps(found.describe()))
    assert described["sizes"] == {"train": 20, "validation": 4, "test": 6}
    assert described["labelled"] == "graphs"


def test_the_nodes_of_one_graph_are_divided_and_all_of_it_is_always_seen(npz):
    found = data.load(f"npz:{npz / 'one.npz'}", task="node", both_directions=True)
    parts = (found.train, found.validation, found.test)
    assert [part.size for part in parts] == [1, 1, 1]
    assert sum(len(part.labels) for part in parts) == 30
    labelled = [np.flatnonzero(part.graphs.labels >= 0) for part in parts]
    assert sorted(np.concatenate(labelled)) == [*range(30)]
    assert all(part.graphs.num_nodes.tolist() == [30] for part in parts)
    assert all(part.graphs.num_edges.tolist() == [58] for part in parts)
    assert found.describe()["labelled"] == "nodes"
    assert {part.image_shape for part in parts} == {(30, 2, 58, 1)}


def test_folds_are_tested_one_after_the_other(npz):
    tests = [data.load(f"npz:{npz / 'many.npz'}", folds=5, fold=fold).test for fold in range(5)]
    nodes = np.concatenate([test.graphs.nodes[:, 0] for test in tests])
    with np.load(npz / "many.npz") as arrays:
        assert sorted(nodes) == sorted(arrays["node_attr"][:, 0].astype(np.float32))


def test_what_was_recorded_of_graphs_is_taken_as_it_was_and_other_ones_are_refused(npz, tmp_path):
    path = tmp_path / "set.npz"
    path.write_bytes((npz / "many.npz").read_bytes())
    first = data.load(f"npz:{path}", seed=4)
    manifest = data.Manifest.of(first.origin, first.division)
    manifest = data.Manifest.parse([*manifest.lines()])

    def recall(origin):
        now, _ = manifest.recognize(origin, owner="it", remedy="", accept_changed=False)
        return now, ((7, 7, 0), (2, 2, 1))

    again = data.load(f"npz:{path}", seed=5, recall=recall)
    assert again.test.graphs.digest() == first.test.graphs.digest()
    assert again.validation.graphs.digest() == first.validation.graphs.digest()
    assert again.mean == (7, 7, 0)
    with np.load(path) as arrays:
        np.savez(path, **{**arrays, "graph_target": 1 - arrays["graph_target"]})
    with pytest.raises(InvalidInput, match=r"1 file changed \('set.npz'\)"):
        data.load(f"npz:{path}", recall=recall)
    path.write_bytes((npz / "one.npz").read_bytes())
    with pytest.raises(InvalidInput, match="the number of graphs is 1 and was 30, the task is"):
        data.load(f"npz:{path}", recall=recall)


def test_the_parts_of_cluster_are_those_of_its_authors():
    found = data.load("graphs:cluster:20", num_images=5)
    assert [part.size for part in (found.train, found.validation, found.test)] == [5, 2, 2]
    assert found.num_classes == 6
    assert found.describe()["class_counts"]["train"] == np.bincount(found.train.labels).tolist()


@pytest.mark.parametrize(
    ("source", "arguments", "words"),
    [
        ("graphs:pattern", {}, "`data.source` must be `graphs:cluster`"),
        ("graphs:cluster:10", {"task": "graph"}, "`data.task` must be node with 'cluster'"),
        ("graphs:cluster:10", {"folds": 5}, "`data.folds` must be 0 with 'cluster'"),
        (
            "digits",
            {"task": "node"},
            "`data.source` must be graphs with `data.task`: given 'digits'",
        ),
        ("tu:nowhere", {}, "`data.source` must be `tu:FOLDER`"),
        ("csv:nowhere", {}, "`data.source` must be `csv:FOLDER`"),
    ],
)
def test_graphs_that_cannot_be_used_are_refused_in_one_line(source, arguments, words):
    with pytest.raises(InvalidInput, match=words) as caught:
        data.load(source, **arguments)
    assert "\n" not in str(caught.value)
