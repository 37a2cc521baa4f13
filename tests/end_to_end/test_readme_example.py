# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The Python examples of the README; the first on the network that a real search left."""

import contextlib
import pathlib
import re

import numpy as np
import pytest

pytestmark = pytest.mark.slow

PAGE = pathlib.Path(__file__).parents[2] / "README.md"
EXAMPLES = re.findall("^```python\n(.*?)^```", PAGE.read_text(), re.M | re.S)


@pytest.fixture(scope="module")
def example(uninterrupted, tmp_path_factory):
    """Its variables."""
    folder, variables = tmp_path_factory.mktemp("readme"), {}
    (folder / "runs").mkdir()
    (folder / "runs" / "digits").symlink_to(uninterrupted)
    with contextlib.chdir(folder):
        exec(compile(EXAMPLES[0], PAGE, "exec"), variables)
    return variables


def test_what_was_loaded_knows_the_digits(example):
    answers = np.argmax(example["probabilities"], axis=1)
    assert np.mean(answers == example["labels"]) > 0.5  # chance is 0.1; the search was short


def test_a_choice_is_found_and_keeps_its_weights():
    variables = {}
    exec(compile(EXAMPLES[1], PAGE, "exec"), variables)
    found, images = variables["found"], variables["images"][:50]
    assert "Choice" not in [type(layer).__name__ for layer in found.layers]
    expected = variables["search"].predict(images, verbose=0)
    np.testing.assert_allclose(found.predict(images, verbose=0), expected, atol=1e-4)
    assert len(EXAMPLES) == 2
