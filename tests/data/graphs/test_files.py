# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The same graphs in every format of files, and what is wrong with one is told in a line."""

from __future__ import annotations

import json

import numpy as np
import pytest

from snas_tf.data.division import TEST, TRAIN, UNUSED, VALIDATION
from snas_tf.data.graphs import Graphs, csv_tables, npz_file, tu_folder
from snas_tf.data.graphs.reading import read_others
from snas_tf.data.graphs.source import Known
from snas_tf.errors import InvalidInput

TU = {
    "A": "1, 2\n2, 1\n4, 3\n3, 4\n5, 4\n",
    "graph_indicator": "1\n1\n2\n2\n2\n",
    "graph_labels": "-1\n1\n",
    "node_labels": "0\n3\n3\n0\n7\n",
    "node_attributes": "0.5, 1\n1.5, 2\n2.5, 3\n3.5, 4\n4.5, 5\n",
    "edge_labels": "0\n0\n1\n1\n0\n",
}
NPZ = {
    "edges": np.array([[0, 1], [1, 0], [3, 2], [2, 3], [4, 3]]),
    "graph_id": np.array([0, 0, 1, 1, 1]),
    "graph_label": np.array([-1, 1]),
    "node_label": np.array([0, 3, 3, 0, 7]),
    "node_attr": np.array([[0.5, 1], [1.5, 2], [2.5, 3], [3.5, 4], [4.5, 5]]),
    "edge_label": np.array([0, 0, 1, 1, 0]),
}
CSV = {
    "nodes": "graph,node,kind,x,y\n"
    "one,a,c,0.5,1\none,b,n,1.5,2\ntwo,a,n,2.5,3\ntwo,b,c,3.5,4\ntwo,c,o,4.5,5\n",
    "edges": "graph,source,target,bond\n"
    "one,a,b,single\none,b,a,single\ntwo,b,a,twofold\ntwo,a,b,twofold\ntwo,c,b,single\n",
    "graphs": "graph,label\none,-1\ntwo,1\n",
}
KINDS = np.eye(3)[[0, 1, 1, 0, 2]]
EXPECTED = Graphs.of(
    [
        {
            "nodes": np.c_[KINDS[:2], [[0.5, 1], [1.5, 2]]],
            "edges": np.eye(2)[[0, 0]],
            "sources": [0, 1],
            "targets": [1, 0],
            "label": 0,
        },
        {
            "nodes": np.c_[KINDS[2:], [[2.5, 3], [3.5, 4], [4.5, 5]]],
            "edges": np.eye(2)[[1, 1, 0]],
            "sources": [1, 0, 2],
            "targets": [0, 1, 1],
            "label": 1,
        },
    ],
    class_names=("-1", "1"),
)


def write_tu(folder, **changed):
    folder.mkdir(exist_ok=True)
    for name, text in {**TU, **changed}.items():
        if text is not None:
            (folder / f"SET_{name}.txt").write_text(text)
    return folder


def write_npz(folder, **changed):
    folder.mkdir(exist_ok=True)
    path = folder / "set.npz"
    np.savez(path, **{k: v for k, v in {**NPZ, **changed}.items() if v is not None})
    return path


def write_csv(folder, **changed):
    folder.mkdir(exist_ok=True)
    for name, text in {**CSV, **changed}.items():
        if text is not None:
            (folder / f"{name}.csv").write_text(text)
    return folder


FORMATS = {
    "tu": (write_tu, tu_folder.read),
    "npz": (write_npz, npz_file.read),
    "csv": (write_csv, csv_tables.read),
}


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_graphs_are_read_from_every_format(tmp_path, name):
    write, read = FORMATS[name]
    found = read(write(tmp_path))
    np.testing.assert_array_equal(found.graphs.nodes, EXPECTED.nodes)
    assert found.graphs.digest() == EXPECTED.digest()
    assert found.roles is None


OTHER_KINDS = CSV["nodes"].replace(",c,0.5", ",o,0.5").replace(",c,3", ",o,3")
OTHERS = {
    "tu": {"graph_labels": None, "node_labels": "7\n3\n3\n7\n7\n"},
    "npz": {"graph_label": None, "node_label": np.array([7, 3, 3, 7, 7])},
    "csv": {"graphs": None, "nodes": OTHER_KINDS},
}


