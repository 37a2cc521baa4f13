# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The optimizers with coupled weight decay against the recurrences of the papers' framework."""

import keras
import numpy as np
import pytest

from snas_tf.training import optimizers

START = np.array([1.0, -2.0, 0.5], "float32")
STEPS = 6


def gradients():
    return np.random.default_rng(0).normal(size=(STEPS, 3)).astype("float32")


def run(optimizer, all_gradients):
    variable = keras.Variable(START)
    optimizer.build([variable])
    for gradient in all_gradients:
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [variable])
    return variable.numpy()


def torch_sgd(all_gradients, rate, decay, momentum=0.0, nesterov=False):
    weights, buffer = START.astype("float64"), 0.0
    for gradient in all_gradients:
        gradient = gradient + decay * weights
        buffer = momentum * buffer + gradient
        weights = weights - rate * (gradient + momentum * buffer if nesterov else buffer)
    return weights


def torch_adam(all_gradients, rate, decay, betas, epsilon=1e-8):
    weights, first, second = START.astype("float64"), 0.0, 0.0
    for step, gradient in enumerate(all_gradients, 1):
        gradient = gradient + decay * weights
        first = betas[0] * first + (1 - betas[0]) * gradient
        second = betas[1] * second + (1 - betas[1]) * gradient**2
        scale = np.sqrt(second / (1 - betas[1] ** step)) + epsilon
        weights = weights - rate * first / (1 - betas[0] ** step) / scale
    return weights


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("nesterov", [False, True])
def test_sgd_follows_the_papers_framework(decay, momentum, nesterov):
    optimizer = optimizers.SGD(0.025, l2=decay, momentum=momentum, nesterov=nesterov)
    expected = torch_sgd(gradients(), 0.025, decay, momentum, nesterov)
    np.testing.assert_allclose(run(optimizer, gradients()), expected, rtol=1e-5)


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.5, 0.999)])
def test_adam_follows_the_papers_framework(decay, betas):
    optimizer = optimizers.Adam(0.03, l2=decay, beta_1=betas[0], beta_2=betas[1])
    expected = torch_adam(gradients(), 0.03, decay, betas)
    np.testing.assert_allclose(run(optimizer, gradients()), expected, rtol=1e-5)


def test_decay_without_a_gradient_goes_through_momentum():
    """Three steps without a gradient, as measured in the papers' framework; Keras: 0.9703."""
    optimizer = optimizers.SGD(0.1, l2=0.1, momentum=0.9)
    variable = keras.Variable(1.0)
    optimizer.build([variable])
    for _ in range(3):
        optimizer.apply([keras.ops.zeros(())], [variable])
    assert float(variable) == pytest.approx(0.9444, abs=5e-5)


@pytest.mark.parametrize("clip", [{"clipvalue": 0.1}, {"clipnorm": 0.1}, {"global_clipnorm": 0.1}])
def test_clips_before_it_decays(clip):
    gradient = np.array([0.0, 3.0, 0.0], "float32")
    optimizer = optimizers.SGD(1.0, l2=0.5, **clip)
    expected = START - (np.array([0.0, 0.1, 0.0]) + 0.5 * START)
    np.testing.assert_allclose(run(optimizer, [gradient]), expected, rtol=1e-6)


def test_keeps_the_weights_dtype():
    variable = keras.Variable(START, dtype="bfloat16")
    optimizer = optimizers.SGD(0.5, l2=0.1)
    optimizer.build([variable])
    optimizer.apply([keras.ops.zeros(3, "bfloat16")], [variable])
    assert variable.dtype == "bfloat16"
    np.testing.assert_allclose(keras.ops.cast(variable, "float32"), 0.95 * START, rtol=1e-2)


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda: optimizers.SGD(0.1, l2=3e-4, momentum=0.9, nesterov=True, global_clipnorm=5.0),
        lambda: optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(0.1, 10), l2=1e-3, beta_1=0.5
        ),
    ],
)
def test_serialises(optimizer):
    first = optimizer()
    second = keras.optimizers.deserialize(keras.optimizers.serialize(first))
    assert type(second) is type(first)
    assert second.get_config() == first.get_config()
    assert second.l2 == first.l2 > 0


@pytest.mark.parametrize("optimizer", [optimizers.SGD, optimizers.Adam])
@pytest.mark.parametrize("l2", [-1e-4, float("nan")])
def test_a_negative_decay_is_refused(optimizer, l2):
    with pytest.raises(ValueError, match="`l2` must not be negative"):
        optimizer(0.1, l2=l2)
