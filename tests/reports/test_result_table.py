# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The table of results in words and numbers."""

import dataclasses

from snas_tf import reports, space
from snas_tf.reports import result_table

MEASURED = reports.Result(name="supernet", split="validation", accuracy=0.9806, count=1360)
COSTED = reports.Result(
    name="child", split="test", cost=space.Cost(parameters=43_210, multiply_adds=446_000_000)
)


def test_every_value_has_its_column_and_lacking_ones_are_empty():
    headings, lines = result_table.table([MEASURED, COSTED])
    assert headings == (
        "network",
        "measured on",
        "images",
        "accuracy",
        "95 % interval",
        "parameters",
        "multiply-adds",
    )
    assert lines == [
        ("supernet", "validation", "1,360", "98.06 %", "97.18-98.67", "", ""),
        ("child", "test", "", "", "", "43,210", "446.00 M"),
    ]


def test_top_5_and_latency_have_columns_of_their_own():
    result = dataclasses.replace(COSTED, top_5_accuracy=0.987, latency=1.234)
    headings, lines = result_table.table([MEASURED, result])
    assert headings[5:] == ("top-5 accuracy", "parameters", "multiply-adds", "latency")
    assert [line[5:] for line in lines] == [
        ("", "", "", ""),
        ("98.70 %", "43,210", "446.00 M", "1.23 ms"),
    ]


def test_means_over_classes_have_columns_of_their_own():
    result = dataclasses.replace(COSTED, balanced_accuracy=0.875, f1=0.5)
    headings, lines = result_table.table([MEASURED, result])
    assert headings[5:7] == ("balanced accuracy", "F1")
    assert [line[5:7] for line in lines] == [("", ""), ("87.50 %", "50.00 %")]


def test_an_error_stands_in_place_of_an_accuracy():
    result = dataclasses.replace(COSTED, mean_absolute_error=0.12345)
    headings, lines = result_table.table([result])
    assert headings[2:4] == ("mean absolute error", "parameters")
    assert lines[0][2] == "0.1235"


def test_taken_apart_nothing_is_lost_and_costs_are_named_once():
    results = [MEASURED, COSTED, dataclasses.replace(COSTED, split="validation", accuracy=0.5)]
    whole = result_table.table(results)
    measured, costs = result_table.apart(whole)
    assert measured == (whole[0][:5], [line[:5] for line in whole[1]])
    assert costs == (
        ("network", "parameters", "multiply-adds"),
        [("child", "43,210", "446.00 M")],
    )


def test_a_latency_of_one_split_is_told_in_the_line_of_the_other():
    timed = dataclasses.replace(COSTED, split="validation", latency=2.5)
    other = dataclasses.replace(COSTED, cost=dataclasses.replace(COSTED.cost, parameters=7))
    _, costs = result_table.apart(result_table.table([COSTED, timed, other]))
    assert [line[:2] for line in costs[1]] == [("child", "43,210"), ("child", "7")]
    assert costs[1][0][3] and not costs[1][1][3]


def test_without_costs_the_second_part_has_no_lines():
    whole = result_table.table([MEASURED])
    assert result_table.apart(whole) == (whole, (("network",), []))


def test_columns_without_any_value_are_left_out():
    headings, lines = result_table.table([COSTED])
    assert headings == ("network", "measured on", "parameters", "multiply-adds")
    assert lines == [("child", "test", "43,210", "446.00 M")]