@pytest.mark.parametrize("name", FORMATS)
def test_graphs_without_labels_are_told_by_the_kinds_of_those_that_were_learnt_from(tmp_path, name):
    write, read = FORMATS[name]
    known = Known("node", read(write(tmp_path / "known")).columns)
    again = Known.from_record(json.loads(json.dumps(known.record())))
    assert again == known
    graphs = read_others(write(tmp_path / "others", **OTHERS[name]), again)
    kinds = np.eye(3)[[2, 1, 1, 2, 2]]  # none is of the first kind
    np.testing.assert_array_equal(graphs.nodes[:, :3], kinds)
    np.testing.assert_array_equal(graphs.nodes[:, 3:], EXPECTED.nodes[:, 3:])
    np.testing.assert_array_equal(graphs.edges, EXPECTED.edges)
    assert (graphs.level, graphs.labels.tolist()) == ("node", [-1] * 5)


def test_other_features_are_refused_by_name(tmp_path):
    known = Known("graph", npz_file.read(write_npz(tmp_path)).columns)
    for change, told in (
        ({"node_label": np.array([0, 3, 3, 0, 9])}, "node_label must be of the kinds 0, 3, 7: g"),
        ({"node_label": None}, "the features node_label, node_attr: given none of node_label"),
        ({"node_attr": np.zeros((5, 3))}, "node_attr must be 2 numbers: given 3"),
        ({"edges": None}, "it must have `edges`"),
    ):
        with pytest.raises(InvalidInput, match="what is predicted must be") as caught:
            read_others(write_npz(tmp_path, **change), known)
        assert told in str(caught.value)


def test_a_tu_folder_may_have_numbers_to_predict(tmp_path):
    folder = write_tu(tmp_path, graph_labels=None, graph_attributes="0.25\n-3\n")
    found = tu_folder.read(folder).graphs
    assert found.regression
    assert found.labels.tolist() == [0.25, -3]


def test_a_graph_without_any_features_has_one_that_is_one(tmp_path):
    folder = write_tu(tmp_path, node_labels=None, node_attributes=None, edge_labels=None)
    found = tu_folder.read(folder).graphs
    np.testing.assert_array_equal(found.nodes, np.ones((5, 1)))
    np.testing.assert_array_equal(found.edges, np.ones((5, 1)))


PLANETOID = {
    "graph_id": None,
    "graph_label": None,
    "node_label": None,
    "node_attr": None,
    "edge_label": None,
    "num_nodes": np.int64(5),
    "num_features": np.int64(4),
    "feature_row": np.array([0, 0, 4]),
    "feature_col": np.array([1, 3, 0]),
    "feature_val": np.array([1, 0.5, 2]),
    "label": np.array([0, 1, 2, 1, 0], np.int8),
    "train_idx": np.array([0, 1]),
    "val_idx": np.array([2]),
    "test_idx": np.array([4]),
}


def test_one_graph_with_sparse_features_and_a_fixed_division(tmp_path):
    found = npz_file.read(write_npz(tmp_path, **PLANETOID, extra=np.zeros(2)))
    expected = np.zeros((5, 4))
    expected[[0, 0, 4], [1, 3, 0]] = 1, 0.5, 2
    np.testing.assert_array_equal(found.graphs.nodes, expected)
    assert found.graphs.level == "node"
    assert found.graphs.labels.tolist() == [0, 1, 2, 1, 0]
    assert found.roles.tolist() == [TRAIN, TRAIN, VALIDATION, UNUSED, TEST]
    assert found.unread == ("the array `extra`",)


def test_labels_of_edges_follow_their_edges(tmp_path):
    target = np.array([0, 1, 2, 1, 0])
    found = npz_file.read(write_npz(tmp_path, graph_label=None, edge_target=target)).graphs
    rows = [*zip(found.sources.tolist(), found.targets.tolist(), found.labels, strict=True)]
    assert found.level == "edge"
    assert sorted(rows) == sorted([(0, 1, 0), (1, 0, 1), (1, 0, 2), (0, 1, 1), (2, 1, 0)])


def test_tables_can_fix_a_division_of_the_nodes_of_one_graph(tmp_path):
    nodes = "node,x,label,split\na,1,u,train\nb,2,v,validation\nc,3,,\nd,4,u,test\n"
    edges = "source,target\na,b\nb,c\nc,d\n"
    found = csv_tables.read(write_csv(tmp_path, nodes=nodes, edges=edges, graphs=None))
    assert found.graphs.class_names == ("u", "v")
    assert found.graphs.labels.tolist() == [0, 1, -1, 0]
    assert found.roles.tolist() == [TRAIN, VALIDATION, UNUSED, TEST]


def test_nodes_of_a_table_may_be_in_any_order(tmp_path):
    header, *rows = CSV["nodes"].splitlines()
    mixed = "\n".join([header, *(rows[place] for place in (2, 0, 3, 1, 4))])
    found = csv_tables.read(write_csv(tmp_path, nodes=mixed)).graphs
    # Graph "two" is named first now; within a graph nodes keep their order.
    assert found.digest() == EXPECTED.take([1, 0]).digest()


