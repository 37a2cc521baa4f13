# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Every operation has a color of its own, which no theme replaces."""

from snas_tf import space
from snas_tf.reports import palette


def test_every_operation_has_its_own_color():
    assert tuple(palette.OPERATIONS) == space.PRIMITIVES
    assert len({*palette.OPERATIONS.values()}) == len(space.PRIMITIVES)
    assert not {*palette.OPERATIONS.values()} & {*palette.THEMED}


def test_themed_colors_are_told_apart():
    assert len({*palette.THEMED.values()}) == len(palette.THEMED) == 5
