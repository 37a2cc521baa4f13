# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a network learns of graphs: classes, weighted where they are to count alike, or numbers."""

import types

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snas_tf.programs.datasets import tasks


def graphs(labels, num_classes):
    train = types.SimpleNamespace(labels=np.array(labels))
    return types.SimpleNamespace(num_classes=num_classes, dtype="graphs", train=train)


@given(st.lists(st.integers(0, 4), min_size=1))
def test_balanced_weights_let_classes_count_alike(labels):
    weights = tasks.balanced_weights(graphs(labels, 6))
    counts = np.bincount(labels, minlength=6)
    there = counts > 0
    assert np.mean([weights[label] for label in labels]) == pytest.approx(1)
    counted = (counts * weights)[there]
    np.testing.assert_allclose(counted, counted[0])
    assert (np.array(weights)[~there] == 1).all()


def test_the_loss_has_them_where_they_are_asked_for():
    images = graphs([0, 0, 0, 1], 2)
    assert tasks.loss(images).class_weights is None
    assert tasks.loss(images, "balanced").class_weights == pytest.approx([2 / 3, 2])


def test_numbers_are_learnt_by_their_absolute_error():
    images = graphs([0.5, 2.0], 0)
    labels, answers = np.array([1.0, np.nan], "float32"), np.array([[0.5], [9.0]], "float32")
    assert float(tasks.loss(images)(labels, answers)) == 0.25  # of the batch; one has no number
    (metric,) = tasks.metrics(images, top=True)
    metric.update_state(labels, answers)
    assert (metric.name, float(metric.result())) == ("mean_absolute_error", 0.5)
