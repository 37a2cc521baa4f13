# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""NAS-Bench-201 as values: its cells, its strings, and what its published networks cost."""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snas_tf import space
from snas_tf.errors import InvalidInput

CELLS, SKELETON = space.nas_bench_201_cells(), space.nas_bench_201_skeleton()
THEIRS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
OPTIMUM = (
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|"
    "+|skip_connect~0|nor_conv_3x3~1|nor_conv_1x1~2|"
)
EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))


def text(names):
    a, b, c, d, e, f = names
    return f"|{a}~0|+|{b}~0|{c}~1|+|{d}~0|{e}~1|{f}~2|"


cells_in_words = st.tuples(*[st.sampled_from(THEIRS)] * 6)


def published(names, classes=10):
    """Parameters and multiply-adds in closed form; dead edges count."""
    n3, n1 = names.count("nor_conv_3x3"), names.count("nor_conv_1x1")
    return (
        73_306 + 243_040 * n3 + 28_000 * n1 + 65 * (classes - 10),
        7_783_050 + 35_389_440 * n3 + 3_932_160 * n1 + 65 * (classes - 10),
    )


def test_six_edges_and_five_operations_decided_once():
    assert CELLS.edges == EDGES and CELLS.kinds == ("cell",)
    (decision,) = CELLS.decisions
    assert decision.shape == (6, 5)
    SKELETON.check(CELLS)


@given(cells_in_words)
def test_its_strings_are_read_and_written(names):
    genotype = space.Genotype.from_nas_bench_201(text(names))
    assert genotype.to_nas_bench_201() == text(names)
    kept = {(i, j): operation for i, j, operation in genotype.connections("cell")}
    for edge, name in zip(EDGES, names, strict=True):
        assert kept.get(edge, "none").removesuffix("_plain") == name
    assert CELLS.decode(CELLS.encode(genotype)) == genotype
    assert CELLS.from_json(genotype.to_json()) == genotype
    assert json.loads(genotype.to_json())["num_inputs"] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        None,
        OPTIMUM[:-1],
        OPTIMUM.replace("nor_conv_1x1", "sep_conv_3x3"),
        OPTIMUM.replace("1x1~2", "1x1~1"),
        OPTIMUM.replace("1x1~2", "1x1~²"),
        OPTIMUM.replace("1x1~2|", "1x1~2|none~3|"),
        OPTIMUM.replace("|nor_conv_1x1~2", ""),
        OPTIMUM + "+|none~0|none~1|none~2|none~3|",
        OPTIMUM.replace("nor_conv_1x1", "avg_pool_3x3_plain"),
    ],
)
def test_a_wrong_string_is_refused_in_one_line(wrong):
    with pytest.raises(InvalidInput, match="must read .*nor_conv_3x3") as caught:
        space.Genotype.from_nas_bench_201(wrong)
    assert "\n" not in str(caught.value) and str(caught.value).endswith(f"given {wrong!r}")


def test_another_cell_has_no_such_string():
    with pytest.raises(InvalidInput, match="one input, three nodes.*given 2, 4 and normal, red"):
        space.PUBLISHED["SNAS_MILD"].to_nas_bench_201()
    other = space.Genotype({"cell": [(0, 1, "sep_conv_3x3")]}, 3, num_inputs=1)
    with pytest.raises(InvalidInput, match="given sep_conv_3x3"):
        other.to_nas_bench_201()


@pytest.mark.parametrize(
    ("cell", "parameters", "multiply_adds"),
    [
        (OPTIMUM, 1_073_466, 153_272_970),
        (text(["nor_conv_3x3"] * 6), 1_531_546, 220_119_690),
        (text(["nor_conv_1x1"] * 6), 241_306, 31_376_010),
        (text(["skip_connect"] * 6), 73_306, 7_783_050),
        (text(["avg_pool_3x3"] * 6), 73_306, 7_783_050),
    ],
)
def test_the_published_costs(cell, parameters, multiply_adds):
    cost = space.cost(space.Genotype.from_nas_bench_201(cell), SKELETON)
    assert (cost.parameters, cost.multiply_adds) == (parameters, multiply_adds)


