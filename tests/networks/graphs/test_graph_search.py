# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The search of graph cells by `Snas`: its gradient, a fit, replicas, a model saved and loaded."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import ArchitectureDistribution, Snas, space
from snas_tf.networks import GraphSupernet
from tests.graph_batches import EDGE_FEATURES, NODE_FEATURES, batched, drawn

SEARCHED = space.GraphSpace(1, 2, ("none", "identity", "mean"), ("none", "film"))
SIZES = ((5, 9), (3, 4), (2, 0), (4, 7), (6, 8), (3, 3))
CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def searched(task, seed=0, derivation="argmax"):
    keras.utils.set_random_seed(seed)
    skeleton = space.GraphSkeleton(
        task, 2, NODE_FEATURES, EDGE_FEATURES, width=6, edge_width=4, typical_nodes=5
    )
    network = GraphSupernet(SEARCHED, skeleton)
    distribution = ArchitectureDistribution(SEARCHED)
    return Snas(network, distribution, temperature=0.7, derivation=derivation)


def compiled(model, rate=0.05):
    model.compile(
        keras.optimizers.SGD(rate), CROSS_ENTROPY, architecture_optimizer=keras.optimizers.SGD(rate)
    )
    return model


def labelled(task):
    batch = batched(drawn(sizes=SIZES))
    sums = batch["nodes"].sum(axis=2)
    labels = (sums > 0) if task == "node" else sums.sum(axis=1) > 0
    return batch, labels.astype("int32")


def test_the_gradient_of_the_logits_is_that_of_the_closed_form():
    """(1/lambda) Z^k (g^k - sum_k' Z^k' g^k') of every row, g the gradient of the sample."""
    model, (batch, labels) = searched("node"), labelled("node")
    distribution, seed = model.architecture, tf.constant([3, 4])
    with tf.GradientTape(persistent=True) as tape:
        samples = distribution.sample(0.7, seed)
        loss = CROSS_ENTROPY(labels, model.supernet(batch, samples, training=True))
    rows = tape.gradient(loss, samples, unconnected_gradients="zero")
    logits = {name: value.value for name, value in distribution.logits.items()}
    found = tape.gradient(loss, logits, unconnected_gradients="zero")
    dead = SEARCHED.places.index(space.GraphPlace(0, 3))
    for name, z in samples.items():
        z, g = z.numpy(), tf.convert_to_tensor(rows[name]).numpy()
        wanted = z * (g - (z * g).sum(1, keepdims=True)) / 0.7
        np.testing.assert_allclose(found[name], wanted, rtol=1e-3, atol=1e-6)
        alive = np.abs(wanted).max(axis=1) > 0
        # Of a node nothing is read from the last edge state of the last layer.
        assert alive[:dead].all() and alive[dead:].all() == name.endswith("entity"), name


@pytest.mark.parametrize(("task", "derivation"), [("node", "argmax"), ("graph", "greedy")])
def test_a_search_learns_and_its_child_answers_as_it_predicts(task, derivation, tmp_path):
    model = compiled(searched(task, derivation=derivation))
    batch, labels = labelled(task)
    history = model.fit(batch, labels, batch_size=3, epochs=8, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    predicted = model.predict(batch, verbose=0)
    np.testing.assert_allclose(model.child()(batch), predicted, atol=1e-5)
    model.save(tmp_path / "search.keras")
    again = keras.saving.load_model(tmp_path / "search.keras")
    np.testing.assert_array_equal(again.predict(batch, verbose=0), predicted)
    assert model.genotype() == again.genotype()
    kept = [name for _, row in model.genotype().chosen for name in row if name != "none"]
    assert derivation == "argmax" or len(kept) == 2 * 2 * 2  # two a state of both chains


def test_two_replicas_search_as_one_does_but_for_their_statistics(two_replicas):
    batch, labels = labelled("graph")
    batch = {name: value[:3] for name, value in batch.items()}
    batch = {name: np.concatenate([value, value]) for name, value in batch.items()}
    labels = np.concatenate([labels[:3]] * 2)  # both replicas get the same graphs
    with two_replicas.scope():
        model = searched("graph")
        model.shared_samples = True
        compiled(model)
    alone = compiled(searched("graph"))
    alone.shared_samples = True
    for each in (model, alone):
        data = tf.data.Dataset.from_tensor_slices((batch, labels)).batch(6)
        each.fit(data, epochs=2, verbose=0)
    for name, logits in model.architecture.logits.items():
        np.testing.assert_allclose(logits, alone.architecture.logits[name], atol=1e-5)
