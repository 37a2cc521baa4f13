# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Names and numbers as people read them."""

import pytest

from snas_tf import space
from snas_tf.reports import notation


def test_inputs_are_named_as_in_the_paper_and_nodes_as_in_the_genotype():
    assert [notation.node_name(node) for node in range(4)] == ["c_{k-2}", "c_{k-1}", "2", "3"]
    assert notation.math_name(0) == "$c_{k{-}2}$"
    assert notation.math_name(2) == "2"


def test_a_cell_is_an_equation_a_node():
    genotype = space.PUBLISHED["SNAS_MILD"]
    assert notation.equations(genotype, "reduction") == [
        "node 2 = max_pool_3x3(c_{k-2}) + max_pool_3x3(c_{k-1})",
        "node 3 = max_pool_3x3(c_{k-1}) + skip_connect(2)",
        "node 4 = max_pool_3x3(c_{k-1}) + skip_connect(2)",
        "node 5 = max_pool_3x3(c_{k-2}) + dil_conv_5x5(2)",
    ]


def test_a_node_without_inputs_says_so():
    equations = notation.equations(space.PUBLISHED["SNAS_AGGRESSIVE"], "reduction")
    assert equations[2:] == ["node 4 = zeros (no inputs)", "node 5 = zeros (no inputs)"]


def test_arrivals_hold_every_connection_once():
    for genotype in space.PUBLISHED.values():
        for kind in space.KINDS:
            arrivals = notation.arrivals(genotype, kind)
            assert sum(arrivals.values(), ()) == genotype.connections(kind)
            assert [*arrivals] == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (999, "999"),
        (43_210, "43,210"),
        (999_999, "999,999"),
        (2_848_000, "2.85 M"),
        (446_000_000, "446.00 M"),
        (1.2e9, "1.20 G"),
    ],
)
def test_counts_are_readable(value, text):
    assert notation.count(value) == text


@pytest.mark.parametrize(
    ("deviation", "value", "text"),
    [
        (1234.4, 43_210, "1,234"),
        (0, 43_210, "0"),
        (50_000, 2_848_000, "0.05 M"),
        (2e6, 1e6, "2.00 M"),
        (5e6, 1.2e9, "0.01 G"),
    ],
)
def test_deviations_have_the_unit_of_the_number(deviation, value, text):
    assert notation.count_deviation(deviation, value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0512, "0.051 ms"),
        (0.5, "0.500 ms"),
        (1.234, "1.23 ms"),
        (45.64, "45.6 ms"),
        (1234.4, "1,234 ms"),
    ],
)
def test_times_have_about_three_figures(value, text):
    assert notation.milliseconds(value) == text


@pytest.mark.parametrize(("value", "text"), [(0, "0.00 %"), (0.9917, "99.17 %"), (1, "100.00 %")])
def test_fractions_are_in_percent(value, text):
    assert notation.percent(value) == text
