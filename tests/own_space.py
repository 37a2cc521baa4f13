# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The space and the network of a user's own that the documentation shows, and their search."""

import functools
import pathlib
import re

PAGE = pathlib.Path(__file__).parents[1] / "docs" / "keras.md"
_FENCE = re.compile(r"^## A space of your own\n.*?^```python\n(.*?)^```", re.M | re.S)


@functools.cache
def source():
    """The example, as it is written."""
    return _FENCE.search(PAGE.read_text()).group(1)


@functools.cache
def definitions():
    """What it defines, before anything is searched."""
    variables = {}
    exec(compile(source().partition("\n\n\ncooling")[0], PAGE, "exec"), variables)
    return variables
