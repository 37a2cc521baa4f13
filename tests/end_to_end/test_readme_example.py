# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The Keras example of the README, on the network that a real search left."""

import contextlib
import pathlib
import re

import keras
import numpy as np
import pytest

pytestmark = pytest.mark.slow

PAGE = pathlib.Path(__file__).parents[2] / "README.md"


@pytest.fixture(scope="module")
def example(uninterrupted, tmp_path_factory):
    """The folder in which it ran, and its variables."""
    folder, variables = tmp_path_factory.mktemp("readme"), {}
    (folder / "runs").mkdir()
    (folder / "runs" / "digits").symlink_to(uninterrupted)
    (source,) = re.findall("^```python\n(.*?)^```", PAGE.read_text(), re.M | re.S)
    with contextlib.chdir(folder):
        exec(compile(source, PAGE, "exec"), variables)
    return folder, variables


def test_what_was_loaded_knows_the_digits(example):
    _, variables = example
    answers = np.argmax(variables["probabilities"], axis=1)
    assert np.mean(answers == variables["labels"]) > 0.5  # chance is 0.1; the search was short


def test_it_learns_on_and_is_saved(example):
    folder, variables = example
    first, last = variables["network"].history.history["loss"]
    assert last < first
    saved = keras.models.load_model(folder / "fine_tuned.keras")
    pixels = variables["pixels"][:50]
    expected = variables["network"].predict(pixels, verbose=0)
    np.testing.assert_allclose(saved.predict(pixels, verbose=0), expected, atol=1e-5)
