# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the config says of a step reaches the search."""

import keras
import pytest
import tensorflow as tf

from snas_tf import config as base
from snas_tf.fitting import tricks
from snas_tf.search import Change, Gate

STEPS = 7


def arguments(**values):
    search = base.get_config().search
    search.epochs, search.warmup_epochs = 5, 1
    search.update(values)
    return tricks.arguments(search, STEPS)


def same(one, other):
    return type(one) is type(other) and one.get_config() == other.get_config()


def test_by_default_nothing_but_the_temperature_changes():
    found = arguments()
    temperature = found.pop("temperature")
    assert found == {
        "warmup_steps": STEPS,
        "gate": 1.0,
        "drop_path": 0.0,
        "perturbation": None,
        "label_smoothing": 0.0,
        "bilevel": False,
    }
    line = keras.optimizers.schedules.PolynomialDecay(1.0, 4 * STEPS - 1, 0.03)
    for step in (0, 5, 4 * STEPS - 1, 99):
        assert float(temperature(tf.constant(step))) == float(line(tf.constant(step)))


def test_every_key_makes_its_schedule():
    found = arguments(
        temperature_schedule="cosine",
        settling_epochs=2,
        drop_path=0.2,
        perturbation="adversarial",
        perturbation_schedule="falling",
        label_smoothing=0.1,
        label_smoothing_schedule="rising",
        bilevel=True,
    )
    assert same(found["temperature"], Change(1.0, 0.03, 4 * STEPS, "cosine"))
    assert same(found["gate"], Gate(0, 3 * STEPS))
    assert same(found["drop_path"], Change(0.0, 0.2, 5 * STEPS))
    assert found["perturbation"].kind == "adversarial"
    assert same(found["perturbation"].size, Change(0.3, 0.0, 4 * STEPS))
    assert same(found["label_smoothing"], Change(0.0, 0.1, 5 * STEPS))
    assert found["bilevel"] is True


@pytest.mark.parametrize("schedule", ["constant", "rising", "falling"])
def test_nothing_stays_nothing(schedule):
    assert tricks.strength(0.0, schedule, 9) == 0.0
    assert tricks.strength(0.5, "constant", 9) == 0.5
