# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Real TFDS data sets, tiny, prepared in a temporary folder and loaded through `tfds:`."""

from __future__ import annotations

import shlex
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from snas_tf import data
from snas_tf.data import record_split, splits
from snas_tf.data.images import image_decoding
from snas_tf.errors import InvalidInput

IDENTITY = keras.layers.Rescaling(1.0)


def _pixels(part, number, size=(6, 6), channels=1):
    seed = [["train", "validation", "test"].index(part), number]
    return np.random.default_rng(seed).integers(0, 256, (*size, channels), dtype=np.uint8)


def _prepare(data_dir, name, sizes, *, shape=(6, 6, 1), image=None, label=None, pixels=_pixels):
    """Writes a data set, as a user's own builder would; its code is not known afterwards."""
    features = {
        "image": image or tfds.features.Image(shape=shape),
        "label": label or tfds.features.ClassLabel(names=["low", "middle", "high"]),
    }

    def examples(part, size):
        for number in range(size):
            label = -1 if part == "test" and name == "secret_labels" else number % 3
            yield {"image": pixels(part, number), "label": label}

    tfds.dataset_builders.store_as_tfds_dataset(
        name=name,
        version="1.0.0",
        features=tfds.features.FeaturesDict(features),
        split_datasets={
            part: list(enumerate(examples(part, size))) for part, size in sizes.items()
        },
        data_dir=data_dir,
        download_config=tfds.download.DownloadConfig(num_shards=3),
    )
    return str(data_dir)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tfds")
    _prepare(folder, "three_parts", {"train": 30, "validation": 9, "test": 6})
    _prepare(folder, "one_part", {"train": 60})
    _prepare(folder, "secret_labels", {"train": 30, "test": 6})
    return str(folder)


def _rows(*images):
    rows = np.concatenate([image.reshape(len(image), -1) for image in images])
    return np.array(sorted(map(tuple, rows)))


def _written(part, size):
    return np.stack([_pixels(part, number) for number in range(size)])


@pytest.mark.slow
def test_official_splits_are_kept_as_they_are(data_dir):
    found = data.load("tfds:three_parts", data_dir=data_dir)
    assert found.name == "three_parts/1.0.0"
    assert found.class_names == ("low", "middle", "high")
    assert found.image_shape == (6, 6, 1)
    for part, size in (("train", 30), ("validation", 9), ("test", 6)):
        split = getattr(found, part)
        np.testing.assert_array_equal(_rows(split.images), _rows(_written(part, size)))
        for image, label in zip(split.images, split.labels, strict=True):
            matches = (_written(part, size) == image).all((1, 2, 3))
            assert np.flatnonzero(matches) % 3 == label


def test_what_is_missing_is_held_out(data_dir):
    found = data.load("tfds:one_part:1.0.0", data_dir=data_dir)
    parts = (found.train, found.validation, found.test)
    np.testing.assert_array_equal(np.bincount(found.test.labels), [4, 4, 4])
    assert [part.size for part in parts] == [39, 9, 12]
    everything = _rows(*[part.images for part in parts])
    np.testing.assert_array_equal(everything, _rows(_written("train", 60)))


def test_a_test_split_without_labels_is_not_used(data_dir):
    found = data.load("tfds:secret_labels", data_dir=data_dir)
    assert found.train.size + found.validation.size + found.test.size == 30
    assert found.test.labels.min() == 0


@pytest.mark.slow
def test_without_labelled_test_images_the_official_validation_is_the_test(tmp_path):
    _prepare(tmp_path, "secret_labels", {"train": 30, "validation": 9, "test": 6})
    _prepare(tmp_path, "two_parts", {"train": 30, "validation": 9})
    for name in ("secret_labels", "two_parts"):
        found = data.load(f"tfds:{name}", data_dir=str(tmp_path), num_images=21)
        np.testing.assert_array_equal(_rows(found.test.images), _rows(_written("validation", 9)))
        assert (found.train.size, found.validation.size) == (18, 3)
        learnt_from = _rows(found.train.images, found.validation.images)
        written = {tuple(row) for row in _rows(_written("train", 30))}
        assert {tuple(row) for row in learnt_from} <= written


def test_images_are_resized(data_dir):
    assert data.load("tfds:one_part", data_dir=data_dir, image_size=9).image_shape == (9, 9, 1)


def test_images_of_different_sizes_need_an_image_size(tmp_path):
    _prepare(
        tmp_path,
        "many_sizes",
        {"train": 30},
        shape=(None, None, 3),
        pixels=lambda part, number: _pixels(part, number, (5 + number, 40 - number), 3),
    )
    with pytest.raises(InvalidInput, match="data.image_size"):
        data.load("tfds:many_sizes", data_dir=str(tmp_path))
    found = data.load("tfds:many_sizes", data_dir=str(tmp_path), image_size=8)
    assert found.train.images.shape[1:] == (8, 8, 3)


