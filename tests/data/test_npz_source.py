# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Arrays of any shape as a data set, and files that are none."""

import pathlib
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snas_tf import data
from snas_tf.errors import InvalidInput


@pytest.fixture
def load(tmp_path):
    """Writes arrays into a file and loads it."""

    def load(source=None, *, write=np.savez_compressed, settings=None, **arrays):
        path = tmp_path / "things.npz"
        write(path, **arrays)
        return data.load(source or f"npz:{path}", **(settings or {}))

    return load


def table(size=40, features=3):
    rng = np.random.default_rng(5)
    return rng.normal(7.0, [1.0, 100.0, 1e-3][:features], (size, features)), np.arange(size) % 4


def batch(found, split="train"):
    """All of a split as a network sees it, and its labels."""
    normalization = data.normalization(found)
    dataset = data.evaluation_dataset(
        getattr(found, split), batch_size=1000, normalization=normalization
    )
    ((x, y),) = dataset.as_numpy_iterator()
    return x, y


def test_a_table_is_normalised_feature_by_feature(load):
    x, y = table()
    found = load(x=x, y=y)
    assert (found.image_shape, found.dtype, found.num_classes) == ((3,), "float32", 4)
    assert found.describe()["dtype"] == "float32"
    seen, labels = batch(found)
    np.testing.assert_allclose(seen.mean(0), 0, atol=1e-3)
    np.testing.assert_allclose(seen.std(0), 1, rtol=1e-3)
    # Every row is the one of its class, and no row is in two splits.
    parts = [found.train, found.validation, found.test]
    rows = np.concatenate([split.images for split in parts])
    places = [int(np.flatnonzero((x.astype("float32") == row).all(1))[0]) for row in rows]
    assert sorted(places) == [*range(40)]
    np.testing.assert_array_equal(np.concatenate([split.labels for split in parts]), y[places])
    assert len(labels) == found.train.size


def test_series_are_normalised_over_time(load):
    x = np.random.default_rng(0).normal([3.0, -2.0], [2.0, 0.1], (30, 9, 2)).astype("float16")
    found = load(x=x, y=np.arange(30) % 2)
    assert found.image_shape == (9, 2)
    np.testing.assert_allclose(batch(found)[0].mean((0, 1)), 0, atol=1e-3)


def test_a_feature_that_is_always_the_same_becomes_zero(load):
    x, y = table()
    x[:, 1] = 12345.678
    assert np.abs(batch(load(x=x, y=y))[0][:, 1]).max() < 1e-2


def test_words_stay_what_they_are(load):
    x = np.arange(60).reshape(20, 3)
    found = load(x=x, y=np.arange(20) % 2)
    assert (found.dtype, found.mean, found.deviation) == ("int32", (), ())
    seen, _ = batch(found)
    assert seen.dtype == np.int32
    assert {*map(tuple, seen)} <= {*map(tuple, x)}


def test_images_are_those_of_every_source(load):
    digits = data.load("digits", seed=3)
    pixels = np.concatenate([digits.train.images, digits.test.images])
    labels = np.concatenate([digits.train.labels, digits.test.labels])
    found = load(x=pixels, y=labels[:, None], settings={"image_size": 16})
    assert (found.image_shape, found.dtype) == ((16, 16, 1), "uint8")
    assert found.class_names == digits.class_names
    np.testing.assert_allclose(found.mean, digits.mean, atol=0.02)


def test_grey_images_without_channels_and_tables_of_bytes_are_normalised_as_pixels(load):
    x = np.random.default_rng(0).integers(0, 256, (20, 4, 6), dtype=np.uint8)
    found = load(x=x, y=np.arange(20) % 2)
    np.testing.assert_allclose(found.mean, (found.train.images / 255).mean((0, 1)), rtol=1e-12)


def test_own_splits_and_names_of_classes(load):
    x, y = table()
    names = np.array(["ant", "bee", "cat", "dog"])
    found = load(x=x, y=y, x_test=x[:5] + 1, y_test=y[:5], class_names=names, more=x)
    assert found.class_names == ("ant", "bee", "cat", "dog")
    np.testing.assert_array_equal(found.test.images, (x[:5] + 1).astype("float32"))
    assert found.train.size + found.validation.size == 40
    assert found.unread == ("the array 'more'",)


