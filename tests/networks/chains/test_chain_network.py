# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The network of a chain costs what is said, and is saved, written plainly and judged as others."""

import keras
import numpy as np
import pytest

from snas_tf import space
from snas_tf.networks import ChainNetwork, traced_cost
from snas_tf.networks.plain import metadata

PLAN = space.ChainPlan(num_classes=3, image_shape=(8, 10, 2))
IMAGES = np.random.default_rng(0).normal(size=(6, 8, 10, 2)).astype("float32")


def chain(seed, num_layers=3):
    chains = space.chain_space(num_layers, filters=("4", "6"), kernel_sizes=("1", "3", "5"))
    return chains.sample(np.random.default_rng(seed))


@pytest.fixture(scope="module")
def network():
    """A network whose statistics are none of a fresh one."""
    keras.utils.set_random_seed(1)
    found = ChainNetwork(chain(0), PLAN)
    found.refresh_statistics([IMAGES])
    return found


@pytest.mark.parametrize(("seed", "num_layers"), [(0, 1), (1, 2), (2, 4)])
def test_it_costs_what_the_plan_says(seed, num_layers):
    found = ChainNetwork(chain(seed, num_layers), PLAN)
    weights = sum(int(np.prod(weight.shape)) for weight in found.trainable_weights)
    assert found.cost.parameters == weights
    assert found.cost.multiply_adds == traced_cost.multiply_adds(found)
    assert found(IMAGES).shape == (6, 3)


def test_it_is_saved_with_what_is_frozen_and_answers_the_same(network, tmp_path):
    network.get_layer("layer_1").trainable = False
    network.save(tmp_path / "chain.keras")
    again = keras.saving.load_model(tmp_path / "chain.keras")
    network.get_layer("layer_1").trainable = True
    assert isinstance(again, ChainNetwork) and again.genotype == network.genotype
    assert [layer.name for layer in again.layers if not layer.trainable] == ["layer_1"]
    np.testing.assert_array_equal(again(IMAGES), network(IMAGES))
    alone = again.without_auxiliary()
    np.testing.assert_array_equal(alone(IMAGES), network(IMAGES))
    assert not alone.get_layer("layer_1").trainable


def test_in_keras_own_layers_it_answers_the_same(network):
    plain = network.to_keras(mean=[0.1, 0.2], deviation=[0.5, 0.25], class_names="abc")
    assert {type(layer).__module__.split(".")[0] for layer in plain.layers} == {"keras"}
    pixels = np.random.default_rng(1).integers(0, 256, (5, 8, 10, 2))
    normal = (pixels / 255 - [0.1, 0.2]) / [0.5, 0.25]
    np.testing.assert_allclose(
        plain.predict(pixels, verbose=0), network(normal.astype("float32")), atol=2e-5
    )
    assert metadata(plain)["genotype"]["chosen"] == {
        name: [*options] for name, options in network.genotype.chosen
    }


def test_its_statistics_are_those_of_the_images(network):
    layer = network.get_layer("layer_1")
    convolved = network.get_layer("layer_1_convolution")(IMAGES)
    mean = layer.normalization.moving_mean.numpy()[0]
    np.testing.assert_allclose(mean, np.mean(convolved, axis=(0, 1, 2)), atol=1e-5)
