# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The units of any Keras model, and the kernel of their codes, against NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from snas_tf.errors import InvalidInput
from snas_tf.evaluation.zero_cost import activation_codes

BATCH = 6


def found(model, images, training=True):
    """The kernel and the number of units."""
    codes = activation_codes.ActivationCodes()
    return codes.kernel(codes.call(model, tf.constant(images), training=training))


def by_hand(tensors):
    """The units on which two inputs agree, counted."""
    bits = np.concatenate([np.reshape(tensor, (BATCH, -1)) > 0 for tensor in tensors], axis=1)
    return (bits[:, None] == bits[None]).sum(-1), bits.shape[1]


def alone(*inner):
    return keras.Sequential([keras.Input((5,)), layers.Dense(7, bias_initializer="normal"), *inner])


@pytest.fixture
def images(rng):
    return rng.normal(size=(BATCH, 5)).astype("float32")


RECTIFIED = {
    "layer": layers.ReLU,
    "activation": lambda: layers.Activation("relu"),
    "leaky": lambda: layers.LeakyReLU(0.1),
    "capped": lambda: layers.ReLU(max_value=6.0),
    "capped elsewhere": lambda: layers.ReLU(max_value=2.0),
    "leaky and capped": lambda: layers.ReLU(max_value=2.0, negative_slope=0.1),
    "exponential": lambda: layers.Activation("elu"),
    "self-normalising": lambda: layers.Activation("selu"),
    "parametric": lambda: layers.PReLU(alpha_initializer="ones"),
    "maximum": lambda: layers.Lambda(lambda x: keras.ops.maximum(0.0, x)),
    "plain call": lambda: layers.Lambda(keras.ops.relu),
    "inner function": lambda: layers.Lambda(tf.function(tf.nn.relu)),
    "nested": lambda: keras.Sequential([keras.Input((7,)), layers.ReLU()]),
}


@pytest.mark.parametrize("name", RECTIFIED)
def test_every_way_of_writing_it_has_the_same_kernel(name, images):
    model = alone(RECTIFIED[name]())
    expected, count = by_hand([model.layers[0](images)])
    kernel, units = found(model, images)
    np.testing.assert_array_equal(kernel, expected)
    assert units == count == 7
    np.testing.assert_array_equal(np.diag(kernel), np.full(BATCH, 7))


def test_several_tensors_add_up_and_a_unit_used_twice_counts_once(images):
    inputs = keras.Input((5,))
    one = layers.Dense(7, activation="relu", name="one")(inputs)
    two = layers.Dense(4, activation="relu", name="two")(one)
    model = keras.Model(inputs, layers.Dense(2)(layers.Concatenate()([one, two, one])))
    first = model.get_layer("one")(images)
    expected, count = by_hand([first, model.get_layer("two")(first)])
    kernel, units = found(model, images)
    np.testing.assert_array_equal(kernel, expected)
    assert units == count == 11
    assert np.linalg.eigvalsh(kernel).min() > -1e-9


def test_a_subclass_is_as_any_other_and_units_that_lead_nowhere_do_not_count(images):
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(7, bias_initializer="normal")

        def call(self, inputs, training=False):
            hidden = self.dense(inputs)
            tf.nn.relu(hidden - 1.0)
            return tf.reduce_sum(tf.nn.relu(hidden), -1)

    model = Own()
    model(images)
    np.testing.assert_array_equal(found(model, images)[0], by_hand([model.dense(images)])[0])


def test_more_units_than_float32_can_count_are_taken_in_parts(images, monkeypatch):
    model = alone(layers.ReLU())
    expected, _ = found(model, images)
    monkeypatch.setattr(activation_codes, "_EXACT", 3)
    kernel, units = found(model, images)
    np.testing.assert_array_equal(kernel, expected)
    assert units == 7


def test_the_scale_of_what_is_normalised_does_not_matter(rng):
    images = rng.normal(size=(BATCH, 6, 6, 2)).astype("float32")
    convolution = layers.Conv2D(4, 3, use_bias=False)
    model = keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            convolution,
            layers.BatchNormalization(epsilon=1e-9),
            layers.ReLU(),
        ]
    )
    before, _ = found(model, images)
    convolution.kernel.assign(4.0 * convolution.kernel)
    np.testing.assert_array_equal(found(model, images)[0], before)


@pytest.mark.parametrize("activation", ["gelu", "tanh", "silu", None])
def test_a_network_without_units_that_are_on_or_off_is_refused(activation, images):
    with pytest.raises(InvalidInput, match="the network has none"):
        found(alone(layers.Activation(activation) if activation else layers.Dense(2)), images)


def test_the_units_of_every_round_of_a_loop_count(images):
    def loop(tensor):
        return tf.while_loop(
            lambda i, x: i < 3, lambda i, x: (i + 1, tf.nn.relu(x) - 0.5), (0, tensor)
        )[1]

    model = alone(layers.Lambda(loop))
    rounds = [model.layers[0](images).numpy()]
    for _ in range(2):
        rounds.append(np.maximum(rounds[-1], 0) - 0.5)
    expected, count = by_hand(rounds)
    kernel, units = found(model, images)
    np.testing.assert_array_equal(kernel, expected)
    assert units == count == 21
