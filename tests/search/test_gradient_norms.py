# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is recorded of the gradients on each edge."""

import numpy as np
import pytest
import tensorflow as tf

from snas_tf import space
from snas_tf.search.gradient_norms import GradientNorms
from tests.search.small_models import CELLS, build_compiled, digits

pytestmark = pytest.mark.slow


def test_norms_are_moving_averages_of_each_edges_rows():
    tracker = GradientNorms(CELLS)
    generator = np.random.default_rng(0)
    expected = {kind: np.zeros((CELLS.num_edges, 2)) for kind in space.KINDS}
    for _ in range(3):
        shape = (2, CELLS.num_edges, CELLS.num_operations)
        of_loss, of_cost = (generator.normal(size=shape).astype("float32") for _ in range(2))
        tracker.update(*(dict(zip(space.KINDS, g, strict=True)) for g in (of_loss, of_cost)))
        for number, kind in enumerate(space.KINDS):
            both = np.stack([np.linalg.norm(g[number], axis=-1) for g in (of_loss, of_cost)], -1)
            expected[kind] = 0.99 * expected[kind] + 0.01 * both
    for kind in space.KINDS:
        np.testing.assert_allclose(tracker.norms[kind], expected[kind], rtol=1e-5)


def test_a_search_records_loss_and_weighted_cost_apart():
    free, bound = (build_compiled(logits=0.5, resource_weight=weight) for weight in (0.0, 2.0))
    images, labels = digits(0, 16)
    for model in (free, bound):
        model.train_on_batch(images, labels)
    for kind in space.KINDS:
        norms = bound.gradient_norms.norms[kind].numpy()
        np.testing.assert_allclose(norms[:, 0], free.gradient_norms.norms[kind][:, 0], rtol=1e-5)
        assert np.all(norms > 0)
        np.testing.assert_array_equal(free.gradient_norms.norms[kind][:, 1], 0.0)


def test_the_recorded_cost_gradient_is_that_of_the_penalty():
    model = build_compiled(logits=0.5, resource_weight=2.0)
    logits = model.architecture.logits["normal"]
    with tf.GradientTape() as tape:
        tape.watch(logits.value)
        penalty = 2.0 * model.resource_cost.penalty(model.architecture.probabilities())
    expected = tf.norm(tape.gradient(penalty, logits.value), axis=-1)
    model.train_on_batch(*digits(0, 16))
    recorded = model.gradient_norms.norms["normal"][:, 1] / 0.01
    np.testing.assert_allclose(recorded, expected, rtol=1e-4)
