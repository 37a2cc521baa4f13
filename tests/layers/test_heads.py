# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Classifier and auxiliary head, stage by stage in TensorFlow's own operations."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf.layers import AuxiliaryHead, Classifier

every_stem = pytest.mark.parametrize("stem", ["cifar", "imagenet"])


def randomized(layer, shape, rng):
    layer.build((None, *shape[1:]))
    for weight in layer.weights:
        weight.assign(rng.uniform(0.1, 1.0, weight.shape) * rng.choice([-1, 1], weight.shape))
        if "variance" in weight.path:
            weight.assign(np.abs(weight))
    return layer


def weights_of(layer):
    return {weight.path.removeprefix(f"{layer.path}/"): weight.value for weight in layer.weights}


def test_the_classifier_averages_and_multiplies(rng):
    layer = randomized(Classifier(5), (3, 4, 2, 6), rng)
    images = rng.normal(size=(3, 4, 2, 6)).astype("float32")
    weights = weights_of(layer)
    expected = images.mean((1, 2)) @ weights["dense/kernel"] + weights["dense/bias"]
    np.testing.assert_allclose(layer(images), expected, rtol=1e-4, atol=1e-5)
    assert layer.compute_output_shape(images.shape) == (3, 5)
    assert layer.count_params() == 6 * 5 + 5


def auxiliary(images, layer, stem):
    """The head of the released code in inference, weights in the order of their creation."""
    weights = [weight.value for weight in layer.weights]
    tensor = tf.nn.avg_pool2d(tf.nn.relu(images), 5, 3 if stem == "cifar" else 2, "VALID")
    tensor = normalized(tf.nn.conv2d(tensor, weights[0], 1, "VALID"), weights[1:5])
    tensor = tf.nn.conv2d(tf.nn.relu(tensor), weights[5], 1, "VALID")
    if stem == "cifar":
        tensor = normalized(tensor, weights[6:10])
    features = tf.reduce_mean(tf.nn.relu(tensor), (1, 2))
    return features @ weights[-2] + weights[-1]


def normalized(tensor, weights):
    gamma, beta, mean, variance = weights
    return tf.nn.batch_normalization(tensor, mean, variance, beta, gamma, 1e-5)


@every_stem
@pytest.mark.parametrize("size", [8, 11])
def test_the_auxiliary_head_is_that_of_the_released_code(stem, size, rng):
    shape = (2, size, size, 6)
    layer = randomized(AuxiliaryHead(5, stem), shape, rng)
    images = rng.normal(size=shape).astype("float32")
    expected = auxiliary(images, layer, stem)
    np.testing.assert_allclose(layer(images), expected, rtol=1e-3, atol=1e-2)
    assert layer.compute_output_shape(shape) == (2, 5)


@every_stem
def test_parameters_of_the_auxiliary_head(stem):
    layer = AuxiliaryHead(10, stem)
    layer.build((None, 8, 8, 144))
    created = sum(int(np.prod(weight.shape)) for weight in layer.trainable_weights)
    second = 2 * 768 if stem == "cifar" else 0
    assert created == 144 * 128 + 2 * 128 + 4 * 128 * 768 + second + 768 * 10 + 10


@every_stem
def test_training_updates_the_statistics(stem, rng):
    layer = AuxiliaryHead(3, stem)
    images = rng.normal(size=(4, 8, 8, 6)).astype("float32")
    layer(images)
    before = [weight.numpy() for weight in layer.non_trainable_weights]
    layer(images, training=False)
    for weight, value in zip(layer.non_trainable_weights, before, strict=True):
        np.testing.assert_array_equal(weight, value)
    layer(images, training=True)
    assert len(before) == (4 if stem == "cifar" else 2)
    for weight, value in zip(layer.non_trainable_weights, before, strict=True):
        assert (weight.numpy() != value).any()


@pytest.mark.parametrize(("stem", "least"), [("cifar", 8), ("imagenet", 7)])
def test_the_smallest_image(stem, least):
    AuxiliaryHead(3, stem).build((None, least, least, 4))
    with pytest.raises(ValueError, match=f"at least {least}x{least} pixels.*{least}x{least - 1}"):
        AuxiliaryHead(3, stem).build((None, least, least - 1, 4))


@pytest.mark.parametrize("head", [Classifier(3), AuxiliaryHead(3)], ids=["classifier", "auxiliary"])
def test_logits_are_float32_under_mixed_precision(head, rng):
    keras.config.set_dtype_policy("mixed_bfloat16")
    layer = type(head).from_config({**head.get_config(), "dtype": "mixed_bfloat16"})
    assert layer(tf.zeros((2, 8, 8, 4), tf.bfloat16)).dtype == tf.float32
    assert {weight.dtype for weight in layer.weights} == {"float32"}


def test_a_float32_classifier_rounds_nothing_under_a_mixed_policy(rng):
    images = rng.normal(size=(3, 2, 2, 4)).astype("float32")
    layer = randomized(Classifier(5), images.shape, rng)
    keras.config.set_dtype_policy("mixed_bfloat16")
    mixed = Classifier(5)
    mixed.build(images.shape)
    mixed.set_weights(layer.get_weights())
    np.testing.assert_array_equal(mixed(images), layer(images))


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("build", [Classifier, AuxiliaryHead])
def test_saves_and_loads(build, dtype, rng, tmp_path):
    inputs = keras.Input((8, 8, 4))
    model = keras.Model(inputs, build(3, dtype=dtype)(inputs))
    images = rng.normal(size=(4, 8, 8, 4)).astype("float32")
    model(images, training=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(images), model(images))
    assert loaded.layers[-1].get_config() == model.layers[-1].get_config()
