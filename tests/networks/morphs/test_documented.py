# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Networks that grow as docs/networks.md tells of them."""

import pathlib
import re

PAGE = pathlib.Path(__file__).parents[3] / "docs" / "networks.md"
SECTION = re.search(r"^## Networks that grow\n(.*?)^## ", PAGE.read_text(), re.M | re.S).group(1)


def test_the_example_keeps_what_it_says():
    (example,) = re.findall(r"^```python\n(.*?)^```", SECTION, re.M | re.S)
    found = {}
    exec(compile(example, PAGE, "exec"), found)
    assert found["architecture"] != found["root"]
    assert found["child"].output_shape == (None, 10)