@given(values=st.lists(st.integers(-(2**40), 2**40), min_size=2, max_size=5, unique=True))
def test_classes_are_the_values_in_their_order(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("npz") / "data.npz"
    y = np.array(values * 6)
    np.savez(path, x=np.arange(len(y))[:, None] / 7, y=y)
    found = data.load(f"npz:{path}")
    assert found.class_names == tuple(map(str, sorted(values)))
    rows = np.round(found.train.images[:, 0] * 7).astype(int)
    assert [found.class_names[label] for label in found.train.labels] == [*map(str, y[rows])]


def test_classes_may_be_texts(load):
    x, _ = table()
    found = load(x=x, y=np.array(["yes", "no"] * 20))
    assert found.class_names == ("no", "yes")


X, Y = table()
NAN = X.copy()
NAN[7, 1] = np.nan


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"y": Y}, "an array 'x'"),
        ({"x": X}, "an array 'y'"),
        ({"x": X, "y": Y, "x_test": X}, "an array 'y_test'"),
        ({"x": X, "y": Y[:-1]}, "39 classes"),
        ({"x": X[:, 0], "y": Y}, "(examples, ...)"),
        ({"x": X.astype(str), "y": Y}, "numbers"),
        ({"x": NAN, "y": Y}, "x[7] with NaN"),
        ({"x": X * 1e60, "y": Y}, "infinity"),
        ({"x": np.full((40, 2), 2**40), "y": Y}, "int32"),
        ({"x": X, "y": Y / 2}, "a whole number or a text"),
        ({"x": X, "y": np.eye(4)[Y]}, "one class an example"),
        ({"x": X, "y": Y * 0}, "two different classes"),
        ({"x": X, "y": Y, "x_test": X[:, :2], "y_test": Y}, "one shape"),
        ({"x": X, "y": Y, "x_test": X, "y_test": Y + 1}, "y_test with 4"),
        ({"x": X, "y": Y, "class_names": np.array(["a", "b"])}, "y with 2, 3"),
        ({"x": X, "y": np.array([None] * 40)}, "plain arrays"),
    ],
)
def test_other_arrays_are_refused_in_a_line(load, arrays, told):
    with pytest.raises(InvalidInput, match="`data.source`") as refused:
        load(**arrays)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_files_that_are_none_are_refused_in_a_line(tmp_path):
    path = tmp_path / "data.npz"
    np.savez(path, x=X, y=Y)
    whole = path.read_bytes()
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 255
    with (tmp_path / "array.npy").open("wb") as file:
        np.save(file, X)
    array = (tmp_path / "array.npy").read_bytes()
    for content in (b"", b"no archive", whole[: len(whole) // 2], bytes(damaged), array):
        path.write_bytes(content)
        with pytest.raises(InvalidInput, match="`data.source` must be"):
            data.load(f"npz:{path}")
    for wrong in (tmp_path, tmp_path / "none.npz"):
        with pytest.raises(InvalidInput, match="`data.source` must be"):
            data.load(f"npz:{wrong}")


def test_only_images_are_framed_and_varied(load):
    with pytest.raises(InvalidInput, match=r"`data.image_size` must be 0 .* float32 \(3,\)"):
        load(x=X, y=Y, settings={"image_size": 8})
    found = load(x=X, y=Y)
    for name, value in {"crop_padding": 2, "flip": True, "cutout": 3, "color_jitter": 0.5}.items():
        with pytest.raises(InvalidInput, match=f"`data.{name}` must be"):
            data.Augmentation(**{name: value}).check(found.train)


def test_batches_depend_on_seed_and_epoch_alone(load):
    found = load(x=X, y=Y)

    def batches(first_epoch):
        return [
            *data.training_dataset(
                found.train,
                batch_size=8,
                seed=1,
                augmentation=data.Augmentation(),
                normalization=data.normalization(found),
                first_epoch=first_epoch,
                epochs=2,
            ).as_numpy_iterator()
        ]

    steps = data.steps_per_epoch(found.train, 8)
    for (x, y), (again, labels) in zip(batches(0)[steps:], batches(1), strict=True):
        np.testing.assert_array_equal(x, again)
        np.testing.assert_array_equal(y, labels)


def test_the_example_of_the_page(tmp_path, monkeypatch):
    page = (pathlib.Path(__file__).parents[2] / "docs" / "images.md").read_text()
    (source,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(tmp_path)
    variables = {}
    exec(source, variables)
    assert variables["found"].class_names == ("malignant", "benign")
