# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""`load`: the sources, the division into splits, the description."""

from __future__ import annotations

import json

import numpy as np
import pytest

from snas_tf import data
from snas_tf.errors import InvalidInput


@pytest.fixture(scope="module")
def digits():
    return data.load("digits", seed=4)


def _rows(*splits):
    """All images of the splits with their labels, one a row, sorted."""
    rows = [np.c_[split.images.reshape(split.size, -1), split.labels] for split in splits]
    return np.array(sorted(map(tuple, np.concatenate(rows))))


def test_digits_are_the_real_ones(digits):
    from sklearn.datasets import load_digits

    assert digits.image_shape == (8, 8, 1)
    assert digits.num_classes == 10
    images = digits.train.images
    assert images.dtype == np.uint8
    assert (images.min(), images.max()) == (0, 255)
    everything = _rows(digits.train, digits.validation, digits.test)
    bunch = load_digits()
    expected = np.c_[np.round(bunch.data * 255 / 16), bunch.target]
    np.testing.assert_array_equal(everything, sorted(map(tuple, expected)))


def test_sizes_of_the_splits(digits):
    assert digits.test.size == pytest.approx(0.2 * 1797, abs=5)
    assert digits.validation.size == pytest.approx(0.2 * (1797 - digits.test.size), abs=5)
    for split in (digits.validation, digits.test):
        shares = np.bincount(split.labels) / np.bincount(digits.train.labels)
        np.testing.assert_allclose(shares, shares.mean(), atol=0.02)


def test_the_test_split_is_the_same_in_every_run_and_the_validation_split_is_not(digits):
    other = data.load("digits", seed=5, validation_fraction=0.4)
    np.testing.assert_array_equal(other.test.images, digits.test.images)
    again = data.load("digits", seed=4)
    np.testing.assert_array_equal(again.validation.images, digits.validation.images)
    redrawn = data.load("digits", seed=5)
    assert (redrawn.validation.images != digits.validation.images).any()


def test_mean_and_deviation_are_the_training_splits(digits):
    pixels = digits.train.images / 255
    np.testing.assert_allclose(digits.mean, [pixels.mean()], rtol=1e-12)
    np.testing.assert_allclose(digits.deviation, [pixels.std()], rtol=1e-12)


def test_describe_is_plain_json_data(digits):
    description = digits.describe()
    assert json.loads(json.dumps(description)) == description
    assert description["name"] == "digits"
    assert description["image_shape"] == [8, 8, 1]
    assert description["class_names"] == [str(digit) for digit in range(10)]
    assert sum(description["sizes"].values()) == 1797
    assert description["mean"] == list(digits.mean)
    assert description["deviation"] == list(digits.deviation)


def test_image_size_resizes_every_source():
    resized = data.load("digits", image_size=16)
    assert resized.image_shape == resized.test.images.shape[1:] == (16, 16, 1)
    original = data.load("digits")
    np.testing.assert_allclose(resized.mean, original.mean, atol=0.01)


@pytest.mark.parametrize("source", ["mnist", "", "tfds:", "folder:", "digits:8", "Digits"])
def test_unknown_sources_are_refused_with_the_three_forms(source):
    with pytest.raises(InvalidInput) as error:
        data.load(source)
    for form in ("`digits`", "`tfds:<name>`", "`folder:<path>`", repr(source)):
        assert form in str(error.value)


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 1.5, float("nan")])
def test_validation_fraction_out_of_range(fraction):
    with pytest.raises(InvalidInput, match="data.validation_fraction"):
        data.load("digits", validation_fraction=fraction)


@pytest.mark.parametrize("num_images", [20, 321, 1400])
def test_num_images_for_training_and_validation(digits, num_images):
    part = data.load("digits", seed=4, num_images=num_images)
    assert part.train.size + part.validation.size == num_images
    np.testing.assert_array_equal(part.test.images, digits.test.images)
    chosen = np.concatenate([part.train.labels, part.validation.labels])
    everything = np.concatenate([digits.train.labels, digits.validation.labels])
    expected = num_images * np.bincount(everything) / len(everything)
    np.testing.assert_allclose(np.bincount(chosen), expected, atol=1.1)
    assert set(part.validation.labels) == set(part.train.labels) == set(range(10))
    other = data.load("digits", seed=5, num_images=num_images)
    np.testing.assert_array_equal(
        _rows(other.train, other.validation), _rows(part.train, part.validation)
    )
    assert (other.validation.images != part.validation.images).any()


def test_num_images_of_all_is_all(digits):
    count = digits.train.size + digits.validation.size
    everything = data.load("digits", seed=4, num_images=count)
    np.testing.assert_array_equal(everything.train.images, digits.train.images)


@pytest.mark.parametrize("num_images", [-1, 19, 1439, 1797])
def test_more_images_than_there_are(digits, num_images):
    assert digits.train.size + digits.validation.size == 1438
    with pytest.raises(InvalidInput) as error:
        data.load("digits", num_images=num_images)
    for fragment in ("`data.num_images`", "between 20", "and 1438", f"given {num_images}"):
        assert fragment in str(error.value)


def test_kept_originals_are_framed_when_they_are_read(digits):
    early = data.load("digits", seed=4, image_size=6, resize_side=7)
    late = data.load("digits", seed=4, image_size=6, resize_side=7, random_resized_crop=True)
    np.testing.assert_array_equal(late.train.images, digits.train.images)
    assert late.image_shape == early.image_shape == (6, 6, 1)
    assert (late.mean, late.deviation) == (early.mean, early.deviation)
    images, _ = late.test.reader()(np.arange(late.test.size))
    np.testing.assert_array_equal(images, early.test.images)


@pytest.mark.parametrize("setting", [{"random_resized_crop": True}, {"resize_side": 9}])
def test_what_needs_an_image_size(setting):
    pattern = f"`data.image_size` must be given with `data.{next(iter(setting))}`: given 0"
    with pytest.raises(InvalidInput, match=pattern):
        data.load("digits", **setting)


def test_negative_image_size():
    with pytest.raises(InvalidInput, match="data.image_size"):
        data.load("digits", image_size=-1)
