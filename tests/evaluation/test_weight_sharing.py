# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A supernet judges its architectures: as their children with statistics of the batch would do."""

import numpy as np
import pytest

from snas_tf.evaluation import Evaluator, WeightSharing
from tests.search.small_models import CELLS, batches_of, build, digits


@pytest.fixture(scope="module")
def supernet():
    """One with random weights, by which every architecture answers in its own way."""
    return build().supernet


@pytest.mark.slow
def test_the_accuracy_is_that_of_the_child_by_statistics_of_the_batch(supernet, rng):
    batches = batches_of(128, *digits(0, 256))
    judge = WeightSharing(supernet, batches, ("parameters",))
    assert isinstance(judge, Evaluator)
    before = [weight.numpy() for weight in supernet.weights]
    found = []
    for architecture in (CELLS.sample(rng) for _ in range(3)):
        told = judge.evaluate(architecture, seed=0)
        child = supernet.child(architecture)
        answers = [child(images, training=True) for images, _ in batches]
        right = np.concatenate([np.argmax(each, axis=1) for each in answers])
        labels = np.concatenate([labels for _, labels in batches])
        assert told["accuracy"] == pytest.approx((right == labels).mean(), abs=0.008)
        assert told["parameters"] == child.cost.parameters
        assert told == judge.evaluate(architecture, seed=1)
        found.append(told["accuracy"])
    assert len({*found}) > 1
    assert judge._right.experimental_get_tracing_count() == 1  # one graph for all architectures
    for weight, value in zip(supernet.weights, before, strict=True):
        np.testing.assert_array_equal(weight, value)
