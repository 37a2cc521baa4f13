# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A checkpoint restores all of a model, or is not there."""

import keras
import numpy as np
import pytest

from snas_tf.runs.checkpoint import KEPT, Checkpoints, SaveProgress
from snas_tf.runs.history import History


def model(seed=0):
    keras.utils.set_random_seed(seed)
    network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    network.compile(keras.optimizers.Adam(0.1), "mse", metrics=["mae"])
    network.optimizer.build(network.trainable_variables)
    return network


@pytest.fixture
def examples(rng):
    return rng.normal(size=(8, 3)), rng.normal(size=(8, 2))


def test_weights_and_optimizer_come_back(tmp_path, examples):
    checkpoints = Checkpoints(tmp_path, "train")
    trained = model()
    trained.fit(*examples, epochs=2, verbose=0)
    checkpoints.save(trained, History([{"epoch": 1}, {"epoch": 2}]))
    restored = model(seed=1)
    assert checkpoints.load(restored).epochs == 2
    for network in (trained, restored):
        network.fit(*examples, epochs=1, verbose=0)
    for left, right in zip(trained.weights, restored.weights, strict=True):
        np.testing.assert_array_equal(left, right)


def test_an_optimizer_that_would_be_left_out_is_refused(tmp_path):
    unbuilt = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    unbuilt.compile("adam", "mse")
    with pytest.raises(ValueError, match="built optimizer"):
        Checkpoints(tmp_path, "train").load(unbuilt)


def test_without_a_checkpoint_nothing_is_loaded(tmp_path):
    fresh = model()
    before = fresh.get_weights()
    assert Checkpoints(tmp_path, "search").load(fresh) == History()
    for left, right in zip(before, fresh.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)


def test_the_newest_are_kept_and_half_written_ones_are_no_checkpoints(tmp_path):
    checkpoints = Checkpoints(tmp_path, "train")
    (tmp_path / ".train-00009.1").mkdir()
    for epochs in range(1, 5):
        checkpoints.save(model(), History([{"epoch": 1}] * epochs))
    kept = sorted(path.name for path in tmp_path.glob("train-*"))
    assert kept == ["train-00003", "train-00004"] and len(kept) == KEPT
    assert checkpoints.load(model()).epochs == 4


def test_a_failure_while_writing_leaves_the_checkpoint_before(tmp_path):
    class FailingHistory(History):
        def save(self, folder):
            raise OSError("disk full")

    checkpoints = Checkpoints(tmp_path, "train")
    checkpoints.save(model(), History([{"epoch": 1}]))
    with pytest.raises(OSError, match="disk full"):
        checkpoints.save(model(), FailingHistory([{"epoch": 1}, {"epoch": 2}]))
    assert checkpoints.load(model()).epochs == 1


def test_every_epoch_is_recorded_and_saved(tmp_path, examples):
    network, history = model(), History()
    checkpoints = Checkpoints(tmp_path / "checkpoints", "train")
    callback = SaveProgress(checkpoints, history, tmp_path / "metrics.csv")
    told = network.fit(*examples, epochs=3, verbose=0, callbacks=[callback]).history
    assert [row["epoch"] for row in history.rows] == [1, 2, 3]
    assert [row["loss"] for row in history.rows] == told["loss"]
    assert checkpoints.load(model()).rows == history.rows
    assert len((tmp_path / "metrics.csv").read_text().splitlines()) == 4