def test_a_data_set_that_is_not_prepared(tmp_path):
    for name in ("mnist", "never_heard_of", "mnist:77.0.0", "not a name!"):
        with pytest.raises(InvalidInput) as error:
            data.load(f"tfds:{name}", data_dir=str(tmp_path))
        message = str(error.value)
        assert "\n" not in message
        assert f"'{tmp_path}'" in message
        assert f"tfds build {shlex.quote(name)} --data_dir={tmp_path}" in message


def test_features_that_are_no_labelled_images(tmp_path):
    _prepare(tmp_path, "no_classes", {"train": 6}, label=tfds.features.Scalar(np.int64))
    with pytest.raises(InvalidInput, match="one class each.*no_classes.*image, label"):
        data.load("tfds:no_classes", data_dir=str(tmp_path))


def test_no_training_split(tmp_path):
    _prepare(tmp_path, "only_test", {"test": 6})
    with pytest.raises(InvalidInput, match="a split named train.*with test"):
        data.load("tfds:only_test", data_dir=str(tmp_path))


def test_damaged_files(tmp_path):
    _prepare(tmp_path, "damaged", {"train": 30})
    file = sorted(tmp_path.glob("damaged/1.0.0/*tfrecord*"))[1]
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(InvalidInput, match="damaged' is damaged|is damaged.*prepare it again"):
        data.load("tfds:damaged", data_dir=str(tmp_path))


@pytest.fixture
def streamed(data_dir, monkeypatch):
    monkeypatch.setattr(splits, "MEMORY_LIMIT_BYTES", 60 * 36 - 1)
    monkeypatch.setattr(record_split, "SHUFFLE_BUFFER", 16)
    return data.load("tfds:one_part", data_dir=data_dir)


def _batches(split, **arguments):
    dataset = data.training_dataset(
        split,
        **{"batch_size": 13, "seed": 2, "epochs": 3} | arguments,
        augmentation=data.Augmentation(crop_padding=1),
        normalization=IDENTITY,
    )
    return list(dataset.as_numpy_iterator())


@pytest.mark.slow
def test_beyond_the_memory_limit_the_splits_are_the_same(streamed, data_dir, monkeypatch):
    monkeypatch.undo()
    in_memory = data.load("tfds:one_part", data_dir=data_dir)
    assert not streamed.train.in_memory
    np.testing.assert_allclose(streamed.mean, in_memory.mean, rtol=1e-12)
    np.testing.assert_allclose(streamed.deviation, in_memory.deviation, rtol=1e-12)
    for part in ("train", "validation", "test"):
        split, other = getattr(streamed, part), getattr(in_memory, part)
        np.testing.assert_array_equal(split.labels, other.labels)
        evaluation = data.evaluation_dataset(split, batch_size=7, normalization=IDENTITY)
        batches = list(evaluation.as_numpy_iterator())
        np.testing.assert_array_equal(np.concatenate([x for x, _ in batches]), other.images)
        np.testing.assert_array_equal(np.concatenate([y for _, y in batches]), other.labels)


@pytest.mark.slow
def test_streamed_epochs_are_permutations_that_differ(streamed):
    dataset = data.training_dataset(
        streamed.train,
        batch_size=13,
        seed=2,
        augmentation=data.Augmentation(),
        normalization=IDENTITY,
        epochs=2,
    )
    images = np.concatenate([images for images, _ in dataset.as_numpy_iterator()])
    ordered = data.evaluation_dataset(streamed.train, batch_size=39, normalization=IDENTITY)
    ((expected, _),) = ordered.as_numpy_iterator()
    for epoch in (images[:39], images[39:]):
        np.testing.assert_array_equal(_rows(epoch), _rows(expected))
        assert (epoch != expected).any()
    assert (images[:39] != images[39:]).any()


@pytest.mark.slow
def test_a_resumed_streamed_run_sees_the_same_batches(streamed):
    whole, resumed = _batches(streamed.train), _batches(streamed.train, first_epoch=1)
    assert len(whole) == 9
    keras.utils.set_random_seed(99)
    again = _batches(streamed.train)
    for expected, others in ((whole[3:], resumed), (whole, again)):
        for (images, labels), (other_images, other_labels) in zip(expected, others, strict=True):
            np.testing.assert_array_equal(images, other_images)
            np.testing.assert_array_equal(labels, other_labels)


@pytest.fixture
def jpegs(tmp_path, ramp, monkeypatch):
    """A data set like `imagenet2012`: JPEG images of many sizes and aspects, train, validation."""
    monkeypatch.setattr(record_split, "SHUFFLE_BUFFER", 16)
    _prepare(
        tmp_path,
        "jpegs",
        {"train": 60, "validation": 12},
        image=tfds.features.Image(shape=(None, None, 3), encoding_format="jpeg"),
        pixels=lambda part, number: ramp(100 + 2 * number, 220 - 2 * number),
    )
    return {"source": "tfds:jpegs", "data_dir": str(tmp_path), "image_size": 32, "resize_side": 40}


