# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What has no label has no part in losses and metrics; all else counts as in NumPy."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn import metrics as reference

from snas_tf.errors import InvalidInput
from snas_tf.training.labelled_losses import LabelledAbsoluteError, LabelledCrossentropy
from snas_tf.training.labelled_metrics import (
    F1,
    BalancedAccuracy,
    LabelledAccuracy,
    LabelledMeanAbsoluteError,
)

RNG = np.random.default_rng(0)
LABELS = RNG.integers(-1, 3, (8, 6))
LABELS[3] = -1  # an example without any label
LOGITS = RNG.normal(size=(8, 6, 3)).astype(np.float32)
NUMBERS = np.where(LABELS < 0, np.nan, RNG.normal(size=LABELS.shape)).astype(np.float32)
ANSWERS = LOGITS[..., :1]


def crossentropies():
    shifted = LOGITS - np.log(np.exp(LOGITS).sum(axis=-1, keepdims=True))
    return -np.take_along_axis(shifted, np.maximum(LABELS, 0)[..., None], axis=-1)[..., 0]


def test_the_loss_of_an_example_is_the_mean_over_its_labels():
    losses, there = crossentropies(), LABELS >= 0
    rows = [row[own].mean() if own.any() else 0 for row, own in zip(losses, there, strict=True)]
    found = LabelledCrossentropy()
    np.testing.assert_allclose(found.call(LABELS, LOGITS), rows, rtol=1e-5)
    np.testing.assert_allclose(found(LABELS, LOGITS), np.mean(rows), rtol=1e-5)


def test_class_weights_are_those_of_a_weighted_mean():
    weights = np.array([1, 2, 5])
    losses, own = crossentropies(), np.where(LABELS < 0, 0, weights[LABELS])
    rows = (losses * own).sum(axis=1) / np.maximum(own.sum(axis=1), 1)
    found = LabelledCrossentropy(class_weights=weights)
    np.testing.assert_allclose(found.call(LABELS, LOGITS), rows, rtol=1e-5)
    # Of one label an example it is the weight that tells classes apart.
    one = found.call(LABELS[0], LOGITS[0])
    np.testing.assert_allclose(one, losses[0] * own[0], rtol=1e-5)
    with pytest.raises(InvalidInput, match="`class_weights` must be positive"):
        LabelledCrossentropy(class_weights=[1, 0])


def test_the_loss_of_images_is_that_of_keras():
    labels, logits = np.maximum(LABELS[0], 0), LOGITS[0]
    expected = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, logits)
    np.testing.assert_allclose(LabelledCrossentropy()(labels, logits), expected, rtol=1e-6)


def test_the_absolute_error_passes_no_gradient_to_what_has_no_number():
    answers = tf.Variable(ANSWERS)
    with tf.GradientTape() as tape:
        losses = LabelledAbsoluteError().call(NUMBERS, answers)
        total = tf.reduce_sum(losses)
    errors = np.abs(ANSWERS[..., 0] - NUMBERS)
    with np.errstate(invalid="ignore"):
        rows = np.nansum(errors, axis=1) / np.maximum((~np.isnan(errors)).sum(axis=1), 1)
    np.testing.assert_allclose(losses, rows, rtol=1e-5)
    gradient = tape.gradient(total, answers).numpy()[..., 0]
    assert np.isfinite(gradient).all()
    np.testing.assert_array_equal(gradient != 0, ~np.isnan(NUMBERS))


@pytest.mark.parametrize("loss", [LabelledCrossentropy, LabelledAbsoluteError])
def test_padding_and_the_rest_of_a_batch_change_no_loss(loss):
    given = (LABELS, LOGITS) if loss is LabelledCrossentropy else (NUMBERS, ANSWERS)
    labels, answers = given
    whole = loss().call(labels, answers).numpy()
    padding = -1 if labels.dtype.kind == "i" else np.nan
    wider = np.pad(labels, [(0, 0), (0, 3)], constant_values=padding)
    answers_too = np.pad(answers, [(0, 0), (0, 3), (0, 0)], constant_values=7)
    np.testing.assert_allclose(loss().call(wider, answers_too), whole, rtol=1e-6)
    np.testing.assert_allclose(loss().call(labels[2:4], answers[2:4]), whole[2:4], rtol=1e-6)


METRICS = {
    "accuracy": (LabelledAccuracy(), reference.accuracy_score),
    "balanced": (BalancedAccuracy(3), reference.balanced_accuracy_score),
    "f1": (F1(3), lambda *args: reference.f1_score(*args, average="macro")),
    "f1 of one": (F1(3, positive=1), lambda *args: reference.f1_score(*args, average=None)[1]),
}


@pytest.mark.parametrize("name", METRICS)
def test_metrics_are_those_of_all_labels_whatever_the_batches(name):
    metric, expected = METRICS[name]
    there = LABELS >= 0
    right = expected(LABELS[there], LOGITS.argmax(axis=-1)[there])
    for parts in (1, 3):
        metric.reset_state()
        for labels, logits in zip(
            np.array_split(LABELS, parts), np.array_split(LOGITS, parts), strict=True
        ):
            metric.update_state(labels, logits)
        assert float(metric.result()) == pytest.approx(right, abs=1e-6)


def test_the_mean_absolute_error_is_that_of_all_numbers():
    metric = LabelledMeanAbsoluteError()
    metric.update_state(NUMBERS, ANSWERS)
    expected = np.nanmean(np.abs(ANSWERS[..., 0] - NUMBERS))
    assert float(metric.result()) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    "made",
    [
        LabelledCrossentropy(class_weights=[1, 2]),
        LabelledAbsoluteError(),
        LabelledAccuracy(),
        LabelledMeanAbsoluteError(),
        BalancedAccuracy(4),
        F1(4, positive=2),
    ],
    ids=lambda made: type(made).__name__,
)
def test_they_are_restored_from_their_config(made):
    restored = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(made))
    assert type(restored) is type(made)
    assert restored.get_config() == made.get_config()
