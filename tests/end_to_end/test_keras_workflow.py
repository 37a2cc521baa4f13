# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The search of docs/keras.md: what it leaves behind, a crash, another process."""

import contextlib
import os
import pathlib
import re
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from snas_tf import ChildNetwork, Snas

pytestmark = pytest.mark.slow

ROOT = pathlib.Path(__file__).parents[2]
PAGE = ROOT / "docs" / "keras.md"
SMALLER = {
    "epochs = 60": "epochs = 3",
    "space.CellSpace()": "space.CellSpace(1, ('none', 'skip_connect', 'sep_conv_3x3'))",
    "num_cells=3, init_channels=8": "num_cells=1, init_channels=4",
}


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """The folder in which the page's example ran, made smaller, and its variables."""
    source = "\n".join(re.findall("^```python\n(.*?)^```", PAGE.read_text(), re.M | re.S))
    for written, smaller in SMALLER.items():
        assert source.count(written) == 1
        source = source.replace(written, smaller)
    keras.utils.set_random_seed(0)
    folder, variables = tmp_path_factory.mktemp("example"), {}
    Image.new("L", (20, 30)).save(folder / "image.png")
    with contextlib.chdir(folder):
        exec(compile(source, PAGE, "exec"), variables)
    return folder, variables


def test_the_example_trains_and_logs_every_epoch(searched):
    folder, variables = searched
    model = variables["model"]
    history = model.history.history
    assert history["loss"][-1] < history["loss"][0]
    assert history["temperature"][-1] == pytest.approx(0.03)
    assert model.step.numpy() == variables["steps"] == 3 * 22
    assert {entry.name for entry in (folder / "logs").iterdir()} == {"train", "validation"}


def test_child_answers_as_the_search_validated(searched):
    _, variables = searched
    child, validation = variables["child"], variables["validation"]
    assert isinstance(child, ChildNetwork)
    logits = child.predict(validation, verbose=0)
    labels = np.concatenate([batch.numpy() for _, batch in validation])
    accuracy = np.mean(logits.argmax(axis=-1) == labels)
    assert accuracy == pytest.approx(variables["model"].history.history["val_accuracy"][-1])


def test_the_childs_export_answers_as_the_child(searched):
    folder, variables = searched
    exported = variables["exported"]
    assert exported.place == pathlib.Path("export", "1")
    assert exported.verification.cpp_differences is not None
    served = tf.saved_model.load(str(folder / exported.place)).signatures["serving_default"]
    pixels = variables["images"][:50].reshape(-1, 8, 8, 1)
    answer = served(image=tf.constant(pixels.astype("uint8")))["logits"]
    expected = variables["child"].predict(pixels / 16, verbose=0)
    np.testing.assert_allclose(answer, expected, atol=1e-4)


def test_another_process_loads_the_checkpoint_and_goes_on(searched):
    """Nothing but the import that any user of the class has."""
    folder, variables = searched
    script = (
        "import keras, numpy\n"
        "from snas_tf import Snas\n"
        "model = keras.saving.load_model('search.keras')\n"
        "assert type(model) is Snas\n"
        "assert keras.saving.get_registered_object('snas_tf>Adam')\n"
        "images = numpy.load('images.npy')\n"
        "numpy.save('answers.npy', model.predict(images, verbose=0))\n"
        "model.fit(images, numpy.zeros(len(images)), batch_size=4, verbose=0)\n"
        "print('step', model.step.numpy())\n"
    )
    images = variables["images"][:8].reshape(-1, 8, 8, 1) / 16
    np.save(folder / "images.npy", images)
    result = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["step", str(3 * 22 + 2)]
    expected = variables["model"].predict(images, verbose=0)
    np.testing.assert_allclose(np.load(folder / "answers.npy"), expected, atol=1e-5)


def test_a_search_that_broke_off_is_restored(searched, tmp_path):
    """Eagerly and without shuffling: the same steps, so the same bits."""
    _, variables = searched

    class PowerCut(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    def fit(*callbacks):
        keras.utils.set_random_seed(1)
        model = Snas.from_config(variables["model"].get_config())
        model.compile_from_config(variables["model"].get_compile_config())
        model.run_eagerly = True
        data = variables["validation"].take(2)
        with contextlib.suppress(KeyboardInterrupt):
            model.fit(data, epochs=3, verbose=0, callbacks=[*callbacks])
        return model

    def backup():
        return keras.callbacks.BackupAndRestore(tmp_path / "backup")

    uninterrupted = fit()
    broken = fit(backup(), PowerCut())
    restored = fit(backup())
    steps = [int(model.step.numpy()) for model in (uninterrupted, broken, restored)]
    assert steps == [6, 4, 6]
    for left, right in zip(
        [*uninterrupted.weights, *uninterrupted.optimizer.variables],
        [*restored.weights, *restored.optimizer.variables],
        strict=True,
    ):
        np.testing.assert_array_equal(left.numpy(), right.numpy(), err_msg=left.path)