def _parts_batches(split, **arguments):
    dataset = data.training_dataset(
        split,
        **{"batch_size": 16, "seed": 2, "epochs": 2, "normalization": IDENTITY} | arguments,
        augmentation=data.Augmentation(random_resized_crop=True),
    )
    return list(dataset.as_numpy_iterator())


@pytest.mark.slow
def test_random_parts_are_taken_from_the_original_jpegs(jpegs, shown_sizes):
    # Whole images resized to squares, of which no part is to be taken, would show other aspects.
    found = data.load(**jpegs | {"resize_side": 0}, random_resized_crop=True)
    assert not found.train.in_memory
    assert found.image_shape == (32, 32, 3)
    assert (found.train.size, found.validation.size, found.test.size) == (48, 12, 12)
    batches = _parts_batches(found.train)
    images = np.concatenate([images for images, _ in batches])
    assert images.shape == (96, 32, 32, 3)
    heights, widths = shown_sizes(images)
    large = np.minimum(heights, widths) > 40
    aspects = widths[large] / heights[large]
    assert large.sum() > 60
    assert 0.7 < aspects.min() < 0.85 and 1.2 < aspects.max() < 1.43
    assert np.std(heights * widths) > 3000


@pytest.mark.slow
def test_a_resumed_run_over_jpegs_sees_the_same_parts(jpegs):
    train = data.load(**jpegs, random_resized_crop=True).train
    whole = _parts_batches(train)
    keras.utils.set_random_seed(99)
    resumed = _parts_batches(train, first_epoch=1)
    assert len(resumed) == 3
    for (images, labels), (others, other_labels) in zip(whole[3:], resumed, strict=True):
        np.testing.assert_array_equal(images, others)
        np.testing.assert_array_equal(labels, other_labels)


@pytest.mark.parametrize("random_resized_crop", [False, True])
def test_jpegs_are_tested_on_their_central_square(jpegs, random_resized_crop):
    found = data.load(**jpegs, random_resized_crop=random_resized_crop)
    assert found.test.in_memory != random_resized_crop
    dataset = data.evaluation_dataset(found.test, batch_size=5, normalization=IDENTITY)
    images = np.concatenate([images for images, _ in dataset.as_numpy_iterator()])
    builder = tfds.builder("jpegs", data_dir=jpegs["data_dir"])
    expected = []
    encoded = {"image": tfds.decode.SkipDecoding()}
    for example in builder.as_dataset(split="validation", decoders=encoded):
        # As a server decodes; TFDS's own way differs from it by some levels.
        image = image_decoding.decode(example["image"].numpy())
        height, width, _ = image.shape
        sides = 40 * height // min(height, width), 40 * width // min(height, width)
        resized = np.round(tf.image.resize(image, sides, antialias=True))
        top, left = (sides[0] - 32) // 2, (sides[1] - 32) // 2
        expected.append(resized[top : top + 32, left : left + 32])
    np.testing.assert_array_equal(_rows(images), _rows(np.stack(expected)))


@pytest.mark.slow
def test_originals_of_one_size_are_kept_in_memory(data_dir):
    found = data.load("tfds:three_parts", data_dir=data_dir, image_size=4, random_resized_crop=True)
    assert found.train.in_memory
    assert found.image_shape == (4, 4, 1)
    np.testing.assert_array_equal(_rows(found.train.images), _rows(_written("train", 30)))
    assert _parts_batches(found.train)[0][0].shape == (16, 4, 4, 1)


@pytest.mark.slow
def test_a_manifest_knows_the_record_files_and_the_labels(data_dir, tmp_path):
    found = data.load("tfds:one_part", data_dir=data_dir, seed=3)
    manifest = data.Manifest.of(found.origin, found.division)
    assert len(manifest.files.paths) == 3 and (manifest.files.sizes > 0).all()
    manifest = data.Manifest.parse(manifest.lines())
    copy = tmp_path / "copy"
    shutil.copytree(data_dir, copy)

    def recall(origin):
        words = {"owner": "the run", "remedy": "nothing", "accept_changed": False}
        return manifest.recognize(origin, **words)[0], (found.mean, found.deviation)

    arguments = {"source": "tfds:one_part", "data_dir": str(copy), "seed": 9, "recall": recall}
    for part in ("train", "validation", "test"):
        left, right = (getattr(each, part) for each in (data.load(**arguments), found))
        np.testing.assert_array_equal(left.images, right.images)
    shutil.rmtree(copy / "one_part")
    _prepare(copy, "one_part", {"train": 61})
    with pytest.raises(InvalidInput, match="the labels of train is .* files changed"):
        data.load(**arguments)
