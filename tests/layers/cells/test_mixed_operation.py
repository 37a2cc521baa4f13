# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The mixed operation is the sum of the candidates, weighted by the rows of Z."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import space
from snas_tf.layers import MixedOperation, SeparableConvolution

EDGES = 3
SHAPE = (4, 6, 5, 4)


@pytest.fixture
def images(rng):
    return tf.constant(rng.normal(size=SHAPE), tf.float32)


def build(primitives=space.PRIMITIVES, stride=1, **kwargs):
    layer = MixedOperation(primitives, EDGES, stride, **kwargs)
    layer.build((None, *SHAPE[1:]))
    return layer


def random_samples(rng, count=8):
    return tf.constant(rng.dirichlet(np.ones(count), EDGES), tf.float32)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("training", [True, False])
def test_it_is_the_weighted_sum_of_the_operations(stride, training, images, rng):
    layer, samples = build(stride=stride), random_samples(rng)
    outputs = layer(images, samples, training=training)
    assert len(outputs) == EDGES
    parts = [operation(images, training=training) for operation in layer.operations]
    for edge, output in enumerate(outputs):
        weights = samples[edge]
        expected = sum(weights[k] * part[edge] for k, part in enumerate(parts))
        np.testing.assert_allclose(output, expected, atol=1e-5)


@pytest.mark.parametrize("stride", [1, 2])
def test_the_gradient_of_z_is_the_inner_product_with_each_operation(stride, images, rng):
    """v^k = <dL/dx_j, O^k(x_i)>, and zero for `none`."""
    layer, samples = build(stride=stride), random_samples(rng)
    with tf.GradientTape() as tape:
        tape.watch(samples)
        outputs = layer(images, samples, training=True)
    upstream = [rng.normal(size=output.shape).astype("float32") for output in outputs]
    gradient = tape.gradient(outputs, samples, output_gradients=upstream)
    parts = [operation(images, training=True) for operation in layer.operations]
    expected = [[np.sum(part[edge] * upstream[edge]) for part in parts] for edge in range(EDGES)]
    np.testing.assert_allclose(gradient, expected, rtol=1e-3, atol=1e-3)
    np.testing.assert_array_equal(gradient[:, 0], np.zeros(EDGES))


@pytest.mark.parametrize("stride", [1, 2])
def test_an_edge_of_none_is_zero(stride, images):
    samples = tf.one_hot([0, 3, 0], 8)
    outputs = build(stride=stride)(images, samples, training=True)
    for edge in (0, 2):
        np.testing.assert_array_equal(outputs[edge], np.zeros(outputs[edge].shape))
    assert np.abs(outputs[1]).max() > 0


def test_some_operations_in_any_order(images, rng):
    layer, samples = build(("sep_conv_3x3", "none", "skip_connect")), random_samples(rng, 3)
    convolution, _, identity = layer.operations
    outputs = layer(images, samples, training=True)
    for edge, output in enumerate(outputs):
        expected = samples[edge, 0] * convolution(images, training=True)[edge]
        expected += samples[edge, 2] * identity(images)[edge]
        np.testing.assert_allclose(output, expected, atol=1e-5)
    assert layer.operation("sep_conv_3x3") is convolution
    assert isinstance(convolution, SeparableConvolution)


@pytest.mark.parametrize("stride", [1, 2])
def test_none_alone_gives_zeros(stride, images):
    outputs = build(("none",), stride)(images, tf.ones((EDGES, 1)), training=True)
    assert [tuple(output.shape) for output in outputs] == [
        (4, -(-6 // stride), -(-5 // stride), 4)
    ] * EDGES
    assert all(np.abs(output).max() == 0 for output in outputs)


@pytest.mark.parametrize("affine", [False, True])
def test_affine_weights_are_only_made_when_asked_for(affine):
    names = {weight.name for weight in build(affine=affine).trainable_weights}
    assert ({"gamma", "beta"} <= names) == affine


def test_bfloat16_takes_float32_samples(images, rng):
    layer, samples = build(), random_samples(rng)
    half = build(dtype="mixed_bfloat16")
    half.set_weights(layer.get_weights())
    with tf.GradientTape() as tape:
        tape.watch(samples)
        outputs = half(images, samples, training=True)
        loss = tf.add_n([tf.reduce_sum(tf.cast(output, tf.float32) ** 2) for output in outputs])
    gradient = tape.gradient(loss, samples)
    assert gradient.dtype == tf.float32 and np.isfinite(gradient).all()
    for left, right in zip(outputs, layer(images, samples, training=True), strict=True):
        assert left.dtype == tf.bfloat16
        np.testing.assert_allclose(tf.cast(left, tf.float32), right, atol=0.05)


def test_saves_and_loads(images, rng, tmp_path):
    inputs, rows = keras.Input(SHAPE[1:]), keras.Input(batch_shape=(EDGES, 8))
    model = keras.Model([inputs, rows], MixedOperation(space.PRIMITIVES, EDGES)(inputs, rows))
    batch = [images, random_samples(rng)]
    model(batch, training=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for left, right in zip(loaded(batch), model(batch), strict=True):
        np.testing.assert_array_equal(left, right)


def test_config_round_trip():
    layer = MixedOperation(("none", "skip_connect"), 2, stride=2, affine=True, name="mine")
    config = keras.saving.serialize_keras_object(layer)
    restored = keras.saving.deserialize_keras_object(config)
    assert restored.get_config() == layer.get_config()
    assert (restored.primitives, restored.stride) == (("none", "skip_connect"), 2)