@pytest.mark.parametrize(
    ("name", "changed", "words"),
    [
        ("tu", {"graph_indicator": None}, "lacks SET_graph_indicator.txt"),
        ("tu", {"graph_labels": None}, "SET_graph_labels.txt"),
        ("tu", {"A": None}, "0 files of edges, DS_A.txt"),
        ("tu", {"A": "1, 2\nx, y\n"}, "SET_A.txt: could not convert"),
        ("tu", {"A": "1, 6\n" * 5}, r"between nodes, 0 to 4: given \[0, 5\] of edge 0"),
        ("tu", {"A": "1, 3\n" * 5}, "an edge must lie within a graph"),
        ("tu", {"A": "1.5, 2\n" * 5}, "two whole numbers a line"),
        ("tu", {"graph_labels": "1\n"}, "must be 2 labels, one for each graph"),
        ("tu", {"graph_indicator": "1\n2\n1\n2\n2\n"}, "one after the other, graph by graph"),
        ("tu", {"node_labels": "1\n"}, "SET_node_labels.txt has 1 lines, and there are 5 nodes"),
        ("tu", {"node_attributes": "nan\n" * 5}, "features of nodes must be finite"),
        ("npz", {"edges": None}, "must have `edges` and one of graph_target"),
        ("npz", {"graph_label": None}, "must have `edges` and one of graph_target"),
        ("npz", {"edges": np.zeros((5, 3), int)}, r"must be whole numbers \(edges, 2\)"),
        ("npz", {"edges": np.full((5, 2), 9)}, r"between nodes, 0 to 4: given \[9, 9\]"),
        ("npz", {"edges": np.full((5, 2), -1)}, r"between nodes, 0 to 4: given \[-1, -1\]"),
        ("npz", {"node_attr": np.ones(4)}, r"`node_attr` must be numbers \(5,\)"),
        ("npz", {"node_attr": np.array(["a"] * 5)}, "`node_attr` must be numbers"),
        ("npz", {"graph_id": np.zeros(4)}, "`node_label` must be numbers"),
        ("npz", {"node_label": np.array([{}] * 5, dtype=object)}, "holds Python objects"),
        ("npz", {"train_idx": np.array([0])}, "must have all of train_idx, val_idx, test_idx"),
        ("npz", {**PLANETOID, "val_idx": np.array([1])}, "`val_idx` must have no number that"),
        ("npz", {**PLANETOID, "val_idx": np.array([5])}, "`val_idx` must be from 0 to 4"),
        ("npz", {**PLANETOID, "feature_col": np.array([1, 4, 0])}, "given .*set.npz"),
        ("csv", {"edges": None}, "it has nodes.csv, graphs.csv"),
        ("csv", {"edges": "graph,source,target\none,a,c\n"}, "given 'c' of graph 'one' in row 1"),
        ("csv", {"edges": "graph,from,to\none,a,b\n"}, "header of edges.csv must name source and"),
        ("csv", {"graphs": "graph\none\ntwo\n"}, "must have a column label, and 0 have"),
        ("csv", {"graphs": "graph,label\none,1\n"}, "graphs.csv must name every graph"),
        ("csv", {"graphs": "graph,label\none,1\ntwo\n"}, "row 2 of graphs.csv must have 2 values"),
        ("csv", {"nodes": "graph,node\none,a\none,a\n"}, "must name every node of a graph once"),
        (
            "csv",
            {"graphs": "graph,label,split\none,1,train\ntwo,2,dev\n"},
            "train, validation, test or nothing: given 'dev'",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_told_in_one_line(tmp_path, name, changed, words):
    write, read = FORMATS[name]
    given = write(tmp_path, **changed)
    with pytest.raises(InvalidInput, match=words) as caught:
        read(given)
    assert "\n" not in str(caught.value)
    assert "`data.source` must be `" in str(caught.value)
    assert str(given) in str(caught.value)


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_not_there_is_told_in_one_line(tmp_path, name):
    with pytest.raises(InvalidInput, match="`data.source` must be"):
        FORMATS[name][1](tmp_path / "nowhere")


def test_a_file_that_is_no_npz_is_refused(tmp_path):
    path = tmp_path / "set.npz"
    path.write_bytes(b"graphs")
    with pytest.raises(InvalidInput, match="it is no .npz file"):
        npz_file.read(path)
    assert not npz_file.holds_graphs(path)
    assert npz_file.holds_graphs(write_npz(tmp_path))
