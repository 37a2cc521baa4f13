# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""network.keras is the best network of a run, with what the run knows of its data within."""

import keras
import numpy as np
import pytest

from snas_tf import config
from snas_tf.errors import InvalidInput
from snas_tf.networks import plain
from snas_tf.programs import found_network, plain_network
from snas_tf.runs import network_files, results
from snas_tf.runs.run_directory import RunDirectory
from tests.runs import small_run


@pytest.fixture
def directory(tmp_path):
    """A run directory with a search that is over, but for network.keras."""
    with RunDirectory(tmp_path / "run") as directory:
        small_run.search(directory)
        yield directory


def answers(network, raw):
    pixels = np.arange(48, dtype="float32").reshape(3, 4, 4, 1) * 5
    return network.predict(pixels if raw else (pixels / 255 - 0.25) / 0.5, verbose=0)


@pytest.mark.slow
def test_it_takes_raw_pixels_and_knows_its_classes(directory):
    plain_network.write(directory)
    child = network_files.load(directory.network_path("search"))
    network = keras.saving.load_model(directory.plain_network_path)
    np.testing.assert_allclose(answers(network, True), answers(child, False), atol=1e-5)
    told = plain.metadata(network)
    assert told["class_names"] == ["stop", "go", "slow down"]
    assert (told["mean"], told["deviation"]) == ([0.25], [0.5])
    assert told["origin"] == results.CHILD


@pytest.mark.slow
@pytest.mark.parametrize(("trained", "origin"), [(0.9, results.TRAINED), (0.4, results.CHILD)])
def test_after_a_training_it_is_the_better_network(directory, trained, origin):
    plain_network.write(directory)
    directory.begin("train", config.get_config())
    small_run.leave(directory, "train", results.TRAINED, trained)
    plain_network.write(directory)
    assert plain.metadata(directory.plain_network_path)["origin"] == origin


@pytest.mark.slow
def test_another_network_of_the_run_is_written_for_the_occasion(directory):
    directory.begin("train", config.get_config())
    last = small_run.leave(directory, "train", results.TRAINED, 0.1)
    plain_network.write(directory)
    chosen = found_network.choose(directory, "last")
    network = plain_network.load(directory, chosen)
    np.testing.assert_allclose(answers(network, True), answers(last, False), atol=1e-5)
    best = plain_network.load(directory, found_network.choose(directory))
    child = network_files.load(directory.network_path("search"))
    np.testing.assert_allclose(answers(best, True), answers(child, False), atol=1e-5)


def test_a_run_without_the_file_has_its_network_all_the_same(directory):
    network = plain_network.load(directory, found_network.choose(directory))
    assert plain.metadata(network)["origin"] == results.CHILD
    assert not directory.plain_network_path.exists()


def test_a_damaged_file_is_named(directory):
    directory.plain_network_path.write_bytes(b"torn")
    with pytest.raises(InvalidInput, match=r"network\.keras \(it is damaged"):
        plain_network.load(directory, found_network.choose(directory))


@pytest.mark.parametrize("stage", ["search", "train"])
def test_a_stage_that_begins_anew_removes_it(directory, stage):
    plain_network.write(directory)
    with RunDirectory(directory.path) as other:
        directory.release()
        other.overwrite = True
        other.begin(stage, config.get_config())
    assert not directory.plain_network_path.exists()
