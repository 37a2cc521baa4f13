# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A command that is not told takes the data of the run; what it is told counts."""

import pytest

from snas_tf import command_line, config
from snas_tf.config.recorded_values import take_over
from snas_tf.errors import InvalidInput
from snas_tf.runs.files import write_json
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
        network__num_cells=5,
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
    assert (found.space.primitives, found.network.num_cells) == (("none", "skip_connect"), 5)
    assert found.search.momentum == config.get_config().search.momentum
    directory.check("train", found)


def test_a_training_of_another_network_takes_the_data_alone(directory):
    found = taken("train", directory, train__genotype="SNAS_MILD")
    assert found.data.source == "folder:d"
    assert (found.space, found.network) == (config.get_config().space, config.get_config().network)


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
    assert (found.data.batch_size, found.network.num_cells) == (4, 5)
    directory.check("train", found)


def test_without_a_run_nothing_is_taken(tmp_path):
    assert taken("train", RunDirectory(tmp_path / "none")) == config.get_config()


@pytest.mark.parametrize("mode", command_line.MODES)
def test_a_run_by_an_earlier_version_is_refused_and_told_where_its_keys_are(mode, directory):
    record = directory.recorded("search")
    record["space"]["stem"] = record["network"].pop("stem")
    write_json(directory.config_path, {"search": record})
    words = [f"--mode={mode}", f"--workdir={directory.path}"]
    words += ["photo.jpg"] if mode == "predict" else []
    with pytest.raises(
        InvalidInput, match="search by another version.*is network.stem now"
    ) as told:
        command_line.parse(words)
    assert "\n" not in str(told.value)
    assert ("or --overwrite" in str(told.value)) == (mode == "search")
    if mode == "search":
        assert command_line.parse([*words, "--overwrite"]).directory.overwrite


def test_a_config_file_with_an_old_key_is_told_the_new_one(tmp_path):
    for number, line in enumerate(("space.stem = 'imagenet'", "search.update(num_cells=8)")):
        file = tmp_path / f"old{number}.py"
        file.write_text(
            "from snas_tf import config\ndef get_config():\n"
            f"    mine = config.get_config()\n    mine.{line}\n    return mine\n"
        )
        with pytest.raises(InvalidInput, match="is network[.](stem|num_cells) now: do use that"):
            command_line.parse(["--mode=search", f"--config={file}"])
