# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a step needs is measured where a problem cannot say so beforehand."""

import types

import keras
import pytest
import tensorflow as tf

from snas_tf import Supernet, config
from snas_tf.errors import InvalidInput
from snas_tf.machine import available_memory
from snas_tf.machine.peak_memory import peak_while
from snas_tf.programs import measured_memory, memory, problems
from tests.search.small_models import CELLS, SKELETON

MIB = 2**20


def test_the_peak_of_what_comes_and_goes_is_seen():
    """Touched, or the system does not give it; and it is gone before the end."""

    def hold(size):
        float(tf.reduce_sum(tf.ones((size, MIB // 4))))

    hold(1)
    less, more = peak_while(lambda: hold(16)), peak_while(lambda: hold(400))
    if less is None:
        pytest.skip("this system does not say")
    assert 300 * MIB < more - less < 500 * MIB


@pytest.fixture(scope="module")
def wide():
    """A network that keeps ten maps of 2 MiB an image for its gradient, and little else."""
    inputs = keras.Input((128, 128, 8))
    tensor = inputs
    for _ in range(10):
        tensor = keras.layers.DepthwiseConv2D(3, padding="same", depth_multiplier=1)(tensor)
        tensor = keras.layers.Activation("tanh")(keras.layers.UpSampling2D(1)(tensor))
        tensor = keras.layers.Conv2D(32, 1)(tensor) if tensor.shape[-1] == 8 else tensor
    return keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(tensor))


def test_a_training_needs_what_its_maps_take(wide):
    estimate = measured_memory.of_training(wide, (128, 128, 8))
    found = estimate(64)
    weights = 4 * wide.count_params()
    assert (found.weights, found.gradients, found.optimizer_state) == (weights,) * 3
    assert found.activations == pytest.approx(2 * estimate(32).activations, rel=1e-6)
    assert 64 * 15 * MIB < found.activations < 64 * 90 * MIB
    half = estimate(64, bytes_per_number=2)
    assert half.activations == pytest.approx(found.activations / 2, rel=1e-6)


def test_a_search_is_measured_with_all_its_options():
    network = Supernet(CELLS, SKELETON)
    found = measured_memory.of_search(network, SKELETON.image_shape)(8)
    trained = 4 * sum(int(tf.size(weight)) for weight in network.trainable_variables)
    assert found.gradients == trained < found.weights and found.activations >= 0


def test_a_problem_without_an_estimate_is_measured_and_refused(wide, monkeypatch):
    """It would take a machine of more than all the memory that there is."""
    problem = types.SimpleNamespace(training_memory=lambda _: None, child=lambda _: wide)
    monkeypatch.setattr(problems, "of", lambda *arguments: problem)
    little = available_memory.Memory(total=MIB, available=MIB, owner="this machine")
    monkeypatch.setattr(available_memory, "present", lambda strategy: little)
    images = types.SimpleNamespace(image_shape=(128, 128, 8), seen_dtype="float32", held_bytes=0)
    given = config.get_config()
    with pytest.raises(InvalidInput, match="`--config.data.batch_size=64` needs about"):
        memory.check_training(given, None, images, tf.distribute.get_strategy())
