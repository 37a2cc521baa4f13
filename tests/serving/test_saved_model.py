# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is exported answers as the network does, in a process that knows nothing of snas_tf."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import ChildNetwork, Supernet, serving, space

SHAPE = (8, 8, 1)
SKELETON = space.Skeleton(num_cells=2, init_channels=4, num_classes=3, image_shape=SHAPE)
GENOTYPE = space.Genotype(
    normal=(space.Connection(0, 2, "sep_conv_3x3"), space.Connection(2, 3, "max_pool_3x3")),
    reduction=(space.Connection(1, 2, "dil_conv_5x5"), space.Connection(0, 3, "skip_connect")),
    num_nodes=2,
)


@pytest.fixture
def network():
    return ChildNetwork(GENOTYPE, SKELETON)


@pytest.fixture
def normalization():
    layer = keras.layers.Normalization(mean=[40.0], variance=[900.0], dtype="float32")
    layer.build((None, *SHAPE))
    return layer


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (5, *SHAPE), dtype=np.uint8)


def test_another_process_gets_the_same_answers(network, normalization, images, tmp_path):
    place, difference = serving.export(network, normalization, tmp_path / "export", images)
    assert place == tmp_path / "export" / "1" and difference <= serving.TOLERANCE
    np.save(tmp_path / "images.npy", images)
    program = (
        "import json, sys, numpy, tensorflow as tf;"
        "loaded = tf.saved_model.load(sys.argv[1]).signatures['serving_default'];"
        "answers = loaded(image=tf.constant(numpy.load(sys.argv[2])));"
        "print(json.dumps({name: value.numpy().tolist() for name, value in answers.items()}));"
        "assert 'snas_tf' not in sys.modules"
    )
    words = [sys.executable, "-c", program, str(place), str(tmp_path / "images.npy")]
    answer = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, timeout=120)
    assert answer.returncode == 0, answer.stderr
    answers = json.loads(answer.stdout)
    logits = network(normalization(images)).numpy()
    np.testing.assert_allclose(answers["logits"], logits, atol=1e-5)
    np.testing.assert_allclose(answers["probabilities"], tf.nn.softmax(logits), atol=1e-5)
    np.testing.assert_array_equal(answers["class_id"], logits.argmax(-1))


def test_any_batch_size_is_served_and_other_images_are_refused(
    network, normalization, images, tmp_path
):
    place, _ = serving.export(network, normalization, tmp_path, images)
    signature = tf.saved_model.load(str(place)).signatures[serving.SIGNATURE]
    for size in (1, 3):
        assert signature(image=tf.constant(images[:size]))["class_id"].shape == (size,)
    for wrong in (images[0], images[:, :4], images.astype("float32")):
        with pytest.raises((ValueError, TypeError, tf.errors.InvalidArgumentError)):
            signature(image=tf.constant(wrong))


def test_the_guard_against_other_ranks_is_in_the_graph(network, normalization, images, tmp_path):
    place, _ = serving.export(network, normalization, tmp_path, images)
    graph = tf.saved_model.load(str(place)).signatures[serving.SIGNATURE].graph
    functions = graph.as_graph_def().library.function
    operations = {node.op for function in functions for node in function.node_def}
    assert "EnsureShape" in operations
    assert not [name for name in operations if "Random" in name]


def test_versions_count_up_and_drafts_are_no_versions(network, normalization, images, tmp_path):
    (tmp_path / ".7.123").mkdir()
    (tmp_path / "notes").mkdir()
    for version in (1, 2):
        place, _ = serving.export(network, normalization, tmp_path, images)
        assert place.name == str(version)
    assert serving.versions(tmp_path) == [1, 2]
    assert serving.versions(tmp_path / "nowhere") == []


def test_an_auxiliary_head_is_left_out(normalization, images, tmp_path):
    skeleton = space.Skeleton(num_cells=3, init_channels=4, num_classes=3, image_shape=(32, 32, 1))
    network = ChildNetwork(GENOTYPE, skeleton, auxiliary=True)
    images = np.zeros((2, 32, 32, 1), np.uint8)
    layer = keras.layers.Rescaling(1 / 255)
    layer.build(images.shape)
    place, _ = serving.export(network, layer, tmp_path, images)
    loaded = tf.saved_model.load(str(place)).signatures[serving.SIGNATURE]
    outputs = loaded(image=tf.constant(images))
    assert set(outputs) == {"class_id", "probabilities", "logits"}
    np.testing.assert_allclose(outputs["logits"], network(layer(images))["logits"], atol=1e-5)


def test_a_network_that_answers_otherwise_is_not_exported(network, images, tmp_path):
    class Unsteady(keras.layers.Layer):
        """Answers otherwise in every call."""

        def call(self, images):
            microseconds = tf.math.floormod(1e6 * tf.timestamp(), 997.0)
            return tf.sin(tf.cast(images, tf.float32) * tf.cast(microseconds, tf.float32))

    unsteady = Unsteady()
    unsteady.build(images.shape)
    with pytest.raises(RuntimeError, match="nothing was exported"):
        serving.export(network, unsteady, tmp_path / "export", images)
    assert list((tmp_path / "export").iterdir()) == []


def test_a_supernet_is_refused(normalization, images, tmp_path):
    supernet = Supernet(space.CellSpace(num_nodes=2), SKELETON)
    with pytest.raises(TypeError, match="Only a child network"):
        serving.export(supernet, normalization, tmp_path / "export", images)
    assert not (tmp_path / "export").exists()
