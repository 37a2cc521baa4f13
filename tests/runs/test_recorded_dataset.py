# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A run goes on with the images it began with, or says which it misses."""

import dataclasses
import json

import numpy as np
import pytest

from snas_tf import config, data
from snas_tf.errors import InvalidInput
from snas_tf.runs import recorded_dataset
from snas_tf.runs.run_directory import RunDirectory


@pytest.fixture
def images():
    return data.load("digits", num_images=400)


@pytest.fixture
def directory(tmp_path):
    """A search and a training that have begun."""
    directory = RunDirectory(tmp_path / "run")
    values = config.get_config()
    with values.unlocked():
        values.train.genotype = "SNAS_MILD"
    with directory:
        for stage in ("search", "train"):
            directory.begin(stage, values)
        yield directory


def without_one(images):
    return dataclasses.replace(images, train=images.train.subset(np.arange(images.train.size - 1)))


def go_on(directory, stage):
    (directory.checkpoints_folder / f"{stage}-00003").mkdir(parents=True)


def recorded(directory):
    return json.loads(directory.dataset_path.read_text())


def test_the_data_set_is_recorded_when_a_stage_begins(directory, images):
    recorded_dataset.record(directory, "search", images)
    assert recorded(directory) == images.describe()
    go_on(directory, "search")
    recorded_dataset.record(directory, "search", images)
    assert recorded(directory) == images.describe()


@pytest.mark.parametrize("stage", ["search", "train"])
def test_other_images_are_refused_where_a_stage_goes_on(directory, images, stage):
    recorded_dataset.record(directory, stage, images)
    go_on(directory, stage)
    before = directory.dataset_path.read_bytes()
    name = {"search": "search", "train": "training"}[stage]
    with pytest.raises(InvalidInput) as error:
        recorded_dataset.record(directory, stage, without_one(images))
    message = str(error.value)
    sizes = [images.train.size, images.validation.size, images.test.size]
    for text in (
        f"when the {name} in {directory.path} began",
        f"{sizes[0]} train, {sizes[1]} validation and {sizes[2]} test images of 8x8",
        f"{sizes[0] - 1} train, {sizes[1]} validation",
        "in 10 classes",
        "--overwrite",
    ):
        assert text in message
    assert "\n" not in message and directory.dataset_path.read_bytes() == before


def test_a_stage_without_checkpoints_may_begin_with_other_images(directory, images):
    recorded_dataset.record(directory, "search", images)
    go_on(directory, "train")
    other = without_one(images)
    recorded_dataset.record(directory, "search", other)
    assert recorded(directory)["sizes"]["train"] == images.train.size - 1


def test_a_mended_file_is_no_other_data_set(directory, images):
    recorded_dataset.record(directory, "search", images)
    go_on(directory, "search")
    mended = dataclasses.replace(images, mean=(0.5,), deviation=(0.25,))
    recorded_dataset.record(directory, "search", mended)
    assert recorded(directory)["mean"] == [0.5]


def test_a_class_of_another_name_is_another_data_set(directory, images):
    recorded_dataset.record(directory, "search", images)
    go_on(directory, "search")
    renamed = dataclasses.replace(images, class_names=("zero", *images.class_names[1:]))
    with pytest.raises(InvalidInput, match="must be as it was"):
        recorded_dataset.record(directory, "search", renamed)


def test_what_was_recorded_is_known_without_the_images(directory, images):
    recorded_dataset.record(directory, "search", images)
    found = recorded_dataset.load(directory)
    assert (found.name, found.image_shape, found.num_classes) == ("digits", (8, 8, 1), 10)
    assert (found.class_names, found.mean) == (images.class_names, images.mean)
    assert (found.deviation, found.sizes["train"]) == (images.deviation, images.train.size)
    assert sum(found.class_counts["test"]) == images.test.size
    assert found.class_counts["train"] == tuple(np.bincount(images.train.labels).tolist())


@pytest.mark.parametrize("content", [None, "{", '{"name": "digits"}', "[]"])
def test_a_record_that_is_missing_or_damaged_is_told(directory, content):
    if content is not None:
        directory.dataset_path.write_text(content)
    with pytest.raises(InvalidInput, match="dataset.json is (not there|damaged)"):
        recorded_dataset.load(directory)
