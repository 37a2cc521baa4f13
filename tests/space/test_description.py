# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What would be chosen, as a table."""

import numpy as np

from snas_tf.space import Decision, ProductSpace
from snas_tf.space.description import describe

SPACE = ProductSpace(
    [Decision("kernel", ["kernel"], ["a", "b"]), Decision("cell", ["x", "y"], list("abcdef"))]
)


def test_it_is_a_line_for_each_place_with_the_likeliest_options_first():
    likely = np.array([0.02, 0.02, 0.02, 0.9, 0.02, 0.02])
    even = np.full(6, 1 / 6)
    table = describe({"kernel": np.array([[0.3, 0.7]]), "cell": np.stack([likely, even])}, SPACE)
    heading, kernel, first, second, last = table.splitlines()
    assert heading.split() == ["decision", "decided", "probabilities"]
    assert kernel.split() == ["kernel", "no", "b", "0.70,", "a", "0.30"]
    assert first.split()[:5] == ["cell", "x", "yes", "d", "0.90,"] and first.endswith("...")
    assert second.startswith("cell y") and " no " in second
    assert last.endswith("1 of 3")
