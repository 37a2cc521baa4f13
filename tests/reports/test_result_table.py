# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The table of results in words and numbers."""

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


def test_columns_without_any_value_are_left_out():
    headings, lines = result_table.table([COSTED])
    assert headings == ("network", "measured on", "parameters", "multiply-adds")
    assert lines == [("child", "test", "43,210", "446.00 M")]
