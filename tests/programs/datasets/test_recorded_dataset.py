# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a run knows of its images without opening them."""

import numpy as np
import pytest

from snas_tf import config, data
from snas_tf.errors import InvalidInput
from snas_tf.programs.datasets import recorded_dataset
from snas_tf.runs.files import write_json
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


def test_what_was_recorded_is_known_without_the_images(directory, images):
    write_json(directory.dataset_path, images.describe())
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
