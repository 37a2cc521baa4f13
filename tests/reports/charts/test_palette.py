# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Every operation has a color of its own, which no theme replaces."""

import itertools

import numpy as np
import pytest
from matplotlib import colors

from snas_tf import space
from snas_tf.reports.charts import palette

# How protanopes, deuteranopes and tritanopes see linear RGB (Machado, Oliveira and Fernandes,
# 2009), and everyone else.
SIGHTS = {
    "protan": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]],
    "deutan": [[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]],
    "tritan": [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]],
    "usual": np.eye(3),
}
TO_XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]


def lab(color, sight):
    """CIE L*a*b* of a color as someone sees it; a distance of 2 is just noticed."""
    rgb = np.array(colors.to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(np.array(SIGHTS[sight]) @ linear, 0, 1) / np.sum(TO_XYZ, axis=1)
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_every_operation_has_its_own_color():
    used = [record.color for record in space.OPERATIONS.values()]
    assert len({*used}) == len(used)
    assert not {*used} & {*palette.THEMED}


@pytest.mark.parametrize("sight", SIGHTS)
def test_operations_of_nas_bench_201_are_told_apart_by_everyone(sight):
    names = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3_plain")
    seen = [lab(space.OPERATIONS[name].color, sight) for name in names]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 8


def test_themed_colors_are_told_apart():
    assert len({*palette.THEMED.values()}) == len(palette.THEMED) == 5


@pytest.mark.parametrize("sight", SIGHTS)
def test_groups_and_child_are_told_apart_by_everyone(sight):
    seen = [lab(color, sight) for color in (*palette.GROUPS, palette.CHILD)]
    distances = [np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)]
    assert min(distances) > 10
