# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The example of docs/gradient.md, as it is written, and the keys that its tables name."""

import pathlib
import re

from snas_tf import config

PAGE = (pathlib.Path(__file__).parents[1] / "docs" / "gradient.md").read_text()


def test_a_search_that_is_over_is_chosen_from_in_python():
    (source,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
    variables = {}
    exec(compile(source, "docs/gradient.md", "exec"), variables)
    found = variables["found"]
    worth = [one.metrics["accuracy"] for one in found.candidates]
    assert 1 < len(worth) <= 4 and worth == sorted(worth, reverse=True)
    assert variables["child"].genotype == found.architecture == found.candidates[0].architecture


def test_its_table_names_what_can_be_chosen_by():
    section = PAGE.partition("## Choosing the result")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", section, re.M)
    rules = ("argmax", "top2", "greedy")
    assert {*rules, *(name for name, _ in rows)} == {*config.KEYS["search.derivation"].allowed}
    keys = {key for _, named in rows for key in re.findall(r"`(\w+)`", named)}
    assert keys == {"candidates", "derivation_epochs", "derivation_scores"}
    assert {f"search.{key}" for key in keys} <= config.KEYS.keys()