@pytest.mark.parametrize("classes", [10, 100])
def test_all_15625_cells_cost_what_the_closed_forms_say(classes):
    """`child_costs`, which is linear in the decisions, of every cell; it is `cost` by the next."""
    fixed, tables = space.child_costs(CELLS, space.nas_bench_201_skeleton(num_classes=classes))
    columns = tables["cell"][..., :2]
    choices = np.array([*itertools.product(range(5), repeat=6)])
    added = columns[np.arange(6), choices].sum(axis=1)
    expected = [published([THEIRS[k] for k in row], classes) for row in choices.tolist()]
    assert np.array_equal(added + [fixed.parameters, fixed.multiply_adds], expected)


@given(cells_in_words)
def test_the_parts_add_up_to_the_whole(names):
    genotype = space.Genotype.from_nas_bench_201(text(names))
    fixed, tables = space.child_costs(CELLS, SKELETON)
    parts = (tables["cell"] * CELLS.encode(genotype)["cell"][..., None]).sum(axis=(0, 1))
    cost = space.cost(genotype, SKELETON)
    assert (cost.parameters, cost.multiply_adds) == published(names)
    whole = [cost.parameters, cost.multiply_adds, cost.memory_access]
    assert np.array_equal(
        parts + [fixed.parameters, fixed.multiply_adds, fixed.memory_access], whole
    )


def test_the_plan_has_three_stages_and_two_blocks():
    plans = SKELETON.plan(3)
    assert [plan.channels for plan in plans] == [16] * 5 + [32] * 5 + [64] * 5
    assert [plan.resolution for plan in plans] == [(32, 32)] * 5 + [(16, 16)] * 5 + [(8, 8)] * 5
    blocks = {plan.index: plan.block for plan in plans if plan.block}
    assert {*blocks} == {5, 10}
    assert (blocks[10].input_channels, blocks[10].channels, blocks[10].resolution) == (
        *(32, 64),
        (8, 8),
    )
    assert all(plan.preprocess_strides == () for plan in plans)
    assert all(plan.output_channels == plan.channels for plan in plans)
    small = space.nas_bench_201_skeleton(8, 1, image_shape=(7, 5, 3)).plan(3)
    assert [plan.resolution for plan in small] == [(7, 5), (4, 3), (2, 2)]


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda: space.nas_bench_201_skeleton(16, 0), "`cells_per_stage` .* given 0"),
        (lambda: space.nas_bench_201_skeleton(15), "`init_channels` must be even"),
        (lambda: skeleton(num_cells=2), "`num_cells` must be at least 3.*given 2"),
        (lambda: skeleton(stem="cifar"), "`stem` must be plain or imagenet.*given 'cifar'"),
        (lambda: skeleton(reduction="none"), "`reduction` must be one of cells, residual: given"),
        (lambda: SKELETON.check(space.CellSpace()), "num_inputs 1 in a skeleton.*given 2"),
        (lambda: space.cost(space.PUBLISHED["SNAS_MILD"], SKELETON), "num_inputs 1 .*given 2"),
        (
            lambda: space.edge_costs(CELLS, skeleton(reduction="cells")),
            "num_inputs 2 in a skeleton whose reduction is 'cells': given 1",
        ),
        (
            lambda: SKELETON.check(space.CellSpace(3, num_inputs=1, kinds=("cell",))),
            "the output last_node .*given concatenation",
        ),
        (
            lambda: skeleton(reduction="cells").check(space.CellSpace(kinds=("normal",))),
            "of the kind reduction too: given normal",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(function, words):
    with pytest.raises(InvalidInput, match=words):
        function()


def skeleton(**changes):
    arguments = {"num_cells": 3, "init_channels": 4, "num_classes": 2, "image_shape": (8, 8, 3)}
    return space.Skeleton(**{**arguments, "stem": "plain", "reduction": "residual", **changes})


def test_the_skeleton_is_restored_from_its_config():
    assert space.Skeleton.from_config(json.loads(json.dumps(SKELETON.get_config()))) == SKELETON
