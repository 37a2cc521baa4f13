# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A command that is not told takes the data of the run; what it is told counts."""

import pytest

from snas_tf import config
from snas_tf.recorded_values import take_over
from snas_tf.runs.run_directory import RunDirectory


def changed(**values):
    found = config.get_config()
    for key, value in values.items():
        section, name = key.split("__")
        found[section][name] = value
    return found


@pytest.fixture
def directory(tmp_path):
    """A run with a search."""
    searched = changed(
        data__source="folder:d",
        data__batch_size=8,
        data__flip=True,
        space__primitives=("none", "skip_connect"),
        search__num_cells=5,
        search__momentum=0.5,
    )
    with RunDirectory(tmp_path / "run") as directory:
        directory.begin("search", searched)
    return directory


def taken(mode, directory, given=(), whole_file=False, **values):
    found = changed(**values)
    take_over(mode, found, directory, given=given, whole_file=whole_file)
    return found


def test_a_training_takes_data_and_network_of_its_search_and_nothing_else(directory):
    found = taken("train", directory)
    assert (found.data.source, found.data.batch_size, found.data.flip) == ("folder:d", 8, True)
    assert (found.space.primitives, found.search.num_cells) == (("none", "skip_connect"), 5)
    assert found.search.momentum == config.get_config().search.momentum
    directory.check("train", found)


def test_a_training_of_another_network_takes_the_data_alone(directory):
    found = taken("train", directory, train__genotype="SNAS_MILD")
    assert found.data.source == "folder:d"
    assert (found.space, found.search) == (config.get_config().space, config.get_config().search)


def test_what_is_given_on_the_command_line_counts(directory):
    given = {"data.source", "data.flip"}
    found = taken("train", directory, given)
    assert (found.data.source, found.data.flip, found.data.batch_size) == ("digits", False, 8)


def test_what_a_file_says_beyond_the_defaults_counts(directory):
    found = taken("train", directory, whole_file=True, data__batch_size=32, data__cutout=4)
    assert (found.data.source, found.data.batch_size, found.data.cutout) == ("folder:d", 32, 4)


def test_a_recipe_for_the_training_divides_nothing_anew(directory):
    found = taken("train", directory, whole_file=True, data__validation_fraction=0.02)
    assert found.data.validation_fraction == 0.2
    directory.check("train", found)
    found = taken("train", directory, {"data.validation_fraction"}, data__validation_fraction=0.02)
    assert found.data.validation_fraction == 0.02


def test_a_search_goes_on_with_its_data_and_begins_anew_with_what_is_said(directory):
    assert taken("search", directory).data.source == "folder:d"
    assert taken("search", directory, whole_file=True).data.source == "digits"
    anew = RunDirectory(directory.path, overwrite=True)
    assert taken("search", anew).data.source == "digits"
    assert taken("train", anew).data.source == "folder:d"
    assert taken("latency", directory).data.source == "folder:d"


def test_a_training_goes_on_with_its_own_values(directory):
    own = taken("train", directory, {"data.batch_size"}, data__batch_size=4)
    with directory:
        directory.begin("train", own)
    found = taken("train", directory)
    assert (found.data.batch_size, found.search.num_cells) == (4, 5)
    directory.check("train", found)


def test_without_a_run_nothing_is_taken(tmp_path):
    assert taken("train", RunDirectory(tmp_path / "none")) == config.get_config()
