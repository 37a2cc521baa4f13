# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The searcher of a user's own that the documentation shows searches, and better than chance."""

import pathlib
import re

from snas_tf import black_box
from tests.black_box import toy

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "trials.md"
SOURCE = re.search(r"^```python\n(class Halves:\n.*?)^```", PAGE.read_text(), re.M | re.S).group(1)


def test_the_example_is_short_and_searches():
    assert len(SOURCE.splitlines()) < 40
    names = {}
    exec(compile(SOURCE, PAGE, "exec"), names)
    halves = names["Halves"]()
    assert isinstance(halves, black_box.Searcher)
    found, chance = (
        [black_box.search(each, toy.SPACE, toy.evaluate, 60, seed).best.reward for seed in range(5)]
        for each in (halves, black_box.Random())
    )
    assert sum(found) > sum(chance)
