# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a server computes: the network's answers, for right requests only."""

import copy

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import ChildNetwork, Supernet, serving, space
from tests.serving.conftest import GENOTYPE, MOST_IMAGES, SKELETON


def test_pixels_get_the_answers_of_the_network(served, examples):
    answer = served.signatures()[serving.IMAGE_SIGNATURE](tf.constant(examples))
    logits = served.network(served.normalization(examples)).numpy()
    np.testing.assert_allclose(answer["logits"], logits, atol=1e-5)
    np.testing.assert_allclose(answer["probabilities"], tf.nn.softmax(logits), atol=1e-6)
    np.testing.assert_array_equal(answer["class_id"], logits.argmax(-1))
    names = [served.class_names[k].encode() for k in logits.argmax(-1)]
    np.testing.assert_array_equal(answer["class_name"], names)
    assert {key: (value.dtype.name, value.shape.rank) for key, value in answer.items()} == {
        "class_id": ("int64", 1),
        "class_name": ("string", 1),
        "probabilities": ("float32", 2),
        "logits": ("float32", 2),
    }


@pytest.mark.slow
def test_files_get_the_same_bits_as_their_pixels(served, examples):
    signatures = served.signatures()
    files = tf.constant([tf.io.encode_png(image).numpy() for image in examples])
    of_files = signatures[serving.BYTES_SIGNATURE](files)
    of_pixels = signatures[serving.IMAGE_SIGNATURE](tf.constant(examples))
    for key in of_pixels:
        np.testing.assert_array_equal(of_files[key], of_pixels[key])


@pytest.mark.slow
def test_files_of_other_sizes_and_colours_are_framed(served, examples):
    large = np.repeat(np.repeat(np.tile(examples[:1], (1, 1, 1, 3)), 40, axis=1), 30, axis=2)[0]
    files = [tf.io.encode_jpeg(large, quality=100), tf.io.encode_png(large)]
    answer = served.signatures()[serving.BYTES_SIGNATURE](tf.stack(files))
    framed = served.frame(tf.constant(large[..., :1]))
    assert framed.shape == SKELETON.image_shape
    expected = served.network(served.normalization(framed[tf.newaxis]))[0]
    np.testing.assert_allclose(answer["logits"][1], expected, atol=1e-5)
    np.testing.assert_allclose(answer["logits"][0], expected, atol=0.1)


@pytest.mark.parametrize("size", [1, 3, MOST_IMAGES])
def test_any_batch_up_to_the_most_is_answered_image_by_image(served, digits, size):
    serve = served.signatures()[serving.IMAGE_SIGNATURE]
    images = digits.train.images[:size]
    alone = serve(tf.constant(images[-1:]))["logits"][0]
    np.testing.assert_allclose(serve(tf.constant(images))["logits"][-1], alone, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("size", [0, MOST_IMAGES + 1])
def test_no_image_and_too_many_are_refused(served, size):
    images = tf.zeros((size, *SKELETON.image_shape), tf.uint8)
    files = tf.repeat(tf.io.encode_png(tf.zeros((8, 8, 1), tf.uint8)), size)
    for name, batch in ((serving.IMAGE_SIGNATURE, images), (serving.BYTES_SIGNATURE, files)):
        with pytest.raises(tf.errors.InvalidArgumentError, match=f"1 to {MOST_IMAGES} images"):
            served.signatures()[name](batch)


@pytest.mark.slow
def test_every_signature_begins_with_the_check_of_its_shape(served):
    for name, function in served.signatures().items():
        nodes = function.get_concrete_function().graph.as_graph_def().node
        users = [node.op for node in nodes if any("image" in each for each in node.input)]
        assert users and users[0] == "EnsureShape" and set(users) == {"EnsureShape"}, name


def test_the_logits_are_float32_whatever_the_policy(parts, examples):
    import keras

    keras.config.set_dtype_policy("mixed_bfloat16")
    network = ChildNetwork(GENOTYPE, SKELETON)
    mixed = serving.Served(**{**parts, "network": network})
    answer = mixed.signatures()[serving.IMAGE_SIGNATURE](tf.constant(examples))
    assert answer["logits"].dtype == answer["probabilities"].dtype == tf.float32
    np.testing.assert_allclose(tf.reduce_sum(answer["probabilities"], 1), 1, atol=1e-5)


@pytest.mark.slow
def test_what_cannot_be_served_is_refused(parts):
    supernet = Supernet(space.CellSpace(num_nodes=2), SKELETON)
    with pytest.raises(TypeError, match="Only a child network .* Received: Supernet"):
        serving.Served(**{**parts, "network": supernet})
    clone = keras.models.clone_model(parts["network"])
    with pytest.raises(TypeError, match="Received: Functional.* use `copy.deepcopy.child.`"):
        serving.Served(**{**parts, "network": clone})
    serving.Served(**{**parts, "network": copy.deepcopy(parts["network"])})
    with pytest.raises(ValueError, match="10 classes. Received: 2"):
        serving.Served(**{**parts, "class_names": ("a", "b")})
    with pytest.raises(ValueError, match="at least 1. Received: 0"):
        serving.Served(**{**parts, "most_images": 0})
    skeleton = space.Skeleton(num_cells=3, init_channels=4, num_classes=10, image_shape=(32, 32, 1))
    auxiliary = ChildNetwork(GENOTYPE, skeleton, auxiliary=True)
    with pytest.raises(ValueError, match="without_auxiliary"):
        serving.Served(**{**parts, "network": auxiliary})
