# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A config's section `data` reaches the data set and the augmentation, and is refused early."""

import numpy as np
import pytest

from snas_tf import config, data
from snas_tf.errors import InvalidInput
from snas_tf.programs.datasets import dataset


def changed(**settings):
    given = config.get_config()
    for key, value in settings.items():
        given.data[key] = value
    return given


def test_every_key_reaches_the_data_set():
    settings = {"num_images": 500, "image_size": 6, "resize_side": 7, "validation_fraction": 0.3}
    found = dataset.load(changed(**settings, split_seed=5))
    expected = data.load("digits", **settings, seed=5)
    assert found.describe() == expected.describe()
    assert found.train.size + found.validation.size == 500
    np.testing.assert_array_equal(found.validation.images, expected.validation.images)


def test_originals_are_kept_for_random_parts():
    found = dataset.load(changed(image_size=6, random_resized_crop=True))
    assert found.train.images.shape[1:] == (8, 8, 1)
    assert found.image_shape == (6, 6, 1)


def test_every_key_reaches_the_augmentation():
    section = changed(flip=True, random_resized_crop=True, color_jitter=0.4).data
    expected = data.Augmentation(flip=True, cutout=3, random_resized_crop=True, color_jitter=0.4)
    assert dataset.augmentation(section, cutout=3) == expected
    assert dataset.augmentation(changed(crop_padding=2).data, cutout=0).crop_padding == 2


@pytest.mark.parametrize(
    ("settings", "pattern"),
    [
        ({"random_resized_crop": True}, "`data.image_size` must be given with `data.random_"),
        ({"resize_side": 9}, "`data.image_size` must be given with `data.resize_side`"),
        ({"image_size": 8, "resize_side": 7}, "`data.resize_side` must be at least"),
        ({"color_jitter": 0.4}, "`data.color_jitter` must be 0.*1 channel"),
        ({"num_images": 5000}, "`data.num_images` must be between 20.*and 1438"),
        # Refused before anything is read: the folder does not exist.
        (
            {"source": "folder:absent", "crop_padding": 4, "random_resized_crop": True},
            "`data.crop_padding` must be 0 with",
        ),
    ],
)
def test_keys_that_do_not_go_together_are_refused_before_a_run_begins(settings, pattern):
    with pytest.raises(InvalidInput, match=pattern) as error:
        dataset.load(changed(**settings))
    assert "\n" not in str(error.value)


def test_the_framing_is_that_of_the_data_set():
    section = changed(image_size=6, resize_side=7).data
    assert dataset.framing(section) == data.Framing(6, 7)


@pytest.mark.parametrize("count", [10, 37, 287, 1000])
def test_a_part_of_a_split_has_every_class(count):
    split = dataset.load(config.get_config()).validation
    part = dataset.spread(split, count)
    assert part.size == min(count, split.size)
    whole, found = (np.bincount(each.labels, minlength=10) for each in (split, part))
    np.testing.assert_allclose(found / part.size, whole / split.size, atol=1 / part.size)
    again = dataset.spread(split, count)
    np.testing.assert_array_equal(part.images, again.images)
    assert len(np.unique(part.images.reshape(part.size, -1), axis=0)) >= 0.99 * part.size


def test_pixels_are_the_images_as_they_are_in_batches():
    split = dataset.load(config.get_config()).test
    batches = [*dataset.pixels(split, 100)]
    assert [len(labels) for _, labels in batches] == [100, 100, 100, 59]
    np.testing.assert_array_equal(np.concatenate([each for each, _ in batches]), split.images)
    np.testing.assert_array_equal(np.concatenate([each for _, each in batches]), split.labels)
