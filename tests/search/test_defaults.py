# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a search is given where nothing is said follows from its steps, and gives way."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import Snas, Supernet
from snas_tf.errors import InvalidInput
from snas_tf.search.defaults import Defaults, steps_in
from tests import choice_models
from tests.search.small_models import CELLS, SKELETON


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return np.zeros((2, 3)), np.zeros(2)


@pytest.mark.parametrize(
    ("data", "steps"),
    [
        (np.zeros((65, 3)), 3),
        ((np.zeros((64, 3)), np.zeros(64)), 2),
        ({"left": np.zeros((33, 2)), "right": np.zeros((33, 2))}, 2),
        (tf.data.Dataset.range(10).batch(3), 4),
        (Batches(), 4),
    ],
)
def test_the_steps_of_an_epoch_are_counted(data, steps):
    assert steps_in(data, 32) == steps


@pytest.mark.parametrize("data", [None, iter([1]), tf.data.Dataset.range(10).repeat()])
def test_where_nobody_can_tell_the_steps_are_asked_for(data):
    with pytest.raises(InvalidInput, match="steps_per_epoch"):
        steps_in(data, 32)


def test_the_temperature_falls_over_the_steps_after_the_warm_up():
    defaults = Defaults(10, 20)
    assert defaults.warmup_steps == 20
    temperature = defaults.temperature(20)
    assert float(temperature(0)) == 1.0
    assert float(temperature(179)) == pytest.approx(0.03)
    assert Defaults(1, 10).logits_rate == 0.05 and Defaults(10, 1000).logits_rate == 0.002


def test_they_are_told_saved_and_give_way(capsys, tmp_path):
    search = Snas.of(choice_models.part(), epochs=2, data=np.zeros((320, 6)), estimator="softmax")
    told = capsys.readouterr().out
    assert "20 steps (2 epochs of 10)" in told and "warmup_steps=2" in told
    assert (search.estimator, search.warmup_steps) == ("softmax", 2)
    search.compile(loss="mse")
    assert float(search.optimizer.logits_optimizer.learning_rate) == pytest.approx(0.05)
    search.save(tmp_path / "search.keras")
    loaded = keras.saving.load_model(tmp_path / "search.keras")
    assert float(loaded.optimizer.logits_optimizer.learning_rate) == pytest.approx(0.05)
    search.compile("sgd", "mse", architecture_optimizer=keras.optimizers.Adam(0.3))
    assert float(search.optimizer.logits_optimizer.learning_rate) == pytest.approx(0.3)
    other = Snas.of(Supernet(CELLS, SKELETON), epochs=1, steps_per_epoch=3, temperature=0.5)
    assert float(other.temperature) == 0.5


@pytest.mark.parametrize("given", [{"epochs": 0}, {"epochs": 1.5}, {"steps_per_epoch": -1}])
def test_numbers_that_are_none_are_refused(given):
    with pytest.raises(InvalidInput, match="whole number"):
        Defaults(**{"epochs": 1, "steps_per_epoch": 1, **given})
