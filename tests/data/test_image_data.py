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


def test_negative_image_size():
    with pytest.raises(InvalidInput, match="data.image_size"):
        data.load("digits", image_size=-1)
