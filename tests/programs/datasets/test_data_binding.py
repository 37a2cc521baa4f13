# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Which stages go by which record of the images, and what begins without one."""

import json

import numpy as np
import pytest
import rich.console

from snas_tf import config
from snas_tf.errors import InvalidInput
from snas_tf.programs.datasets import data_binding
from snas_tf.runs.run_directory import RunDirectory


def of(seed=0, **data):
    values = config.get_config()
    values.seed = seed
    for key, value in data.items():
        values.data[key] = value
    values.train.genotype = "SNAS_MILD"
    return values


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run"


@pytest.fixture
def console():
    return rich.console.Console(record=True, width=200)


@pytest.fixture
def begin(path, console):
    """Begins a stage as its program does, and leaves a checkpoint; gives its images."""

    def begin(stage, values=None, *, overwrite=False, **arguments):
        values = values or of()
        with RunDirectory(arguments.pop("place", path), overwrite=overwrite) as directory:
            images = data_binding.open_for_stage(values, directory, stage, console, **arguments)
            directory.begin(stage, values)
            data_binding.record(directory, stage, images, console)
            (directory.checkpoints_folder / f"{stage}-00001").mkdir(parents=True, exist_ok=True)
            directory.mark_finished(stage)
        return images

    return begin


def stages(path):
    with (path / "manifest.jsonl").open() as file:
        return json.loads(file.readline())["stages"]


def refused(begin, *words, **named):
    with pytest.raises(InvalidInput) as error:
        begin(*words, **named)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_training_takes_the_division_of_its_search_whatever_its_seed(path, begin):
    searched = begin("search")
    trained = begin("train", of(seed=5))
    assert searched.manifest is None and trained.manifest is not None
    assert trained.describe() == searched.describe()
    assert stages(path) == ["search", "train"]
    again = begin("train", of(seed=7), overwrite=True)
    assert again.describe() == searched.describe()


def test_a_training_by_itself_draws_its_own(path, begin):
    first = begin("train")
    assert stages(path) == ["train"]
    assert begin("train").describe() == first.describe()
    anew = begin("train", of(seed=5), overwrite=True)
    assert anew.manifest is None and anew.describe() != first.describe()


def test_a_search_anew_on_the_same_images_leaves_the_training(path, begin):
    begin("search")
    begin("train")
    begin("search", overwrite=True)
    assert stages(path) == ["search", "train"] and RunDirectory(path).finished("train")


def test_a_search_anew_on_others_puts_the_training_out_of_date(path, begin, console):
    begin("search")
    begin("train")
    (path / "training_results.json").write_text("[]")
    begin("search", of(seed=5), overwrite=True)
    assert stages(path) == ["search"] and not RunDirectory(path).finished("train")
    assert "the training in" in (told := console.export_text()) and "counts no more" in told
    assert not (path / "training_results.json").exists()
    message = refused(begin, "train")
    assert "a training on other images than those of the search" in message
    with RunDirectory(path) as directory, pytest.raises(InvalidInput, match="other images"):
        data_binding.open_of_stage(of(), directory, "train", console)
    begin("train", overwrite=True)
    assert stages(path) == ["search", "train"]


def test_a_search_among_several_takes_the_images_of_all(path, begin):
    together = begin("search")
    place = path / "seeds" / "5"
    own = begin("search", of(seed=5), place=place, recorded_in=RunDirectory(path))
    assert own.describe() == together.describe()
    begin("train", of(seed=5), place=place)
    assert stages(place) == ["search", "train"] and stages(path) == ["search"]


def test_a_run_without_its_record_begins_anew_or_not_at_all(path, begin, console):
    begin("search")
    (path / "manifest.jsonl").unlink()
    assert "an earlier version" in refused(begin, "search")
    assert "an earlier version" in refused(begin, "train")
    assert "an earlier version" in refused(begin, "train", overwrite=True)
    with RunDirectory(path) as directory, pytest.raises(InvalidInput, match="earlier version"):
        data_binding.open_of_stage(of(), directory, "search", console)
    begin("search", overwrite=True)
    assert stages(path) == ["search"]


def test_nothing_is_written_again_that_is_there(path, begin, console):
    begin("search")
    files = (path / "manifest.jsonl", path / "dataset.json")
    before = {file: file.stat().st_mtime_ns for file in files}
    begin("search")
    with RunDirectory(path) as directory:
        data_binding.open_of_stage(of(), directory, "search", console)
    assert {file: file.stat().st_mtime_ns for file in before} == before


def test_arrays_in_a_file_are_bound_by_content_and_shape(begin, tmp_path):
    file, rows = tmp_path / "table.npz", np.random.default_rng(0).normal(size=(40, 3))
    np.savez(file, x=rows, y=np.arange(40) % 2)
    values = of(source=f"npz:{file}")
    images = begin("search", values)
    later = begin("train", of(source=f"npz:{file}", seed=5))
    np.testing.assert_array_equal(later.test.images, images.test.images)
    np.testing.assert_array_equal(later.validation.images, images.validation.images)
    assert (later.mean, later.deviation) == (images.mean, images.deviation)
    np.savez(file, x=rows + 1, y=np.arange(40) % 2)
    assert "1 file changed ('table.npz')" in refused(begin, "train", values)
    np.savez(file, x=rows[:30], y=np.arange(30) % 2)
    told = refused(begin, "train", values)
    assert "the x is float64 (30, 3) and was float64 (40, 3)" in told
