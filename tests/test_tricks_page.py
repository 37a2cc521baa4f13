# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The example of docs/tricks.md, as it is written, and its tables."""

import pathlib
import re

import numpy as np
import pytest

from snas_tf import config
from snas_tf.config.defaults import flatten
from snas_tf.search import ESTIMATORS

PAGE = (pathlib.Path(__file__).parents[1] / "docs" / "tricks.md").read_text()


def test_every_schedule_is_reported_epoch_by_epoch():
    (source,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
    variables = {}
    exec(compile(source, "docs/tricks.md", "exec"), variables)
    history = variables["history"]
    assert history["drop_path"][-1] == pytest.approx(0.2)
    assert history["temperature"] == pytest.approx([1.0, 0.1 ** (7 / 15), 0.1], rel=1e-5)
    assert history["label_smoothing"][-1] == pytest.approx(0.0, abs=1e-6)
    assert history["perturbation"] == pytest.approx([0.0, 0.3 * 7 / 15, 0.3], rel=1e-5)
    assert np.isfinite(history["loss"]).all()


def test_the_tables_name_keys_and_estimators_that_there_are():
    keys = {name.removeprefix("search.") for name in flatten(config.get_config())}
    rows = re.findall(r"^\| .* \| (`.*?`) \| .* \|.*\|$", PAGE, re.M)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert len(named) > 12 and named <= keys
    recipes = re.findall(
        r"(\w+)=[\w.-]+", "".join(re.findall(r"^\| .* \| .*`(.*=.*)` \|$", PAGE, re.M))
    )
    assert {*recipes} <= keys
    table = re.findall(r"^\| `(\w+)` \|", PAGE, re.M)
    assert table == [*table] and {*table} == {*ESTIMATORS}
