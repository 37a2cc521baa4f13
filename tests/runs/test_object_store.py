# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A run directory in an object store: its files go through TensorFlow's file systems.

No bucket can be had in a test: TensorFlow's gfile is real, and sees a local folder for gs://bucket.
"""

import json
import os

import keras
import numpy as np
import pytest
import tensorflow as tf
from etils import epath
from etils.epath import backend

from snas_tf import ChildNetwork, black_box, config, space
from snas_tf.fitting import generation
from snas_tf.fitting.checkpoint import Checkpoints
from snas_tf.fitting.generation import Position
from snas_tf.fitting.history import History, newest
from snas_tf.fitting.model_state import collect
from snas_tf.networks import plain
from snas_tf.runs import network_files
from snas_tf.runs.files import write_json
from snas_tf.runs.run_directory import RunDirectory
from snas_tf.runs.trial_log import TrialLogFile
from tests.black_box import toy
from tests.runs.small_run import GENOTYPE, SKELETON


class Bucket:
    """TensorFlow's gfile, which finds gs://bucket in a folder."""

    def __init__(self, folder):
        self._folder = str(folder)

    def __getattr__(self, name):
        function = getattr(tf.io.gfile, name)

        def mapped(*words, **named):
            found = function(*(self._there(word) for word in words), **named)
            return self._back(found) if name == "glob" else found

        return mapped

    def _there(self, word):
        is_path = isinstance(word, str | os.PathLike)
        return os.fspath(word).replace("gs://bucket", self._folder) if is_path else word

    def _back(self, paths):
        return [path.replace(self._folder, "gs://bucket") for path in paths]


@pytest.fixture
def bucket(tmp_path, monkeypatch):
    monkeypatch.setattr(backend._TfBackend, "gfile", Bucket(tmp_path))
    return tmp_path


def model():
    layers = [keras.Input((3,)), keras.layers.Dense(2, name="dense")]
    network = keras.Sequential(layers, name="network")
    network.compile(keras.optimizers.Adam(name="adam"), "mse")
    network.optimizer.build(network.trainable_variables)
    return network


def test_a_stage_begins_goes_on_and_is_begun_anew(bucket):
    path = "gs://bucket/runs/a"
    with RunDirectory(path) as directory:
        assert str(directory.path) == path
        directory.begin("search", config.get_config())
        directory.mark_finished("search")
        (directory.checkpoints_folder / "search-00001").mkdir(parents=True)
        write_json(directory.metrics_path("search"), [])
    assert RunDirectory(path).finished("search")
    with RunDirectory(path, overwrite=True) as directory:
        directory.begin("search", config.get_config())
        assert not directory.finished("search")
    left = sorted(entry.name for entry in (bucket / "runs" / "a").iterdir())
    assert left == ["checkpoints", "config.json", "environment.json", "state.json"]
    assert not [*(bucket / "runs" / "a" / "checkpoints").iterdir()]


def test_checkpoints_are_written_found_damaged_and_read(bucket):
    folder = epath.Path("gs://bucket/checkpoints")
    best = epath.Path("gs://bucket/best.keras")
    best.write_text("the best")
    checkpoints = Checkpoints(folder, "search", {best.name: best})
    saved = model()
    for epochs, steps in ((1, 0), (1, 3), (2, 0)):
        rows = [{"epoch": number + 1} for number in range(epochs)]
        probabilities = {"normal": [np.ones((2, 2))] * epochs}
        history = History(rows, probabilities)
        checkpoints.save(collect(saved), history, steps, [np.ones((1, 2))])
    names = [found.path.name for found in generation.generations(folder, "search")]
    assert names == ["search-00002", "search-00001-0000003"]
    assert newest(folder, "search").epochs == 2
    (bucket / "checkpoints" / "search-00002" / "variables.npz").write_bytes(b"torn")
    best.unlink()
    restored, again = model(), Checkpoints(folder, "search", {best.name: best})
    progress = again.load(restored)
    assert progress.position == Position(1, 3)
    for left, right in zip(saved.weights, restored.weights, strict=True):
        np.testing.assert_array_equal(left, right)
    again.restore_companions()
    assert best.read_text() == "the best"


def test_networks_and_genotypes_come_back(bucket):
    network = ChildNetwork(GENOTYPE, SKELETON)
    path = epath.Path("gs://bucket/child.keras")
    network_files.save(network, path)
    for left, right in zip(network.weights, network_files.load(path).weights, strict=True):
        np.testing.assert_array_equal(left, right)
    network_files.save(network.to_keras(), epath.Path("gs://bucket/network.keras"))
    told = plain.metadata("gs://bucket/network.keras")
    assert space.Genotype.from_json(json.dumps(told["genotype"])) == GENOTYPE
    GENOTYPE.save("gs://bucket/genotype.json")
    assert space.Genotype.load("gs://bucket/genotype.json") == GENOTYPE


def test_trials_are_kept_in_a_bucket(bucket):
    def search(trials):
        log = TrialLogFile("gs://bucket/trials.jsonl", toy.SPACE)
        return black_box.search(black_box.Random(), toy.SPACE, toy.evaluate, trials, log=log)

    first = search(3).trials
    assert search(5).trials[:3] == first
    assert len((bucket / "trials.jsonl").read_text().splitlines()) == 1 + 2 * 5
