# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The learning rate is right at the first and the last step, and survives serialisation."""

import math

import keras
import numpy as np
import pytest

from snas_tf import config
from snas_tf.fitting.learning_rate import LinearWarmup, cosine, training_schedule
from snas_tf.fitting.optimizer import weights_optimizer

STEPS = 7  # an epoch


def section(**values):
    train = config.get_config().train
    train.update({"epochs": 10, "learning_rate": 0.2, "final_learning_rate": 0.01, **values})
    return train


def rates(schedule, count):
    return np.array([float(schedule(step)) for step in range(count)])


def test_a_cosine_goes_from_the_first_step_to_the_last():
    found = rates(training_schedule(section(), STEPS), 70)
    expected = [0.01 + 0.19 * (1 + math.cos(math.pi * step / 69)) / 2 for step in range(10 * STEPS)]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert found[0] == pytest.approx(0.2) and found[-1] == pytest.approx(0.01)


def test_an_exponential_falls_once_an_epoch_and_ignores_the_last_rate():
    train = section(schedule="exponential", learning_rate_decay=0.5)
    found = rates(training_schedule(train, STEPS), 3 * STEPS)
    np.testing.assert_allclose(found, np.repeat([0.2, 0.1, 0.05], STEPS), rtol=1e-6)


@pytest.mark.parametrize("schedule", ["cosine", "exponential"])
def test_a_warmup_rises_from_zero_to_the_first_rate_and_the_schedule_has_the_rest(schedule):
    train = section(schedule=schedule, warmup_epochs=2)
    found = rates(training_schedule(train, STEPS), 10 * STEPS)
    warm, rest = found[: 2 * STEPS], found[2 * STEPS :]
    np.testing.assert_allclose(warm, 0.2 * np.arange(2 * STEPS) / (2 * STEPS), rtol=1e-6)
    alone = training_schedule(section(schedule=schedule, epochs=8), STEPS)
    np.testing.assert_allclose(rest, rates(alone, 8 * STEPS), rtol=1e-6)
    assert found[0] == 0.0 and rest[0] == pytest.approx(0.2)


def test_the_warmup_before_a_cosine_is_that_of_keras():
    theirs = keras.optimizers.schedules.CosineDecay(
        0.0, 8 * STEPS - 1, alpha=0.05, warmup_target=0.2, warmup_steps=2 * STEPS
    )
    ours = training_schedule(section(warmup_epochs=2), STEPS)
    np.testing.assert_allclose(rates(ours, 80), rates(theirs, 80), rtol=1e-5)


@pytest.mark.parametrize("warmup_epochs", [10, 20])
def test_a_training_may_be_all_warmup(warmup_epochs):
    found = rates(training_schedule(section(warmup_epochs=warmup_epochs), STEPS), 10 * STEPS)
    expected = 0.2 * np.arange(10 * STEPS) / (warmup_epochs * STEPS)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("warmup_epochs", [0, 3])
@pytest.mark.parametrize("schedule", ["cosine", "exponential"])
def test_an_optimizer_brings_its_schedule_back(schedule, warmup_epochs):
    train = section(schedule=schedule, warmup_epochs=warmup_epochs)
    optimizer = weights_optimizer(train, 70, training_schedule(train, STEPS))
    restored = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    before, after = optimizer._learning_rate, restored._learning_rate
    np.testing.assert_array_equal(rates(before, 70), rates(after, 70))
    assert (restored.momentum, restored.l2) == (0.9, 3e-4)


def test_the_section_of_a_search_needs_no_keys_of_a_schedule():
    search = config.get_config().search
    schedule = weights_optimizer(search, 5)._learning_rate
    np.testing.assert_array_equal(rates(schedule, 5), rates(cosine(0.05, 0.0, 5), 5))


def test_a_warmup_without_steps_is_refused():
    with pytest.raises(ValueError, match="`steps`"):
        LinearWarmup(cosine(0.1, 0.0, 5), 0)
