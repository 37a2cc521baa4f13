# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Numbers as people read them."""

import pytest

from snas_tf.reports import notation


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
