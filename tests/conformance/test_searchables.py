# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""One suite over every network that can be searched."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import ArchitectureDistribution, Snas, Supernet, space
from snas_tf.networks import ChoiceSupernet, GraphSupernet, Searchable
from snas_tf.search import Change, Perturbation
from tests import choice_models, graph_batches, own_space
from tests.search.small_models import CELLS, CROSS_ENTROPY, SKELETON

IMAGES = np.random.default_rng(0).normal(size=(6, 8, 8, 1)).astype("float32")
GRAPHS = graph_batches.batched(graph_batches.drawn(sizes=((5, 9), (3, 4), (2, 0)) * 2))
POINTS = np.random.default_rng(0).normal(size=(6, 2)).astype("float32")


def _nas_bench_201():
    skeleton = space.nas_bench_201_skeleton(
        init_channels=4, cells_per_stage=1, image_shape=(8, 8, 1)
    )
    return Supernet(space.nas_bench_201_cells(), skeleton)


def _graphs():
    operations = ("none", "identity", "mean", "max"), ("none", "identity", "cat")
    skeleton = space.GraphSkeleton(
        "graph", 2, graph_batches.NODE_FEATURES, graph_batches.EDGE_FEATURES, width=6, edge_width=4
    )
    return GraphSupernet(space.GraphSpace(2, 1, *operations), skeleton)


SEARCHABLES = {
    "cells": (lambda: Supernet(CELLS, SKELETON), IMAGES),
    "NAS-Bench-201": (_nas_bench_201, IMAGES),
    "choices": (lambda: ChoiceSupernet(choice_models.images()), IMAGES),
    "graphs": (_graphs, GRAPHS),
    "documented": (lambda: own_space.definitions()["Moons"](), POINTS),
}


@functools.cache
def built(name):
    keras.utils.set_random_seed(1)
    make, inputs = SEARCHABLES[name]
    network = make()
    for variable in network.non_trainable_variables:  # running statistics that do something
        if "float" in variable.dtype:
            variable.assign(np.random.default_rng(2).uniform(0.5, 1.5, variable.shape))
    return network, tf.nest.map_structure(tf.constant, inputs)


every_searchable = pytest.mark.parametrize("name", SEARCHABLES)


@every_searchable
def test_it_is_one(name):
    network, _ = built(name)
    assert isinstance(network, Searchable) and isinstance(network, keras.Model)
    assert isinstance(network.space, space.DecisionSpace)
    network.costs.check(network.space)


@pytest.mark.slow
@every_searchable
def test_under_one_hot_rows_it_is_the_child(name):
    network, inputs = built(name)
    generator = np.random.default_rng(4)
    for _ in range(4):
        architecture = network.space.sample(generator)
        rows = {k: tf.constant(z) for k, z in network.space.encode(architecture).items()}
        expected = network.child(architecture)(inputs)
        for one_hot in (False, True):
            answer = network(inputs, rows, training=False, one_hot=one_hot)
            np.testing.assert_allclose(answer, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
@every_searchable
def test_a_search_moves_weights_and_logits_and_reports_its_costs(name):
    make, inputs = SEARCHABLES[name]
    network = make()
    model = Snas(
        network,
        ArchitectureDistribution(network.space),
        temperature=1.0,
        resource_weight=0.1,
    )
    outputs = network.child(network.space.sample(np.random.default_rng(0))).output_shape[-1]
    loss = CROSS_ENTROPY if outputs > 1 else keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile("sgd", loss, architecture_optimizer="sgd", run_eagerly=True)
    before = [v.numpy() for v in network.trainable_variables]
    labels = np.arange(6) % 2
    history = model.fit(inputs, labels, batch_size=3, verbose=0).history
    after = [v.numpy() for v in network.trainable_variables]
    assert not all(map(np.array_equal, before, after))
    for name, logits in model.architecture.logits.items():
        assert np.abs(logits.numpy()).max() > 0, name
    told = {f"expected_{name}" for name in network.costs.units}
    assert told <= history.keys()
    assert {f"entropy_{name}" for name in network.costs.uses} <= history.keys()
    assert model.genotype() == network.space.decode(
        {k: v.numpy() for k, v in model.architecture.probabilities().items()}
    )


@pytest.mark.slow
@every_searchable
def test_every_trick_goes_with_it(name):
    """Schedules, rows left out, a step beside the logits, smoothed labels; by turns."""
    make, inputs = SEARCHABLES[name]
    network = make()
    outputs = network.child(network.space.sample(np.random.default_rng(0))).output_shape[-1]
    model = Snas(
        network,
        ArchitectureDistribution(network.space),
        temperature=Change(1.0, 0.5, 4, "cosine"),
        # Without a row a chain of layers has no gradient.
        drop_path=0.0 if name == "documented" else Change(0.2, 0.0, 4),
        perturbation=Perturbation(Change(0.1, 0.2, 4), "adversarial"),
        label_smoothing=0.1 if outputs > 1 else 0.0,
        estimator="dirichlet",
        bilevel=True,
    )
    loss = CROSS_ENTROPY if outputs > 1 else keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile("sgd", loss, architecture_optimizer="sgd", run_eagerly=True)
    weights = [v.numpy() for v in network.trainable_variables]
    examples = inputs, np.arange(6) % 2
    model.train_on_batch(*examples)  # of the logits
    logits = {key: value.numpy() for key, value in model.architecture.logits.items()}
    assert any(rows.any() for rows in logits.values())
    assert all(map(np.array_equal, weights, (v.numpy() for v in network.trainable_variables)))
    told = model.train_on_batch(*examples, return_dict=True)  # of the weights
    assert not all(map(np.array_equal, weights, (v.numpy() for v in network.trainable_variables)))
    for key, value in model.architecture.logits.items():
        np.testing.assert_array_equal(value, logits[key])
    assert np.isfinite([float(value) for value in told.values()]).all()
