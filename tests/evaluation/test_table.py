# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A table answers for every way of writing an architecture, and refuses files that are none."""

import json
import pickle

import numpy as np
import pytest

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.evaluation import Evaluator, Table

CONV, SKIP, NONE = "nor_conv_3x3", "skip_connect", "none"


def cell(first, others):
    """A cell of NAS-Bench-201 with one operation on the first edge, and another on all others."""
    return f"|{first}~0|+|{others}~0|{others}~1|+|{others}~0|{others}~1|{others}~2|"


CELLS = [cell(CONV, CONV), cell(SKIP, SKIP), cell(SKIP, CONV), cell(NONE, CONV)]
TEST = [93.75, 54.25, 93.75, 91.5]
VALIDATION = [90.5, 30.25, 91.25, 89.0]


@pytest.fixture
def path(tmp_path):
    """Every value is exact in binary."""
    path = tmp_path / "small.npz"
    np.savez(
        path,
        architecture=np.array(CELLS, "S"),
        validation_accuracy=np.float32(VALIDATION),
        test_accuracy=np.float32(TEST),
        parameters=np.arange(4, dtype=np.int32),
        latency=np.arange(8.0).reshape(4, 2),
        devices=np.array(["here", "there"]),
    )
    return path


def test_a_genotype_its_json_and_its_string_find_the_same_row(path):
    table = Table.load(path)
    assert (len(table), table.name, [*table]) == (4, "small.npz", CELLS)
    expected = {
        "validation_accuracy": 91.25,
        "test_accuracy": 93.75,
        "parameters": 2.0,
        "latency/here": 4.0,
        "latency/there": 5.0,
    }
    genotype = space.Genotype.from_nas_bench_201(CELLS[2])
    for written in (genotype, genotype.to_json(), CELLS[2], CELLS[2].encode(), f" {CELLS[2]}\n"):
        assert table(written) == expected and written in table
    assert isinstance(table, Evaluator) and table.evaluate(genotype, seed=3) == expected


def test_an_edge_of_none_is_an_edge_that_is_not_there(path):
    (kind,) = space.nas_bench_201_cells().kinds
    genotype = space.Genotype.from_nas_bench_201(CELLS[3])
    assert NONE not in {edge.operation for edge in genotype.connections(kind)}
    assert Table.load(path)(genotype)["test_accuracy"] == 91.5


def test_genotypes_of_other_spaces_are_found_by_their_json(tmp_path):
    published = [space.PUBLISHED[name] for name in ("SNAS_MILD", "DARTS_V2")]
    path = tmp_path / "cells.csv"
    quoted = [json.dumps(genotype.to_json()) for genotype in published]
    texts = [text.replace('\\"', '""').replace("\\n", "") for text in quoted]
    path.write_text(f"architecture,accuracy\n{texts[0]},0.5\n{texts[1]},0.25\n")
    table = Table.load(path)
    assert [table(genotype)["accuracy"] for genotype in published] == [0.5, 0.25]
    assert space.PUBLISHED["DARTS_V1"] not in table


def test_ranks_count_what_is_better_and_equals_share_the_better_one(path):
    table = Table.load(path)
    assert table.accuracies == ("test_accuracy", "validation_accuracy")
    assert [table.rank(each) for each in CELLS] == [1, 4, 1, 3]
    assert [table.rank(each, "validation_accuracy") for each in CELLS] == [2, 4, 1, 3]


def test_the_best_keeps_to_a_budget(path):
    table = Table.load(path)
    assert table.best() == CELLS[0]
    assert table.best("validation_accuracy") == CELLS[2]
    assert table.best(within={"latency/here": 3.0, "parameters": 1}) == CELLS[0]
    assert table.best(within={"parameters": -1}) is None
    asked = []
    assert table.best(keeps=lambda text: asked.append(text) or len(asked) == 3) == CELLS[3]
    assert asked == [CELLS[0], CELLS[2], CELLS[3]], "from the best downwards"
    assert table.best(within={"parameters": 1}, keeps=lambda text: SKIP in text) == CELLS[1]


def test_columns_are_copies_and_unknown_metrics_are_told(path):
    table = Table.load(path)
    table.column("test_accuracy")[:] = 0
    np.testing.assert_array_equal(table.column("test_accuracy"), TEST)
    with pytest.raises(InvalidInput, match="no metric 'loss': it has validation_accuracy"):
        table.column("loss")


def test_an_architecture_that_is_lacking_is_told(path):
    other = cell(CONV, SKIP)
    with pytest.raises(InvalidInput) as told:
        Table.load(path)(space.Genotype.from_nas_bench_201(other))
    assert str(told.value) == f"small.npz lacks the architecture {other}: it has 4 others"


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"test_accuracy": [1.0]}, "no array `architecture`, but test_accuracy"),
        ({"architecture": CELLS[:1]}, "no metric"),
        ({"architecture": [1.0], "test_accuracy": [1.0]}, "not texts"),
        ({"architecture": CELLS, "test_accuracy": [1.0]}, r"`test_accuracy` is .*, .* has 4 rows"),
        ({"architecture": CELLS[:1], "accuracy": [np.nan]}, "row 0 is nan"),
        ({"architecture": np.array([], "S9"), "accuracy": []}, "no rows"),
        ({"architecture": [CELLS[0]] * 2, "accuracy": [1.0, 2.0]}, "stands in rows 0 and 1"),
        ({"architecture": ["nonsense"], "accuracy": [1.0]}, "row 0 of .* must be JSON or"),
        ({"architecture": np.array(CELLS, object), "accuracy": TEST}, "holds Python objects"),
    ],
)
def test_arrays_that_are_no_table_are_refused(tmp_path, arrays, message):
    np.savez(tmp_path / "wrong.npz", **arrays)
    with pytest.raises(InvalidInput, match=message) as told:
        Table.load(tmp_path / "wrong.npz")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "header must name architecture"),
        ("a.csv", b"cell,accuracy\nx,1\n", "header must name architecture"),
        ("a.csv", b"architecture,accuracy\n{},1,2\n", "row 0 has 3 values, the header 2"),
        ("a.csv", b"architecture,accuracy\n{},high\n", "accuracy of row 0 is 'high', no number"),
        ("a.csv", b"architecture,accuracy\n\xff,1\n", "no .csv file"),
        ("a.npz", b"no zip file", "no .npz file"),
        ("a.npz", b"", "no .npz file"),
        ("a.pkl", b"", "its name ends otherwise"),
    ],
)
def test_files_that_are_no_table_are_refused(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidInput, match=message) as told:
        Table.load(tmp_path / name)
    assert "an .npz of the arrays `architecture`" in str(told.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="No such file"):
        Table.load(tmp_path / "absent.npz")


class Trap:
    """What a pickle may do to whoever opens it."""

    opened = False

    def __reduce__(self):
        return setattr, (Trap, "opened", True)


@pytest.mark.parametrize("name", ["trap.npz", "trap.npy.npz"])
def test_a_pickle_is_never_opened(tmp_path, name):
    path = tmp_path / name
    if name == "trap.npz":
        path.write_bytes(pickle.dumps(Trap()))
    else:
        np.savez(path, architecture=np.array([Trap()], object), accuracy=[1.0])
    with pytest.raises(InvalidInput, match="Python objects"):
        Table.load(path)
    assert not Trap.opened
