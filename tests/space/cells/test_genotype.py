# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Genotypes as values, as JSON and as files; what is malformed is refused by name."""

import dataclasses
import json

import pytest
from hypothesis import given

from snas_tf.errors import InvalidInput
from snas_tf.space import CellSpace, Connection, Genotype
from tests.space.strategies import genotypes

GOOD = {
    "schema_version": 1,
    "num_nodes": 2,
    "normal": [{"source": 0, "node": 2, "operation": "skip_connect"}],
    "reduction": [],
}


def record(source=0, node=2, operation="skip_connect"):
    return {"source": source, "node": node, "operation": operation}


def without(key):
    return {name: value for name, value in GOOD.items() if name != key}


@given(genotypes())
def test_json_round_trip(genotype):
    text = genotype.to_json()
    assert Genotype.from_json(text) == genotype
    assert Genotype.from_json(text).to_json() == text


def test_json_holds_explicit_records():
    genotype = Genotype(
        {"normal": ((1, 3, "sep_conv_3x3"),), "reduction": ((0, 2, "max_pool_3x3"),)}, num_nodes=2
    )
    assert json.loads(genotype.to_json()) == {
        "schema_version": 1,
        "num_nodes": 2,
        "normal": [{"source": 1, "node": 3, "operation": "sep_conv_3x3"}],
        "reduction": [{"source": 0, "node": 2, "operation": "max_pool_3x3"}],
    }
    assert Genotype.from_json(json.dumps(GOOD)).num_nodes == 2


@given(genotypes())
def test_it_is_a_value(genotype):
    copy = Genotype(
        {
            "normal": list(reversed(genotype.connections("normal"))),
            "reduction": list(genotype.connections("reduction")),
        },
        num_nodes=genotype.num_nodes,
    )
    assert copy == genotype and hash(copy) == hash(genotype)
    assert genotype.connections("normal") is genotype.connections("normal")
    assert genotype.connections("reduction") is genotype.connections("reduction")
    with pytest.raises(dataclasses.FrozenInstanceError):
        genotype.cells = ()


def test_connections_stand_in_the_order_of_the_edges():
    cells = CellSpace(3)
    connections = [Connection(*edge, "skip_connect") for edge in cells.edges]
    genotype = Genotype({"normal": tuple(reversed(connections)), "reduction": ()}, num_nodes=3)
    assert genotype.connections("normal") == tuple(connections)
    assert isinstance(genotype.connections("normal")[0], Connection)


def test_nodes_count_even_where_they_are_empty():
    assert Genotype({"normal": (), "reduction": ()}, num_nodes=2) != Genotype(
        {"normal": (), "reduction": ()}, num_nodes=3
    )


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], "a JSON object with schema_version 1: given None"),
        (None, "a JSON object with schema_version 1"),
        ("text", "a JSON object with schema_version 1"),
        (without("schema_version"), "schema_version 1: given None"),
        ({**GOOD, "schema_version": 2}, "schema_version 1: given 2"),
        ({**GOOD, "schema_version": "1"}, "schema_version 1: given '1'"),
        (without("num_nodes"), "must have num_nodes .*given normal, reduction"),
        (
            {"schema_version": 1, "num_nodes": 2},
            "a list .* for every kind.*given num_nodes$",
        ),
        ({**GOOD, "comment": "mine"}, "nothing else: given comment"),
        ({**GOOD, "normal": {}}, "a list of connections for every kind of cell"),
        ({**GOOD, "reduction": "none"}, "a list of connections for every kind of cell"),
        ({**GOOD, "reduction": None}, "a list of connections for every kind of cell"),
        ({**GOOD, "no name": []}, "the kinds of cell must be .*given .*no name"),
        ({**GOOD, "num_inputs": 3}, "`num_inputs` .*given 3"),
        ({**GOOD, "num_inputs": True}, "`num_inputs` .*given True"),
        ({**GOOD, "num_nodes": 0}, "`num_nodes` .*given 0"),
        ({**GOOD, "num_nodes": 2.5}, "`num_nodes` .*given 2.5"),
        ({**GOOD, "num_nodes": True}, "`num_nodes` .*given True"),
        ({**GOOD, "num_nodes": None}, "`num_nodes` .*given None"),
    ],
    ids=str,
)
def test_malformed_json_is_refused_by_name(data, words):
    with pytest.raises(InvalidInput, match=words):
        Genotype.from_json(json.dumps(data))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (None, "source and node and .*operation: given None in the normal cell"),
        (7, "given 7 in the normal cell"),
        ("abc", "given 'abc' in the normal cell"),
        ([0, 2], r"given \[0, 2\] in the normal cell"),
        ([0, 2, "skip_connect", 1], "given .* in the normal cell"),
        ({"source": 0, "node": 2}, "given .* in the normal cell"),
        ({**record(), "weight": 1}, "'weight': 1.* in the normal cell"),
        (record(source="0"), "the whole numbers source and node.* in the normal cell"),
        (record(source=0.0), "the whole numbers source and node"),
        (record(source=False), "the whole numbers source and node"),
        (record(node=None), "the whole numbers source and node"),
        (record(operation=3), "the text operation"),
        (record(source=-1), "given -1 to 2 in the normal cell"),
        (record(source=2), "a node to a later one, of 2 to 3: given 2 to 2 in the normal cell"),
        (record(source=3), "given 3 to 2 in the normal cell"),
        (record(node=4), "of 2 to 3: given 0 to 4 in the normal cell"),
        (record(node=1), "given 0 to 1 in the normal cell"),
        (record(operation="conv_7x7"), "sep_conv_3x3.*given 'conv_7x7' on edge 0 to 2 of the norm"),
        (record(operation="none"), "given 'none' on edge 0 to 2 of the normal.*leave the edge out"),
    ],
    ids=str,
)
def test_a_wrong_record_is_refused_by_name(wrong, words):
    with pytest.raises(InvalidInput, match=words):
        Genotype.from_json(json.dumps({**GOOD, "normal": [record(source=1), wrong]}))
    with pytest.raises(InvalidInput, match="reduction cell"):
        Genotype({"normal": (), "reduction": (wrong,)}, num_nodes=2)


