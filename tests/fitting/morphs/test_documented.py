# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Network morphism in one call as docs/trials.md has it, with a second in place of an hour."""

import pathlib
import re

import keras
import numpy as np

PAGE = pathlib.Path(__file__).parents[3] / "docs" / "trials.md"
SECTION = re.search(
    r"^## Network morphism in one call\n(.*?)^## ", PAGE.read_text(), re.M | re.S
).group(1)


def test_the_example_leaves_a_network(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"^```python\n(.*?)^```", SECTION, re.M | re.S)
    for long, short in (("seconds=3600", "seconds=1"), ("epochs=20", "epochs=1")):
        assert long in example
        example = example.replace(long, short)
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 256, (60, 6, 6)), np.array(["cat", "dog"] * 30)
    found = {"x_train": x[:40], "y_train": y[:40], "x_test": x[40:], "y_test": y[40:]}
    exec(compile(example, PAGE, "exec"), found)
    assert found["search"].result.trials
    network = keras.saving.load_model(tmp_path / "network.keras")
    assert network.predict(x[:3, ..., None], verbose=0).shape == (3, 2)
    assert (tmp_path / "morphs" / "trials.jsonl").exists()
