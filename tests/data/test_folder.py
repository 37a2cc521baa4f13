# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The user's own images: what is read, and what each mistake is answered with."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from snas_tf import data
from snas_tf.data import splits
from snas_tf.errors import InvalidInput

IDENTITY = keras.layers.Rescaling(1.0)


def _refused(folder, pattern, **arguments):
    with pytest.raises(InvalidInput, match=pattern) as error:
        data.load(f"folder:{folder}", **arguments)
    assert "\n" not in str(error.value)


def _rows(*parts):
    return np.array(
        sorted(map(tuple, np.concatenate([part.reshape(len(part), -1) for part in parts])))
    )


def test_a_folder_a_class(tmp_path, write_images):
    cats = write_images(tmp_path / "cat", 10, seed=1)
    dogs = write_images(tmp_path / "dog", 20, seed=2)
    (tmp_path / "dog" / "notes.txt").write_text("no image")
    (tmp_path / ".hidden").mkdir()
    found = data.load(f"folder:{tmp_path}", validation_fraction=0.25)
    assert found.name == tmp_path.name
    assert found.class_names == ("cat", "dog")
    assert found.image_shape == (12, 10, 3)
    np.testing.assert_array_equal(np.bincount(found.test.labels), [2, 4])
    np.testing.assert_array_equal(np.bincount(found.validation.labels), [2, 4])
    parts = (found.train, found.validation, found.test)
    for label, pixels in enumerate((cats, dogs)):
        images = [part.images[part.labels == label] for part in parts]
        np.testing.assert_array_equal(_rows(*images), _rows(pixels))


