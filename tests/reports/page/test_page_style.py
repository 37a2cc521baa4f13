# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Both schemes define every color that pictures and page refer to, readably."""

import re

import pytest
from matplotlib import colors

from snas_tf import space
from snas_tf.reports.charts import palette
from snas_tf.reports.page.page_style import style_sheet

SCHEMES = [dict(re.findall(r"--(\w+): (#\w+);", block)) for block in style_sheet().splitlines()[:2]]


def luminance(color):
    channels = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in colors.to_rgb(color)
    ]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), channels, strict=True))


def contrast(first, second):
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES, ids=["light", "dark"])
def test_texts_are_readable(scheme):
    assert scheme.keys() == {*palette.THEMED.values()}
    for text in ("ink", "muted"):
        for ground in ("paper", "fill"):
            assert contrast(scheme[text], scheme[ground]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES, ids=["light", "dark"])
def test_lines_of_operations_are_seen(scheme):
    for color in (record.color for record in space.OPERATIONS.values()):
        assert contrast(color, scheme["paper"]) >= 2


@pytest.mark.parametrize("scheme", SCHEMES, ids=["light", "dark"])
def test_marks_of_groups_and_warnings_are_seen(scheme):
    for color in (*palette.GROUPS, palette.CHILD, palette.SUPERNET, palette.WARNING):
        assert contrast(color, scheme["paper"]) >= 2


def test_every_variable_is_defined_and_braces_are_balanced():
    sheet = style_sheet()
    assert {*re.findall(r"var\(--(\w+)\)", sheet)} <= {"part", *palette.THEMED.values()}
    assert sheet.count("{") == sheet.count("}")
    assert palette.WARNING in sheet and "WARNING" not in sheet
