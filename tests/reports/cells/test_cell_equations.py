# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Cells as people read them."""

from snas_tf import space
from snas_tf.reports.cells.cell_equations import arrivals, equations
from snas_tf.space.cells.cell_grid import math_name, node_name


def test_inputs_are_named_as_in_the_paper_and_nodes_as_in_the_genotype():
    assert [node_name(node) for node in range(4)] == ["c_{k-2}", "c_{k-1}", "2", "3"]
    assert math_name(0) == "$c_{k{-}2}$"
    assert math_name(2) == "2"


def test_a_cell_is_an_equation_a_node():
    genotype = space.PUBLISHED["SNAS_MILD"]
    assert equations(genotype, "reduction") == [
        "node 2 = max_pool_3x3(c_{k-2}) + max_pool_3x3(c_{k-1})",
        "node 3 = max_pool_3x3(c_{k-1}) + skip_connect(2)",
        "node 4 = max_pool_3x3(c_{k-1}) + skip_connect(2)",
        "node 5 = max_pool_3x3(c_{k-2}) + dil_conv_5x5(2)",
    ]


def test_a_node_without_inputs_says_so():
    told = equations(space.PUBLISHED["SNAS_AGGRESSIVE"], "reduction")
    assert told[2:] == ["node 4 = zeros (no inputs)", "node 5 = zeros (no inputs)"]


def test_arrivals_hold_every_connection_once():
    for genotype in space.PUBLISHED.values():
        for kind in space.KINDS:
            found = arrivals(genotype, kind)
            assert sum(found.values(), ()) == genotype.connections(kind)
            assert [*found] == [2, 3, 4, 5]
