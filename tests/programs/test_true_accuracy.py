# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A run is judged by a table at any time, within its budget, and keeps what the table said."""

import numpy as np
import pytest

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.evaluation import Table
from snas_tf.programs import true_accuracy
from snas_tf.runs.run_directory import RunDirectory

CELLS = space.CellSpace(1, ("none", "skip_connect", "sep_conv_3x3", "sep_conv_5x5"))


def found(first, second):
    """The genotype with an operation on the first edge of both kinds of cell, and on the second."""
    rows = np.eye(4)[[CELLS.primitives.index(first), CELLS.primitives.index(second)]]
    return CELLS.decode(dict.fromkeys(CELLS.kinds, rows))


SMALL, LARGE = found("skip_connect", "sep_conv_3x3"), found("sep_conv_5x5", "sep_conv_5x5")
OTHER = found("sep_conv_3x3", "sep_conv_5x5")


@pytest.fixture
def table():
    metrics = {"test_accuracy": [90.0, 95.0], "parameters": [3, 4]}
    return Table([SMALL, LARGE], metrics, name="two.csv")


def test_every_epoch_is_looked_up_and_what_is_lacking_told(table):
    told = true_accuracy.judge(table, [SMALL, OTHER, LARGE, SMALL], CELLS)
    assert [one.rank for one in told.trajectory] == [2, 0, 1, 2]
    assert told.found.values == {"test_accuracy": 90.0} and told.best.rank == 1
    assert (told.best_epoch, told.count, told.budget) == (3, 2, "")


def test_the_best_of_the_table_keeps_to_the_budget_of_the_search(table):
    skeleton = space.Skeleton(num_cells=3, init_channels=4, num_classes=4, image_shape=(8, 8, 1))
    cost = space.cost(SMALL, skeleton).parameters
    costs = space.cell_cost_table(CELLS, skeleton)
    bounds = space.limits(space.Budget(parameters=cost), costs)
    told = true_accuracy.judge(table, [SMALL], CELLS, bounds)
    assert told.best == told.found and told.budget == f"{cost:,} parameters"
    tight = space.limits(space.Budget(parameters=cost - 1), costs)
    assert true_accuracy.judge(table, [SMALL], CELLS, tight).best is None


def test_a_run_keeps_what_the_table_said(tmp_path, table):
    directory = RunDirectory(tmp_path)
    assert true_accuracy.recorded(directory) is None
    told = true_accuracy.judge(table, [SMALL, OTHER], CELLS)
    true_accuracy.record(directory, told)
    assert true_accuracy.recorded(directory) == told


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("architecture\n", "must be an .npz of the arrays"),
        ('architecture,loss\n"{}",1\n', "must have an accuracy, .* which has loss"),
        ('architecture,accuracy\n"{}",1\n', "architectures of the space that is searched"),
    ],
)
def test_a_wrong_table_is_refused_by_the_name_of_the_key(tmp_path, content, message):
    path = tmp_path / "wrong.csv"
    path.write_text(content)
    with pytest.raises(InvalidInput, match=message) as told:
        true_accuracy.open_table(str(path), CELLS)
    assert str(told.value).startswith("`--config.evaluation.table`") and "\n" not in str(told.value)


def test_a_table_of_another_space_is_refused(tmp_path):
    text = space.PUBLISHED["SNAS_MILD"].to_json().replace('"', '""').replace("\n", "")
    path = tmp_path / "darts.csv"
    path.write_text(f'architecture,accuracy\n"{text}",0.5\n')
    assert len(true_accuracy.open_table(str(path), space.CellSpace())) == 1
    with pytest.raises(InvalidInput, match="4 nodes, the cell space of 1"):
        true_accuracy.open_table(str(path), CELLS)


def test_no_table_is_none():
    assert true_accuracy.open_table("", CELLS) is None
