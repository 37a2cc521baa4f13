# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What would bring a server down is found in another process, which may die of it."""

import ast
import pathlib
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf

import snas_tf
from snas_tf.errors import Failure
from snas_tf.serving import c_session, cpp_loader, warm_up
from snas_tf.serving.malformed_requests import malformed
from tests.serving.conftest import MOST_IMAGES


def test_an_exported_network_is_answered_and_all_that_is_malformed_refused(exported):
    """It was tried when it was exported, and would not be there with other classes."""
    tried = exported.verification
    assert tried.cpp_differences.keys() == {"serving_default", "image_bytes"}
    assert max(tried.cpp_differences.values()) <= 1e-5
    requests = warm_up.read(exported.place)
    assert tried.malformed_refused == len([*malformed(requests, MOST_IMAGES)]) > 20


def test_the_malformed_requests_are_as_they_say(exported):
    found = [*malformed(warm_up.read(exported.place), MOST_IMAGES)]
    assert len({(what, signature) for what, signature, _ in found}) == len(found) == 30
    shapes = {
        (what, signature): (value.shape, value.dtype)
        for what, signature, inputs in found
        for value in inputs.values()
    }
    assert shapes["no batch", "serving_default"] == ((8, 8, 1), np.uint8)
    assert shapes["flat", "serving_default"][0] == (32, 64)
    assert shapes["too many images", "serving_default"][0] == (MOST_IMAGES + 1, 8, 8, 1)
    assert shapes["other numbers", "serving_default"][1] == np.float32
    assert shapes["no batch", "image_bytes"][0] == ()
    ranks = [value.ndim for _, name, given in found for value in given.values() if name[0] == "s"]
    assert {*ranks} == {0, 1, 2, 3, 4, 5}, "TensorFlow's convolutions abort at some of these"
    assert ("no input", "image_bytes") in {(what, signature) for what, signature, _ in found}


@pytest.fixture
def unguarded(exported, served, tmp_path):
    """The same network, served as `model.export` would."""
    archive = keras.export.ExportArchive()
    archive.track(served.network)
    archive.track(served.normalization)
    pixels = tf.TensorSpec((None, 8, 8, 1), tf.uint8, name="image")
    files = tf.TensorSpec((None,), tf.string, name="image_bytes")
    of_files = served.signatures()["image_bytes"]

    def of_pixels(image):
        logits = served.network(served.normalization(image), training=False)
        probabilities = tf.nn.softmax(logits)
        return {"class_id": tf.argmax(logits, axis=-1), "probabilities": probabilities}

    archive.add_endpoint("serving_default", of_pixels, [pixels])
    archive.add_endpoint("image_bytes", lambda image_bytes: of_files(image_bytes), [files])
    archive.write_out(str(tmp_path / "model"), verbose=False)
    shutil.copytree(exported.place / "assets.extra", tmp_path / "model" / "assets.extra")
    return tmp_path / "model"


@pytest.mark.slow
def test_a_model_without_guards_is_found_out_and_this_process_lives(unguarded):
    with pytest.raises(Failure, match=r"was aborted with the model|answered a malformed request"):
        cpp_loader.attempt(unguarded, MOST_IMAGES, 1e-5)


def test_a_model_that_answers_what_is_malformed_is_refused(exported):
    with pytest.raises(Failure, match="answered a malformed request: too many images"):
        cpp_loader.attempt(exported.place, MOST_IMAGES // 2, 1e-5)


def test_a_folder_that_is_no_model_is_refused(exported, tmp_path):
    shutil.copytree(exported.place, tmp_path / "model")
    (tmp_path / "model" / "saved_model.pb").write_bytes(b"no model")
    with pytest.raises(Failure, match="C\\+\\+ loader failed with the model: .*Error"):
        cpp_loader.attempt(tmp_path / "model", MOST_IMAGES, 1e-5)


def test_where_there_is_no_library_nothing_is_tried(exported, monkeypatch):
    monkeypatch.setattr(c_session.sys, "platform", "win32")
    assert cpp_loader.attempt(exported.place, MOST_IMAGES, 1e-5) is None


def test_the_program_needs_no_networks():
    """Each export waits for it to load."""
    root, todo, seen = pathlib.Path(snas_tf.__file__).parents[1], [cpp_loader._PROGRAM], set()
    while todo:
        module = todo.pop()
        for path in (f"{module.replace('.', '/')}.py", f"{module.replace('.', '/')}/__init__.py"):
            if module not in seen and (root / path).exists():
                seen.add(module)
                todo += [module.rpartition(".")[0], *imported(ast.parse((root / path).read_text()))]
    assert "snas_tf.serving.c_session" in seen and "snas_tf.serving.saved_model" not in seen
    assert not [module for module in seen if module.startswith(("snas_tf.networks", "snas_tf.l"))]


def imported(tree):
    """What is imported as a module is, not later nor for types alone."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            yield from (node.module, *(f"{node.module}.{each.name}" for each in node.names))
