# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A checkpoint restores all of a model, or is not there; what is damaged is seen and not used."""

import json

import keras
import numpy as np
import pytest
from etils import epath

from snas_tf.errors import Failure
from snas_tf.fitting import generation
from snas_tf.fitting.checkpoint import KEPT, Checkpoints, Progress
from snas_tf.fitting.generation import Position
from snas_tf.fitting.history import History, newest
from snas_tf.fitting.model_state import collect


def model(seed=0, units=2):
    keras.utils.set_random_seed(seed)
    layers = [keras.Input((3,)), keras.layers.Dense(units, name="dense")]
    network = keras.Sequential(layers, name="network")
    network.compile(keras.optimizers.Adam(0.1, name="adam"), "mse", metrics=["mae"])
    network.optimizer.build(network.trainable_variables)
    return network


def rows(count):
    return History([{"epoch": epoch + 1} for epoch in range(count)])


def save(folder, *positions):
    """A checkpoint a position, of a model whose bias tells which; returns the keeper."""
    checkpoints = Checkpoints(folder, "train")
    for epochs, steps in positions:
        network = model()
        network.layers[0].bias.assign([epochs, steps])
        checkpoints.save(collect(network), rows(epochs), steps)
    return checkpoints


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def delete(path):
    path.unlink()


@pytest.mark.slow
def test_weights_and_optimizer_come_back(tmp_path, rng):
    examples = rng.normal(size=(8, 3)), rng.normal(size=(8, 2))
    checkpoints = Checkpoints(tmp_path, "train")
    trained = model()
    trained.fit(*examples, epochs=2, verbose=0)
    checkpoints.save(collect(trained), rows(2))
    restored = model(seed=1)
    assert Checkpoints(tmp_path, "train").load(restored).position == Position(2)
    for network in (trained, restored):
        network.fit(*examples, epochs=1, verbose=0)
    for left, right in zip(trained.weights, restored.weights, strict=True):
        np.testing.assert_array_equal(left, right)


def test_history_steps_and_running_metrics_come_back(tmp_path, rng):
    metrics = [rng.normal(size=shape).astype("float32") for shape in ((2,), (2, 3))]
    Checkpoints(tmp_path, "search").save(collect(model()), rows(1), 7, metrics)
    progress = Checkpoints(tmp_path, "search").load(model())
    assert (progress.position, progress.history) == (Position(1, 7), rows(1))
    for left, right in zip(progress.metrics, metrics, strict=True):
        np.testing.assert_array_equal(left, right)


def test_an_optimizer_that_would_be_left_out_is_refused(tmp_path):
    unbuilt = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    unbuilt.compile("adam", "mse")
    with pytest.raises(ValueError, match="built optimizer"):
        Checkpoints(tmp_path, "train").load(unbuilt)


def test_the_checkpoint_of_another_model_is_refused_in_a_line(tmp_path):
    save(tmp_path, (1, 0))
    other = model(units=5)
    before = collect(other)
    with pytest.raises(Failure) as told:
        Checkpoints(tmp_path, "train").load(other)
    for part in ("train-00001 is of another model", "network/dense/kernel (", "--overwrite"):
        assert part in str(told.value)
    assert "\n" not in str(told.value)
    for name, array in collect(other).items():
        np.testing.assert_array_equal(array, before[name])


def test_the_checkpoint_of_an_earlier_version_is_refused_and_its_history_read(tmp_path):
    folder, network = epath.Path(tmp_path) / "train-00002", model()
    folder.mkdir()
    network.save_weights(tmp_path / "train-00002" / "model.weights.h5")
    rows(2).save(folder)
    generation.seal(folder, Position(2))
    with pytest.raises(
        Failure, match="train-00002 was written by an earlier version .*--overwrite"
    ):
        Checkpoints(tmp_path, "train").load(network)
    assert names(tmp_path) == ["train-00002"]
    assert newest(folder.parent, "train") == rows(2)


def test_without_a_checkpoint_nothing_is_loaded(tmp_path):
    fresh = model()
    before = fresh.get_weights()
    assert Checkpoints(tmp_path / "none", "search").load(fresh) == Progress()
    for left, right in zip(before, fresh.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)


