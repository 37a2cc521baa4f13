# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Batch normalisation with folded weights equals the weighted batch normalisation."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf.layers import BatchNormalization
from tests import numpy_operations

EDGES = 3
SHAPE = (4, 5, 3, 2)

every_affine = pytest.mark.parametrize("affine", [False, True])
every_sharing = pytest.mark.parametrize("shared", [False, True])


def build(rng, shared=False, affine=True, num_edges=EDGES, **kwargs):
    layer = BatchNormalization(num_edges, affine, name="normalization", **kwargs)
    layer.build([(None, *SHAPE[1:])] * (1 if shared else num_edges))
    for weight in layer.weights:
        weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    return layer


def tensors(rng, shared=False):
    count = 1 if shared else EDGES
    return [tf.constant(rng.normal(2, 3, SHAPE), tf.float32) for _ in range(count)]


def plain(layer, inputs, edge_weights, training):
    """Z * (gamma * x_hat + beta), operation by operation."""
    outputs = []
    for edge in range(EDGES):
        row = 0 if len(inputs) == 1 else edge
        tensor = inputs[row]
        mean, variance = tf.nn.moments(tensor, (0, 1, 2))
        if not training:
            mean, variance = layer.moving_mean[row], layer.moving_variance[row]
        output = (tensor - mean) / tf.sqrt(variance + 1e-5)
        if layer.affine:
            output = layer.gamma.value[edge] * output + layer.beta.value[edge]
        outputs.append(edge_weights[edge] * output)
    return outputs


@every_sharing
@every_affine
@pytest.mark.parametrize("training", [True, False])
def test_values_and_gradients_are_those_of_the_weighted_normalisation(
    shared, affine, training, rng
):
    layer = build(rng, shared, affine)
    inputs = tensors(rng, shared)
    edge_weights = tf.constant([0.2, 0.7, 0.0])
    upstream = [tf.constant(rng.normal(size=SHAPE), tf.float32) for _ in range(EDGES)]

    def values_and_gradients(function):
        with tf.GradientTape() as tape:
            tape.watch([*inputs, edge_weights])
            outputs = function()
            loss = tf.add_n([tf.reduce_sum(a * b) for a, b in zip(outputs, upstream, strict=True)])
        variables = [weight.value for weight in layer.trainable_weights]
        return [*outputs, *tape.gradient(loss, [*inputs, edge_weights, *variables])]

    expected = values_and_gradients(lambda: plain(layer, inputs, edge_weights, training))
    found = values_and_gradients(lambda: layer(inputs, edge_weights, training=training))
    assert len(layer.trainable_weights) == (2 if affine else 0)
    for left, right in zip(found, expected, strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-4, atol=2e-4)


@every_sharing
def test_without_edge_weights_they_are_ones(shared, rng):
    layer, inputs = build(rng, shared), tensors(rng, shared)
    ones = layer(inputs, tf.ones(EDGES), training=False)
    for left, right in zip(layer(inputs, training=False), ones, strict=True):
        np.testing.assert_array_equal(left, right)


@every_sharing
@pytest.mark.parametrize("momentum", [0.9, 0.5, 0.0])
def test_running_statistics_follow_the_recurrence_with_unbiased_variance(shared, momentum, rng):
    layer = build(rng, shared, momentum=momentum)
    mean, variance = layer.moving_mean.numpy(), layer.moving_variance.numpy()
    assert mean.shape == (1 if shared else EDGES, SHAPE[-1])
    for _ in range(3):
        inputs = tensors(rng, shared)
        layer(inputs, tf.constant([0.2, 0.0, 0.5]), training=True)
        batch = np.stack(inputs)
        mean = momentum * mean + (1 - momentum) * batch.mean((1, 2, 3))
        unbiased = batch.reshape(len(batch), -1, SHAPE[-1]).var(1, ddof=1)
        variance = momentum * variance + (1 - momentum) * unbiased
        np.testing.assert_allclose(layer.moving_mean, mean, rtol=1e-4)
        np.testing.assert_allclose(layer.moving_variance, variance, rtol=1e-4)


def test_inference_changes_no_statistics_and_uses_the_running_ones(rng):
    layer, inputs = build(rng), tensors(rng)
    before = layer.get_weights()
    outputs = layer(inputs)
    for training in (False, None):
        for left, right in zip(layer(inputs, training=training), outputs, strict=True):
            np.testing.assert_array_equal(left, right)
    for left, right in zip(layer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(left, right)
    for edge in range(EDGES):
        expected = numpy_operations.batch_norm(
            inputs[edge].numpy(),
            *(
                weight.numpy()[edge]
                for weight in (layer.moving_mean, layer.moving_variance, layer.gamma, layer.beta)
            ),
        )
        np.testing.assert_allclose(outputs[edge], expected, rtol=1e-4, atol=1e-4)


@every_affine
def test_the_start_is_the_identity_in_inference(affine, rng):
    layer = BatchNormalization(1, affine)
    (tensor,) = tensors(rng, shared=True)
    np.testing.assert_allclose(layer([tensor])[0], tensor, rtol=1e-4)
    assert len(layer.trainable_weights) == (2 if affine else 0)
    assert len(layer.non_trainable_weights) == 2


@every_sharing
def test_a_constant_image_is_normalised_to_the_shift(shared, rng):
    """What the BN behind an all-`none` node sees; a single pixel has no unbiased variance."""
    layer = build(rng, shared)
    for size in ((4, 5, 3), (1, 1, 1)):
        inputs = [tf.fill((*size, 2), 3.0)] * (1 if shared else EDGES)
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = layer(inputs, training=True)
        for edge, output in enumerate(outputs):
            expected = np.broadcast_to(layer.beta.numpy()[edge], output.shape)
            np.testing.assert_allclose(output, expected, atol=2e-3)
        for tensor in [*tape.gradient(outputs, inputs), *layer.weights]:
            assert np.isfinite(tensor).all()


@every_sharing
def test_bfloat16_keeps_float32_statistics(shared, rng):
    layer = build(rng, shared)
    half = BatchNormalization(EDGES, dtype="mixed_bfloat16")
    half.build([(None, *SHAPE[1:])] * (1 if shared else EDGES))
    half.set_weights(layer.get_weights())
    inputs = tensors(rng, shared)
    rounded = [tf.cast(tensor, tf.bfloat16) for tensor in inputs]
    edge_weights = tf.constant([0.2, 0.7, 1.0])
    for left, right in zip(
        half(rounded, edge_weights, training=True),
        layer(inputs, edge_weights, training=True),
        strict=True,
    ):
        assert left.dtype == tf.bfloat16
        np.testing.assert_allclose(tf.cast(left, tf.float32), right, atol=0.08)
    assert {weight.dtype for weight in half.weights} == {"float32"}
    np.testing.assert_allclose(half.moving_mean, layer.moving_mean, rtol=0.02)


def test_config_round_trip():
    layer = BatchNormalization(3, affine=False, momentum=0.5, name="mine")
    config = keras.saving.serialize_keras_object(layer)
    restored = keras.saving.deserialize_keras_object(config)
    assert restored.get_config() == layer.get_config()
    assert (restored.num_edges, restored.affine, restored.momentum) == (3, False, 0.5)