@pytest.mark.parametrize("validation", ["validation", "val"])
def test_official_splits_are_kept_as_they_are(tmp_path, write_images, validation):
    written = {}
    for seed, part in enumerate(("train", validation, "test")):
        images = [write_images(tmp_path / part / name, 3 + seed, seed=seed) for name in "ab"]
        written[part] = np.concatenate(images)
    found = data.load(f"folder:{tmp_path}")
    for part, split in zip(written, (found.train, found.validation, found.test), strict=True):
        np.testing.assert_array_equal(split.images, written[part])
        np.testing.assert_array_equal(split.labels, np.repeat([0, 1], split.size // 2))


def test_missing_official_splits_are_held_out_of_the_training_images(tmp_path, write_images):
    for name in "ab":
        write_images(tmp_path / "train" / name, 10)
        write_images(tmp_path / "test" / name, 2)
    found = data.load(f"folder:{tmp_path}")
    assert (found.train.size, found.validation.size, found.test.size) == (16, 4, 4)


@pytest.mark.parametrize(
    ("extension", "mode", "tolerance"),
    [("png", "L", 0), ("PNG", "RGBA", 0), ("jpg", "RGB", 40), ("jpeg", "L", 40), ("bmp", "RGB", 0)],
)
def test_formats_become_rgb(tmp_path, extension, mode, tolerance):
    ramp = np.linspace(0, 255, 16 * 16 * 3).reshape(16, 16, 3).astype(np.uint8)
    image = Image.fromarray(ramp).convert(mode)
    for name in "ab":
        (tmp_path / name).mkdir()
        for number in range(3):
            image.save(tmp_path / name / f"{number}.{extension}")
    found = data.load(f"folder:{tmp_path}")
    expected = np.asarray(image.convert("RGB")).astype(int)
    np.testing.assert_allclose(found.train.images[0], expected, atol=tolerance)


def test_the_first_frame_of_a_gif(tmp_path):
    frames = [Image.new("RGB", (4, 4), color) for color in ("red", "blue")]
    for name in "ab":
        (tmp_path / name).mkdir()
        for number in range(3):
            file = tmp_path / name / f"{number}.gif"
            frames[0].save(file, save_all=True, append_images=frames[1:])
    image = data.load(f"folder:{tmp_path}").train.images[0]
    np.testing.assert_array_equal(image, np.broadcast_to([255, 0, 0], (4, 4, 3)))


def test_images_of_all_sizes_are_resized(tmp_path, write_images):
    write_images(tmp_path / "a", 4, size=(20, 30))
    write_images(tmp_path / "b", 4, size=(9, 7))
    found = data.load(f"folder:{tmp_path}", image_size=8)
    assert found.train.images.shape[1:] == found.image_shape == (8, 8, 3)
    _refused(tmp_path, "`data.image_size` must be given.*000.png' has 9x7.*20x30")


def test_resizing_averages_over_what_it_drops(tmp_path):
    checks = np.indices((16, 16)).sum(0) % 2 * 255
    for name in "ab":
        (tmp_path / name).mkdir()
        for number in range(3):
            file = tmp_path / name / f"{number}.png"
            Image.fromarray(checks.astype(np.uint8)).save(file)
    images = data.load(f"folder:{tmp_path}", image_size=4).train.images
    assert np.abs(images.astype(int) - 127.5).max() < 30, "without antialiasing: 0 or 255"


def test_folders_that_are_none(tmp_path):
    file = tmp_path / "file"
    file.touch()
    _refused(file, "'.*file', which is not a folder")
    _refused(tmp_path / "absent", "absent', which does not exist")


def test_fewer_than_two_classes(tmp_path, write_images):
    _refused(tmp_path, "at least two.*no folders")
    write_images(tmp_path / "only", 3)
    _refused(tmp_path, "at least two.*'only'")


def test_a_class_without_images(tmp_path, write_images):
    write_images(tmp_path / "a", 3)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "image.tiff").touch()
    _refused(tmp_path, r"b' has none with an extension of .*\.png")


def test_a_class_unknown_to_the_training_split(tmp_path, write_images):
    for folder in ("train/a", "train/b", "test/a", "test/c"):
        write_images(tmp_path / folder, 2)
    _refused(tmp_path, "same classes.*c' is none of the training split's")


def test_an_empty_official_split(tmp_path, write_images):
    for folder in ("train/a", "train/b"):
        write_images(tmp_path / folder, 2)
    (tmp_path / "test").mkdir()
    _refused(tmp_path, "a folder a class in every split: '.*test'")


@pytest.mark.parametrize("extension", ["png", "jpg", "gif", "bmp"])
@pytest.mark.parametrize("keep", [0.0, 0.6])
def test_a_truncated_image_is_named(tmp_path, write_images, extension, keep):
    for name in "ab":
        write_images(tmp_path / name, 4, size=(24, 24), extension=extension)
    file = tmp_path / "b" / f"002.{extension}"
    content = file.read_bytes()
    file.write_bytes(content[: int(keep * len(content))])
    _refused(tmp_path, f"cannot read '.*b.002.{extension}'")


def test_a_broken_link_is_named(tmp_path, write_images):
    for name in "ab":
        write_images(tmp_path / name, 4)
    (tmp_path / "b" / "link.png").symlink_to(tmp_path / "gone.png")
    _refused(tmp_path, "cannot read '.*link.png' .No such file")


def test_beyond_the_memory_limit_the_pipeline_decodes(tmp_path, write_images, monkeypatch):
    for seed, name in enumerate("ab"):
        write_images(tmp_path / name, 15, seed=seed, size=(6, 6))
    in_memory = data.load(f"folder:{tmp_path}", image_size=5)
    monkeypatch.setattr(splits, "MEMORY_LIMIT_BYTES", 30 * 5 * 5 * 3 - 1)
    streamed = data.load(f"folder:{tmp_path}", image_size=5)
    assert in_memory.train.in_memory
    assert not streamed.train.in_memory
    np.testing.assert_allclose(streamed.mean, in_memory.mean, rtol=1e-12)
    for split, other in ((streamed.train, in_memory.train), (streamed.test, in_memory.test)):
        batches = [
            data.training_dataset(
                one,
                batch_size=4,
                seed=1,
                augmentation=data.Augmentation(flip=True),
                normalization=IDENTITY,
                epochs=2,
            ).as_numpy_iterator()
            for one in (split, other)
        ]
        for (images, labels), (expected, expected_labels) in zip(*batches, strict=True):
            np.testing.assert_array_equal(images, expected)
            np.testing.assert_array_equal(labels, expected_labels)


def test_beyond_the_memory_limit_a_failing_image_is_named(tmp_path, write_images, monkeypatch):
    for name in "ab":
        write_images(tmp_path / name, 5)
    monkeypatch.setattr(splits, "MEMORY_LIMIT_BYTES", 0)
    train = data.load(f"folder:{tmp_path}").train
    train.paths[-1].write_bytes(b"no image")
    dataset = data.evaluation_dataset(train, batch_size=3, normalization=IDENTITY)
    with pytest.raises(tf.errors.InvalidArgumentError, match=train.paths[-1].name):
        list(dataset)