def test_an_edge_that_stands_twice_is_refused():
    twice = (Connection(0, 2, "skip_connect"), Connection(0, 2, "sep_conv_3x3"))
    with pytest.raises(InvalidInput, match="0 to 2 stands twice in the reduction cell"):
        Genotype({"normal": (), "reduction": twice})


@pytest.mark.parametrize(
    "text",
    ["", "{", "genotype", "[" * 100_000, "\x00"],
    ids=["empty", "cut off", "a word", "deep", "binary"],
)
def test_what_is_no_json_is_refused(text):
    with pytest.raises(InvalidInput, match="a genotype must be JSON: "):
        Genotype.from_json(text)


@given(genotypes())
def test_a_cell_space_of_its_size_holds_it(genotype):
    genotype.validate(CellSpace(genotype.num_nodes))


def test_a_cell_space_that_does_not_hold_it_says_why():
    genotype = Genotype(
        {"normal": ((0, 2, "skip_connect"),), "reduction": ((1, 2, "sep_conv_5x5"),)}, num_nodes=2
    )
    genotype.validate(CellSpace(2, ("skip_connect", "sep_conv_5x5")))
    with pytest.raises(InvalidInput, match="cells of 2 nodes, the cell space of 3"):
        genotype.validate(CellSpace(3))
    with pytest.raises(InvalidInput, match="has sep_conv_5x5, which the cell space lacks"):
        genotype.validate(CellSpace(2, ("none", "skip_connect")))


def test_save_and_load(tmp_path):
    genotype = Genotype({"normal": ((1, 3, "dil_conv_5x5"),), "reduction": ()}, num_nodes=2)
    genotype.save(tmp_path / "genotype.json")
    assert Genotype.load(tmp_path / "genotype.json") == genotype
    assert Genotype.load(str(tmp_path / "genotype.json")) == genotype


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, r"given .*file\.json \(No such file"),
        (b"\xff\xfe\x00", r"given .*file\.json \(it is not a text\)"),
        (b"{", r"file\.json: a genotype must be JSON"),
        (json.dumps({**GOOD, "normal": [7]}).encode(), r"file\.json: .* given 7 in the normal"),
    ],
    ids=["missing", "binary", "no JSON", "wrong record"],
)
def test_a_wrong_file_is_refused_by_its_name(content, words, tmp_path):
    if content is not None:
        (tmp_path / "file.json").write_bytes(content)
    with pytest.raises(InvalidInput, match=words):
        Genotype.load(tmp_path / "file.json")


def test_a_folder_is_no_genotype(tmp_path):
    with pytest.raises(InvalidInput, match="Is a directory"):
        Genotype.load(tmp_path)
