# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""One suite over every network of images that a program trains, saves, measures and serves."""

import functools

import keras
import numpy as np
import pytest

from snas_tf import space
from snas_tf.networks import ChainNetwork, ChildNetwork, ImageNetwork, MorphNetwork
from snas_tf.networks.choices import choice_network
from snas_tf.networks.recalibration import normalizations
from snas_tf.space.choices.choice_plan import ChoicePlan
from tests import choice_models

IMAGES = np.random.default_rng(0).normal(size=(6, 8, 8, 1)).astype(np.float32)
SHAPE = (8, 8, 1)


def _cells():
    genotype = space.Genotype(
        {
            "normal": ((0, 2, "sep_conv_3x3"), (1, 2, "skip_connect")),
            "reduction": ((0, 2, "max_pool_3x3"), (1, 2, "sep_conv_3x3")),
        },
        num_nodes=1,
    )
    return ChildNetwork(
        genotype, space.Skeleton(num_cells=3, init_channels=4, num_classes=3, image_shape=SHAPE)
    )


def _chain():
    chains = space.chain_space(2, filters=("4", "6"), kernel_sizes=("1", "3"))
    return ChainNetwork(chains.sample(np.random.default_rng(0)), space.ChainPlan(3, SHAPE))


def _choices():
    model = choice_models.images()
    plan = ChoicePlan(3, SHAPE, choice_network.written(model))
    supernet = choice_network.PlannedChoiceSupernet(plan)
    return supernet.child(supernet.space.sample(np.random.default_rng(0)))


def _morphs():
    root = space.convolutional_root(SHAPE, 3, num_blocks=2, filters=4)
    grown = space.MorphSpace(root).sample(np.random.default_rng(1))
    return MorphNetwork(grown, space.MorphPlan(3, SHAPE))


NETWORKS = {"cells": _cells, "chain": _chain, "choices": _choices, "morphs": _morphs}


@functools.cache
def built(name):
    """A network whose statistics are none of a fresh one."""
    keras.utils.set_random_seed(1)
    network = NETWORKS[name]()
    network.refresh_statistics([IMAGES])
    return network


every_network = pytest.mark.parametrize("name", NETWORKS)


@every_network
def test_it_is_one_that_has_been_measured(name):
    network = built(name)
    assert isinstance(network, ImageNetwork) and not network.auxiliary
    answers = network(IMAGES)
    assert answers.dtype == "float32" and answers.shape == (6, 3)
    np.testing.assert_allclose(network(IMAGES[:1]), answers[:1], atol=1e-5)
    assert network.cost.parameters == sum(
        int(np.prod(weight.shape)) for weight in network.trainable_weights
    )
    layers = normalizations(network)
    assert layers and all(np.abs(layer.moving_mean).max() > 0 for layer in layers)


@every_network
def test_it_is_saved_and_copied(name, tmp_path):
    network = built(name)
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras")
    cloned = type(network).from_config(network.get_config())
    assert type(loaded) is type(network) and loaded.genotype == cloned.genotype == network.genotype
    cloned.take_weights(network)
    for other in (loaded, cloned, network.without_auxiliary()):
        np.testing.assert_array_equal(other(IMAGES), network(IMAGES))


@every_network
def test_half_precision_answers_nearly_the_same_in_float32(name):
    network = built(name)
    half = network.alike(dtype="mixed_bfloat16")
    half.take_weights(network)
    assert all(weight.dtype == "float32" for weight in half.trainable_weights)
    assert {layer.compute_dtype for layer in half.layers} >= {"bfloat16"}
    if name != "choices":  # whose last layer is the user's own
        assert half(IMAGES).dtype == "float32"
    np.testing.assert_allclose(half(IMAGES), network(IMAGES), atol=0.1)


@every_network
def test_in_keras_own_layers_it_answers_the_same(name, tmp_path):
    network = built(name)
    if not network.in_keras_layers:
        pytest.skip("its layers may be the user's own")
    network.to_keras(mean=[0.5], deviation=[0.25]).save(tmp_path / "plain.keras")
    plain = keras.saving.load_model(tmp_path / "plain.keras", safe_mode=True)
    assert {type(layer).__module__.split(".")[0] for layer in plain.layers} == {"keras"}
    pixels = 255 * (0.25 * IMAGES + 0.5)
    np.testing.assert_allclose(plain(pixels), network(IMAGES), atol=2e-5)
