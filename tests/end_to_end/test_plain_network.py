# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a stranger does with network.keras: the lines of docs/keras.md, in a process without this
package."""

import ast
import json
import os
import pathlib
import re
import subprocess
import sys

import keras
import numpy as np
import pytest
from PIL import Image

from snas_tf import data
from snas_tf.networks import plain
from snas_tf.runs import network_files
from tests.end_to_end.processes import finish, start

pytestmark = pytest.mark.slow

ROOT = pathlib.Path(__file__).parents[2]
PAGE = ROOT / "docs" / "keras.md"
WITHOUT_THIS_PACKAGE = """
import sys

class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "snas_tf":
            raise ImportError(f"{name} is imported")

sys.meta_path.insert(0, Refused())

import numpy as np

pixels, labels = np.load("pixels.npy"), np.load("labels.npy")
"""
AFTERWARDS = """
assert "snas_tf" not in sys.modules
np.savez(
    "found.npz",
    before=keras.saving.load_model("network.keras").predict(pixels, verbose=0),
    kernel=network.get_layer("classifier").kernel,
    features=features.predict(pixels, verbose=0),
    nested=even_or_odd.predict(pixels, verbose=0),
    again=keras.saving.load_model("even_or_odd.keras").predict(pixels, verbose=0),
)
"""


@pytest.fixture(scope="module")
def stranger(uninterrupted, tmp_path_factory):
    """A folder in which the lines ran on the network of a run, what they printed, the pixels."""
    folder = tmp_path_factory.mktemp("stranger")
    section = PAGE.read_text().partition("## The found network, for Keras alone")[2]
    _, *blocks = re.findall("^```python\n(.*?)^```", section, re.M | re.S)
    lines = "\n".join(block for block in blocks if "reshape" not in block)
    (folder / "network.keras").write_bytes((uninterrupted / "network.keras").read_bytes())
    (folder / "stranger.py").write_text(WITHOUT_THIS_PACKAGE + lines + AFTERWARDS)
    test = data.load("digits").test
    np.save(folder / "pixels.npy", test.images[:64])
    np.save(folder / "labels.npy", test.labels[:64])
    Image.fromarray(test.images[0, ..., 0]).save(folder / "image.png")
    result = subprocess.run(
        [sys.executable, "stranger.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    return folder, result.stdout, test.images[:64]


def test_it_answers_as_the_child_of_the_run(stranger, uninterrupted):
    folder, printed, pixels = stranger
    child = network_files.load(uninterrupted / "child.keras")
    expected = child.predict(data.normalization(data.load("digits"))(pixels), verbose=0)
    found = np.load(folder / "found.npz")
    np.testing.assert_allclose(found["before"], expected, atol=1e-5)
    (answer,) = re.findall(r"^(\d) (0\.\d+|1\.0)$", printed, re.M)
    assert int(answer[0]) == expected[0].argmax()
    assert float(answer[1]) == pytest.approx(np.max(keras.ops.softmax(expected[0])), abs=1e-5)


def test_the_head_alone_learnt(stranger, uninterrupted):
    folder, _, pixels = stranger
    network = network_files.load(uninterrupted / "network.keras")
    found = np.load(folder / "found.npz")
    cut = keras.Model(network.input, network.get_layer("features").output)
    # The new head learnt through the features, which were nested and frozen.
    np.testing.assert_allclose(found["features"], cut(pixels), atol=1e-5)
    kernel = network.get_layer("classifier").kernel
    assert np.abs(found["kernel"] - kernel).max() > 1e-4


def test_what_was_nested_comes_back(stranger):
    folder, _, _ = stranger
    found = np.load(folder / "found.npz")
    np.testing.assert_allclose(found["again"], found["nested"], atol=1e-6)
    told = plain.metadata(folder / "even_or_odd.keras")
    assert told == plain.metadata(folder / "network.keras")
    assert told["class_names"] == [str(digit) for digit in range(10)]


def test_the_genotype_is_read_without_keras(stranger, uninterrupted):
    folder, printed, _ = stranger
    genotype = json.loads((uninterrupted / "genotype.json").read_text())
    assert ast.literal_eval(printed.splitlines()[-1]) == genotype
    assert plain.metadata(folder / "network.keras")["origin"] == "child without retraining"


def test_the_command_names_the_class_of_image_files(stranger, uninterrupted):
    folder, printed, _ = stranger
    (answer,) = re.findall(r"^(\d) (0\.\d+|1\.0)$", printed, re.M)
    (folder / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    words = ("--mode=predict", "image.png", "torn.png", "--json")
    code, out, err = finish(start(uninterrupted, words, folder=folder))
    assert code == 2
    (found,) = map(json.loads, out.splitlines())
    assert (found["file"], found["class"]) == ("image.png", answer[0])
    assert found["probability"] == pytest.approx(float(answer[1]), abs=1e-5)
    assert "cannot read 'torn.png'" in err and "1 of 2 images" in err
    assert len(err.splitlines()) == 2