def test_the_newest_are_kept_and_what_a_kill_left_is_removed(tmp_path):
    (tmp_path / ".train-00009.1").mkdir()
    (tmp_path / ".search-00009.1").mkdir()  # another stage's
    save(tmp_path, (1, 0), (1, 5), (2, 0), (2, 3))
    assert names(tmp_path) == [".search-00009.1", "train-00002", "train-00002-0000003"]
    assert KEPT == 2


@pytest.mark.parametrize("damage", [flip_a_bit, truncate, delete])
@pytest.mark.parametrize("name", ["variables.npz", "history.json", "metrics.npz", "manifest.json"])
def test_a_damaged_one_is_told_and_the_one_before_is_used(tmp_path, name, damage):
    save(tmp_path, (1, 0), (2, 0))
    damage(tmp_path / "train-00002" / name)
    restored = model(seed=1)
    checkpoints = Checkpoints(tmp_path, "train")
    progress = checkpoints.load(restored)
    assert progress.position == Position(1)
    assert restored.layers[0].bias.numpy().tolist() == [1, 0]
    (told,) = progress.damaged
    assert str(tmp_path / "train-00002") in told and name in told
    # Going on writes the same checkpoint anew; the damaged one stays for people.
    checkpoints.save(collect(restored), rows(2))
    assert names(tmp_path) == ["damaged-train-00002", "train-00001", "train-00002"]
    assert generation.newest_intact(epath.Path(tmp_path), "train").position == Position(2)


def test_a_damaged_one_is_never_one_of_the_two(tmp_path):
    checkpoints = save(tmp_path, (1, 0), (2, 0))
    flip_a_bit(tmp_path / "train-00002" / "variables.npz")
    checkpoints.save(collect(model()), rows(3))
    assert names(tmp_path) == ["damaged-train-00002", "train-00001", "train-00003"]


def test_another_checkpoint_under_its_name_is_no_checkpoint(tmp_path):
    save(tmp_path, (1, 0), (2, 0))
    (tmp_path / "train-00002").rename(tmp_path / "train-00007")
    progress = Checkpoints(tmp_path, "train").load(model())
    assert progress.position == Position(1) and "another checkpoint" in progress.damaged[0]


def test_when_none_is_intact_nothing_begins_anew_in_silence(tmp_path):
    save(tmp_path, (1, 0), (2, 0))
    for folder in tmp_path.iterdir():
        truncate(folder / "variables.npz")
    with pytest.raises(Failure, match="no checkpoint of the training is intact.*--overwrite"):
        Checkpoints(tmp_path, "train").load(model())
    assert names(tmp_path) == ["train-00001", "train-00002"]


def test_the_same_position_is_written_once(tmp_path):
    checkpoints = save(tmp_path, (1, 4))
    written = (tmp_path / "train-00001-0000004" / "manifest.json").stat().st_mtime_ns
    checkpoints.save(collect(model()), rows(1), 4)
    assert (tmp_path / "train-00001-0000004" / "manifest.json").stat().st_mtime_ns == written


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), OSError("no bucket")])
def test_a_failure_while_writing_leaves_the_checkpoint_before(tmp_path, error):
    class FailingHistory(History):
        def save(self, folder):
            raise error

    checkpoints = save(tmp_path, (1, 0))
    with pytest.raises(Failure) as told:
        checkpoints.save(collect(model()), FailingHistory(rows(2).rows))
    for part in ("after epoch 2", "safe is", "train-00001", error.args[-1]):
        assert part in str(told.value)
    assert names(tmp_path) == ["train-00001"]  # no draft takes room
    assert Checkpoints(tmp_path, "train").load(model()).position == Position(1)


def test_companions_are_kept_and_put_back(tmp_path):
    best = epath.Path(tmp_path / "best.keras")
    checkpoints = Checkpoints(tmp_path / "checkpoints", "train", {best.name: best})
    checkpoints.restore_companions()  # nothing was loaded: nothing to do
    checkpoints.save(collect(model()), rows(1))  # there is no companion yet
    best.write_text("of epoch 2")
    checkpoints.save(collect(model()), rows(2))
    for lost in (best.unlink, lambda: best.write_text("half")):
        lost()
        again = Checkpoints(tmp_path / "checkpoints", "train", {best.name: best})
        again.load(model())
        again.restore_companions()
        assert best.read_text() == "of epoch 2"
    manifest = json.loads((tmp_path / "checkpoints/train-00002/manifest.json").read_text())
    assert "best.keras" in manifest["files"]
