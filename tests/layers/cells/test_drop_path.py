# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Drop path: right on average, reproducible, and absent outside training."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf.layers import DropPath, DropPathFactors
from snas_tf.layers.kept_paths import keep_factors

SEED = tf.constant([1, 2], tf.int32)


def build(num_paths=4, rate=0.5, **kwargs):
    layer = DropPathFactors(num_paths, rate, **kwargs)
    layer.build((None, 2))
    return layer


def batch(size=64):
    return tf.zeros((size, 2))


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.5, 0.9])
def test_factors_have_mean_one_and_drop_at_the_rate(rate):
    factors = keep_factors(SEED, tf.constant(rate), (tf.constant(20_000), 10)).numpy()
    assert factors.shape == (20_000, 10) and factors.dtype == np.float32
    deviation = np.sqrt(rate * (1 - rate) / factors.size)
    assert abs((factors == 0).mean() - rate) <= 4 * deviation
    np.testing.assert_allclose(factors[factors > 0], 1 / (1 - rate), rtol=1e-6)
    assert abs(factors.mean() - 1) <= 4 * deviation / (1 - rate) + 1e-6


def test_examples_and_paths_drop_independently():
    kept = keep_factors(SEED, tf.constant(0.5), (tf.constant(20_000), 4)).numpy() > 0
    for other in (np.roll(kept, 1, axis=0), np.roll(kept, 1, axis=1)):
        assert abs((kept == other).mean() - 0.5) < 0.01


def test_the_rate_rises_linearly_to_its_greatest_value():
    layer = build(num_paths=1_000, rate=0.4, ramp_steps=4)
    rates = [(layer(batch(), training=True).numpy() == 0).mean() for _ in range(7)]
    np.testing.assert_allclose(rates, [0.0, 0.1, 0.2, 0.3, 0.4, 0.4, 0.4], atol=0.01)
    assert rates[0] == 0 and layer.step.numpy() == 7


def test_without_a_ramp_the_rate_stands_from_the_start():
    layer = build(num_paths=1_000, rate=0.4)
    factors = layer(batch(), training=True).numpy()
    np.testing.assert_allclose((factors == 0).mean(), 0.4, atol=0.01)


def test_the_same_seed_and_step_give_the_same_bits():
    first, second, other = build(seed=5), build(seed=5), build(seed=6)
    draws = [[layer(batch(), training=True).numpy() for _ in range(2)] for layer in (first, second)]
    np.testing.assert_array_equal(draws[0], draws[1])
    assert (draws[0][0] != draws[0][1]).any()
    assert (other(batch(), training=True) != draws[0][0]).numpy().any()
    first.step.assign(1)
    np.testing.assert_array_equal(first(batch(), training=True), draws[0][1])


def test_nothing_drops_and_no_step_counts_outside_training():
    layer = build(rate=0.9)
    for factors in (layer(batch()), layer(batch(), training=False)):
        np.testing.assert_array_equal(factors, np.ones((64, 4)))
    assert layer.step.numpy() == 0
    images = tf.random.normal((2, 3, 3, 1))
    path = DropPath(1)
    for kwargs in ({}, {"training": False}):
        np.testing.assert_array_equal(path(images, tf.zeros((2, 4)), **kwargs), images)


def test_a_path_takes_its_own_factors_example_by_example(rng):
    images = tf.constant(rng.normal(size=(3, 2, 2, 5)), tf.float32)
    factors = tf.constant([[9.0, 0.0], [9.0, 2.0], [9.0, 1.5]])
    output = DropPath(1)(images, factors, training=True)
    expected = images * np.array([0.0, 2.0, 1.5]).reshape(3, 1, 1, 1)
    np.testing.assert_allclose(output, expected, rtol=1e-6)


def test_bfloat16_stays_bfloat16():
    images = tf.ones((2, 2, 2, 1), tf.bfloat16)
    output = DropPath(0, dtype="mixed_bfloat16")(images, tf.fill((2, 1), 1.25), training=True)
    assert output.dtype == tf.bfloat16
    np.testing.assert_array_equal(tf.cast(output, tf.float32), np.full((2, 2, 2, 1), 1.25))


def test_replicas_drop_different_paths_and_count_one_step(two_replicas):
    with two_replicas.scope():
        layer = build()

    @tf.function
    def step():
        return two_replicas.run(lambda: layer(batch(), training=True))

    draws = [two_replicas.experimental_local_results(step()) for _ in range(2)]
    assert (draws[0][0] != draws[0][1]).numpy().any()
    assert layer.step.numpy() == 2
    for step, (first, _) in enumerate(draws):
        alone = build()
        alone.step.assign(step)
        np.testing.assert_array_equal(alone(batch(), training=True), first)


def test_a_loaded_model_goes_on_where_the_saved_one_stood(tmp_path):
    images = keras.Input((2, 2, 3))
    factors = DropPathFactors(4, 0.5, ramp_steps=3, seed=7)(images)
    model = keras.Model(images, DropPath(2)(images, factors))
    batch = np.ones((64, 2, 2, 3), "float32")
    for _ in range(3):
        model(batch, training=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    expected = model(batch, training=True)
    assert 0 < (expected == 0).numpy().mean() < 1
    np.testing.assert_array_equal(loaded(batch, training=True), expected)
    configs = [[layer.get_config() for layer in network.layers] for network in (model, loaded)]
    assert configs[0] == configs[1]


@pytest.mark.parametrize("rate", [-0.1, 1.0, 1.5])
def test_an_impossible_rate_is_refused(rate):
    with pytest.raises(ValueError, match=rf"`rate` must be in \[0, 1\). Received: {rate}"):
        DropPathFactors(3, rate)
