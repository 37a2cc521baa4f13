# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What cells and networks cost: the authors' totals, the published networks, exact arithmetic."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snas_tf.space import (
    KINDS,
    PUBLISHED,
    CellSpace,
    Cost,
    Genotype,
    Skeleton,
    cost,
    edge_costs,
    operation_cost,
)
from tests.space.strategies import genotypes, skeletons

SEARCH = Skeleton(num_cells=8, init_channels=16, num_classes=10, image_shape=(32, 32, 3))


def imagenet(init_channels):
    return Skeleton(
        num_cells=14,
        init_channels=init_channels,
        num_classes=1000,
        image_shape=(224, 224, 3),
        stem="imagenet",
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("normal", (152_880, 28_557_312, 3_163_440)), ("reduction", (76_016, 8_609_792, 1_028_336))],
)
def test_uniform_total_of_the_papers_supernet(kind, expected):
    table = edge_costs(CellSpace(), SEARCH)[kind]
    assert table.shape == (14, 8, 3) and table.dtype == np.float64
    assert table.mean(axis=1).sum(axis=0).tolist() == list(expected)


def test_uniform_total_of_both_kinds():
    tables = edge_costs(CellSpace(), SEARCH).values()
    total = sum(table.mean(axis=1).sum(axis=0) for table in tables)
    assert total.tolist() == [228_896, 37_167_104, 4_191_776]


@given(skeletons(most_cells=8), st.integers(1, 3))
def test_a_table_is_the_sum_over_the_cells_of_its_kind(skeleton, num_nodes):
    cells = CellSpace(num_nodes, ("sep_conv_5x5", "none", "skip_connect", "avg_pool_3x3"))
    tables = edge_costs(cells, skeleton)
    for kind in KINDS:
        plans = [plan for plan in skeleton.plan(num_nodes) if plan.kind == kind]
        for row, (source, _) in enumerate(cells.edges):
            for column, operation in enumerate(cells.primitives):
                expected = Cost()
                for plan in plans:
                    strided = kind == "reduction" and source < 2
                    resolution = plan.input_resolutions[1] if source < 2 else plan.resolution
                    expected += operation_cost(
                        operation, plan.channels, resolution, 2 if strided else 1
                    )
                assert tables[kind][row, column].tolist() == list(dataclasses.astuple(expected))


@pytest.mark.parametrize(
    ("name", "parameters", "multiply_adds"),
    [
        ("SNAS_MILD", 2_663_542, 422.2),
        ("SNAS_MODERATE", 2_848_222, 440.7),
        ("SNAS_AGGRESSIVE", 2_313_622, 374.9),
        ("DARTS_V1", 3_171_574, 501.0),
        ("DARTS_V2", 3_351_502, 528.4),
    ],
)
def test_published_networks_for_cifar(name, parameters, multiply_adds):
    skeleton = Skeleton(num_cells=20, init_channels=36, num_classes=10, image_shape=(32, 32, 3))
    found = cost(PUBLISHED[name], skeleton)
    assert found.parameters == parameters
    assert round(found.multiply_adds / 1e6, 1) == multiply_adds


@pytest.mark.parametrize(
    ("name", "init_channels", "parameters", "multiply_adds"),
    [
        ("SNAS_MILD", 48, 3.942, 438),
        ("SNAS_MILD", 50, 4.239, 474),
        ("SNAS_MODERATE", 48, 4.314, 466),
        ("SNAS_MODERATE", 50, 4.637, 504),
    ],
)
def test_published_networks_for_imagenet(name, init_channels, parameters, multiply_adds):
    found = cost(PUBLISHED[name], imagenet(init_channels))
    assert round(found.parameters / 1e6, 3) == parameters
    assert round(found.multiply_adds / 1e6) == multiply_adds


def test_a_network_of_one_cell_by_hand():
    skeleton = Skeleton(num_cells=1, init_channels=2, num_classes=3, image_shape=(4, 4, 1))
    genotype = Genotype({"normal": (), "reduction": ((0, 2, "skip_connect"),)}, num_nodes=1)
    stem = Cost(9 * 6 + 12, 9 * 6 * 16, 16 + 6 * 16 + 9 * 6)
    preprocessing = Cost(6 * 4 + 8, 6 * 4 * 16, 6 * 16 + 4 * 16 + 6 * 4)
    edge = Cost(4 * 4 + 8, 4 * 4 * 4, 2 * 4 * (4 * 4 + 4 // 2) + 4 * 4)
    classifier = Cost(4 * 3 + 3, 4 * 3, 4 + 3 + 4 * 3 + 3)
    assert cost(genotype, skeleton) == stem + preprocessing + preprocessing + edge + classifier


@given(genotypes(), skeletons())
def test_edges_cost_what_the_tables_say_and_normalisation(genotype, skeleton):
    """Beyond the table: scale and shift of every BN; a pooling multiplies nothing."""
    cells = CellSpace(genotype.num_nodes)
    tables = edge_costs(cells, skeleton)
    expected = np.zeros(3)
    for kind in KINDS:
        for source, node, operation in genotype.connections(kind):
            row, column = cells.edges.index((source, node)), cells.primitives.index(operation)
            expected += tables[kind][row, column] * [1, "pool" not in operation, 1]
            for plan in skeleton.plan(genotype.num_nodes):
                normalizations = 2 if "sep" in operation else 1
                if operation == "skip_connect" and not (kind == "reduction" and source < 2):
                    normalizations = 0
                if plan.kind == kind:
                    expected[0] += 2 * plan.channels * normalizations
    empty = Genotype({"normal": (), "reduction": ()}, num_nodes=genotype.num_nodes)
    rest = np.array(dataclasses.astuple(cost(empty, skeleton)))
    assert dataclasses.astuple(cost(genotype, skeleton)) == tuple(rest + expected)
    assert all(type(value) is int for value in dataclasses.astuple(cost(genotype, skeleton)))
