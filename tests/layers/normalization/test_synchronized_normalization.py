# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Two replicas normalise their parts of a batch as one device normalises the whole."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf.layers import BatchNormalization, synchronize
from snas_tf.layers.normalization import synchronized_normalization

EDGES, SHAPE = 3, (7, 5, 3, 2)
WEIGHTS = (0.2, 0.7, 1.3)
every_sharing = pytest.mark.parametrize("shared", [False, True])


def build(shared=False, **kwargs):
    layer = BatchNormalization(EDGES, name="normalization", **kwargs)
    layer.build([(None, *SHAPE[1:])] * (1 if shared else EDGES))
    return layer


def arrays(rng, shared=False, mean=2.0):
    """Inputs, what arrives from above, and weights of the layer."""
    inputs = rng.normal(mean, 3, (1 if shared else EDGES, *SHAPE)).astype("float32")
    upstream = rng.normal(size=(EDGES, *SHAPE)).astype("float32")
    return inputs, upstream, rng.uniform(0.5, 1.5, (2, EDGES, SHAPE[-1])).astype("float32")


def outputs_and_gradients(layer, inputs, upstream):
    """Outputs and gradients of the inputs, then those of Z and the layer's weights.

    The sum over the images of the outputs times `upstream` is the loss.
    """
    inputs = tf.unstack(tf.cast(inputs, layer.compute_dtype))
    z = tf.constant(WEIGHTS)
    with tf.GradientTape() as tape:
        tape.watch([*inputs, z])
        outputs = layer(inputs, z, training=True)
        loss = tf.reduce_sum(tf.cast(tf.stack(outputs), tf.float32) * upstream)
    of_inputs, of_weights = tape.gradient(
        loss, (inputs, [z, *[weight.value for weight in layer.trainable_weights]])
    )
    return (tf.stack(outputs), tf.stack(of_inputs)), of_weights


def on_replicas(strategy, layer, inputs, upstream, cut, in_graph):
    """The same on two replicas, of which the first gets `cut` images."""
    parts = [slice(None, cut), slice(cut, None)]

    def values(array):
        return strategy.experimental_distribute_values_from_function(
            lambda context: tf.constant(array[:, parts[context.replica_id_in_sync_group]])
        )

    def run(inputs, upstream):
        return strategy.run(lambda *batch: outputs_and_gradients(layer, *batch), (inputs, upstream))

    run = tf.function(run) if in_graph else run
    of_images, of_weights = run(values(inputs), values(upstream))
    local = strategy.experimental_local_results
    whole = [np.concatenate([tf.cast(v, tf.float32) for v in local(x)], 1) for x in of_images]
    return whole, [np.add(*local(x)) for x in of_weights]


@every_sharing
@pytest.mark.parametrize("cut", [3, 6])
def test_values_gradients_and_statistics_are_those_of_the_whole_batch(
    shared, cut, two_replicas, rng
):
    inputs, upstream, weights = arrays(rng, shared)
    with two_replicas.scope():
        layer = build(shared, synchronized=True)
    alone = build(shared)
    for one in (layer, alone):
        for variable, value in zip(one.trainable_weights, weights, strict=True):
            variable.assign(value)
    for _ in range(2):  # the second time from other running statistics
        expected = outputs_and_gradients(alone, inputs, upstream)
        found = on_replicas(two_replicas, layer, inputs, upstream, cut, in_graph=True)
        for left, right in zip([*found[0], *found[1]], [*expected[0], *expected[1]], strict=True):
            np.testing.assert_allclose(left, right, rtol=1e-4, atol=1e-5)
    for left, right in zip(layer.weights, alone.weights, strict=True):
        parts = two_replicas.experimental_local_results(left.value)
        np.testing.assert_array_equal(*parts)
        np.testing.assert_allclose(parts[0], right, rtol=1e-5, err_msg=left.path)


def test_a_large_mean_costs_no_digits_once_it_is_known(two_replicas, rng):
    """The plain mean of squares of 1e4 +- 3 has no digit left for a variance of 9."""
    inputs, upstream, _ = arrays(rng, mean=1e4)
    with two_replicas.scope():
        layer = build(synchronized=True)
    layer.moving_mean.assign(tf.fill(layer.moving_mean.shape, 1e4 - 50.0))
    alone = build()
    found, _ = on_replicas(two_replicas, layer, inputs, upstream, 4, in_graph=False)
    expected, _ = outputs_and_gradients(alone, inputs, upstream)
    for left, right in zip(found, expected, strict=True):
        np.testing.assert_allclose(left, right, rtol=5e-3, atol=5e-3)
    np.testing.assert_allclose(layer.moving_variance, alone.moving_variance, rtol=2e-3)


def test_bfloat16(two_replicas, rng):
    inputs, upstream, _ = arrays(rng)
    inputs = inputs.astype(tf.bfloat16.as_numpy_dtype)
    with two_replicas.scope():
        layer = build(synchronized=True, dtype="mixed_bfloat16")
    found = on_replicas(two_replicas, layer, inputs, upstream, 4, in_graph=False)
    expected = outputs_and_gradients(build(), inputs.astype("float32"), upstream)
    for left, right in zip(found[0], expected[0], strict=True):
        np.testing.assert_allclose(left, right, atol=0.02)
    for left, right in zip(found[1], expected[1], strict=True):
        np.testing.assert_allclose(left, right, rtol=0.02, atol=0.2)


def test_all_edges_cross_at_once(two_replicas, rng, monkeypatch):
    """Once forward and once backward; traced, so that each is counted for both replicas."""
    inputs, upstream, _ = arrays(rng)
    with two_replicas.scope():
        layer = build(synchronized=True)
    crossings = []
    total = synchronized_normalization._total
    monkeypatch.setattr(
        synchronized_normalization, "_total", lambda t: crossings.append(t.shape) or total(t)
    )
    on_replicas(two_replicas, layer, inputs, upstream, 4, in_graph=True)
    assert sorted(shape[0] for shape in crossings) == [2 * EDGES] * 2 + [2 * EDGES + 1] * 2


@pytest.mark.parametrize("training", [True, False])
def test_alone_it_is_the_ordinary_normalisation(training, rng):
    inputs, _, _ = arrays(rng)
    layers = [build(), build(synchronized=True)]
    outputs = [
        layer(tf.unstack(inputs), tf.constant(WEIGHTS), training=training) for layer in layers
    ]
    for left, right in zip(*outputs, strict=True):
        np.testing.assert_array_equal(left, right)
    for left, right in zip(*(layer.weights for layer in layers), strict=True):
        np.testing.assert_array_equal(left, right)


def test_config_round_trip():
    config = keras.saving.serialize_keras_object(build(synchronized=True))
    assert keras.saving.deserialize_keras_object(config).synchronized


def test_a_network_is_synchronised_with_all_its_layers(two_replicas):
    def network():
        inputs = keras.Input((4, 4, 2))
        (outputs,) = BatchNormalization(name="ours")([inputs])
        return keras.Model(inputs, keras.layers.BatchNormalization(name="theirs")(outputs))

    alone = network()
    with two_replicas.scope():
        shared = network()
        synchronize(shared)
    synchronize(alone)
    assert shared.get_layer("ours").synchronized and shared.get_layer("theirs").synchronized
    # Keras's takes another formula for it, which rounds in another way even with one device.
    assert alone.get_layer("ours").synchronized and not alone.get_layer("theirs").synchronized
