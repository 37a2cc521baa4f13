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
    cats = write_images(tmp_path / "cat", 30, seed=1)
    dogs = write_images(tmp_path / "dog", 20, seed=2)
    (tmp_path / "dog" / "notes.txt").write_text("no image")
    (tmp_path / ".hidden").mkdir()
    found = data.load(f"folder:{tmp_path}", validation_fraction=0.25)
    assert found.name == tmp_path.name
    assert found.class_names == ("cat", "dog")
    assert found.image_shape == (12, 10, 3)
    assert found.origin.paths[29:31] == ("cat/029.png", "dog/000.png")
    assert min(found.train.size, found.validation.size, found.test.size) > 0
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


@pytest.mark.parametrize("validation", ["validation", "val"])
def test_the_only_official_split_is_the_test(tmp_path, write_images, validation):
    for number, label in enumerate(("a", "b")):
        write_images(tmp_path / "train" / label, 10, seed=number)
        write_images(tmp_path / validation / label, 2, seed=10 + number)
    found = data.load(f"folder:{tmp_path}", validation_fraction=0.2)
    assert [split.size for split in (found.train, found.validation, found.test)] == [16, 4, 4]
    official = np.concatenate(
        [write_images(tmp_path / "again", 2, seed=10 + number) for number in range(2)]
    )
    np.testing.assert_array_equal(found.test.images, official)


def test_missing_official_splits_are_held_out_of_the_training_images(tmp_path, write_images):
    for name in "ab":
        write_images(tmp_path / "train" / name, 10)
        write_images(tmp_path / "test" / name, 2)
    found = data.load(f"folder:{tmp_path}")
    assert (found.train.size, found.validation.size, found.test.size) == (16, 4, 4)


@pytest.mark.parametrize(
    ("extension", "mode", "tolerance"),
    [
        ("png", "L", 0),
        ("PNG", "RGBA", 0),
        ("jpg", "RGB", 40),
        ("jpeg", "L", 40),
        ("bmp", "RGB", 0),
        ("webp", "RGB", 40),
        ("jfif", "RGB", 40),
        ("TIF", "RGB", 0),
    ],
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
    (tmp_path / "b" / "image.heic").touch()
    _refused(tmp_path, r"b' has none with an extension of .*\.png.*, but 1 .heic file; do fill")


def test_a_class_unknown_to_the_training_split(tmp_path, write_images):
    for folder in ("train/a", "train/b", "test/a", "test/c"):
        write_images(tmp_path / folder, 2)
    _refused(tmp_path, "same classes.*c' is none of the training split's")


def test_an_empty_official_split(tmp_path, write_images):
    for folder in ("train/a", "train/b"):
        write_images(tmp_path / folder, 2)
    (tmp_path / "test").mkdir()
    _refused(tmp_path, "a folder a class in every split, with images: '.*test' has none")


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


def test_a_folder_named_as_an_image_is_named(tmp_path, write_images):
    for name in "ab":
        write_images(tmp_path / name, 4)
    (tmp_path / "b" / "000.old.png").mkdir()
    _refused(tmp_path, "cannot read '.*000.old.png' .Is a directory.*do replace or remove")


def test_beyond_the_memory_limit_broken_files_are_refused_at_once(
    tmp_path, write_images, monkeypatch
):
    monkeypatch.setattr(splits, "MEMORY_LIMIT_BYTES", 0)
    for folder in ("train/a", "train/b", "test/a", "test/b"):
        write_images(tmp_path / folder, 4)
    for file in ("train/b/001.png", "test/a/003.png"):
        (tmp_path / file).write_bytes((tmp_path / file).read_bytes()[:-20])
    _refused(tmp_path, "cannot read '.*train/b/001.png' .damaged.* and 1 more; do replace or")


@pytest.mark.slow
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


@pytest.fixture
def ramps(tmp_path, ramp):
    """A folder of images of many sizes and aspects, in two formats."""
    for name in ("tall", "wide"):
        (tmp_path / name).mkdir()
        for number in range(20):
            sides = (120 + 3 * number, 200 - 2 * number)
            image = Image.fromarray(ramp(*(sides if name == "wide" else sides[::-1])))
            image.save(tmp_path / name / f"{number:02d}.{'png' if number % 2 else 'jpg'}")
    return tmp_path


def _parts(split, **arguments):
    dataset = data.training_dataset(
        split,
        **{"batch_size": 12, "seed": 1, "epochs": 3} | arguments,
        augmentation=data.Augmentation(random_resized_crop=True),
        normalization=IDENTITY,
    )
    return np.concatenate([images for images, _ in dataset.as_numpy_iterator()])


@pytest.mark.slow
def test_random_parts_are_taken_from_the_original_images(ramps, shown_sizes):
    found = data.load(f"folder:{ramps}", image_size=32, random_resized_crop=True)
    assert not found.train.in_memory
    images = _parts(found.train, epochs=6)
    assert images.shape == (72, 32, 32, 3)
    heights, widths = shown_sizes(images)
    large = np.minimum(heights, widths) > 40
    aspects = widths[large] / heights[large]
    assert large.sum() > 50
    assert 0.7 < aspects.min() < 0.85 and 1.2 < aspects.max() < 1.43
    np.testing.assert_array_equal(images[12:], _parts(found.train, epochs=6, first_epoch=1))


def test_evaluation_sees_the_central_square_in_memory_or_not(ramps):
    arguments = {"source": f"folder:{ramps}", "image_size": 32, "resize_side": 40}
    framed, originals = data.load(**arguments), data.load(**arguments, random_resized_crop=True)
    assert (framed.mean, framed.deviation) == (originals.mean, originals.deviation)
    assert framed.test.in_memory and not originals.test.in_memory
    dataset = data.evaluation_dataset(originals.test, batch_size=3, normalization=IDENTITY)
    images = np.concatenate([images for images, _ in dataset.as_numpy_iterator()])
    np.testing.assert_array_equal(images, framed.test.images)
    # All central squares show as many pixels of the original upwards as sideways.
    slopes = [np.ptp(images[..., axis].mean(2 - axis), axis=1) for axis in (0, 1)]
    np.testing.assert_allclose(slopes[0], slopes[1], rtol=0.04)


def test_originals_of_one_size_are_kept_in_memory(tmp_path, write_images):
    written = np.concatenate([write_images(tmp_path / name, 8, seed=1) for name in "ab"])
    found = data.load(f"folder:{tmp_path}", image_size=9, random_resized_crop=True)
    parts = (found.train, found.validation, found.test)
    assert all(part.in_memory for part in parts)
    np.testing.assert_array_equal(_rows(*[part.images for part in parts]), _rows(written))
    assert _parts(found.train, batch_size=5).shape[1:] == found.image_shape == (9, 9, 3)


@pytest.mark.slow
def test_real_photographs_keep_their_looks(tmp_path):
    """Parts of two photographs, of many sizes, through the whole pipeline of ImageNet."""
    photographs = pytest.importorskip("sklearn.datasets").load_sample_images()
    generator = np.random.default_rng(0)
    for image, name in zip(photographs.images, ("china", "flower"), strict=True):
        (tmp_path / name).mkdir()
        for number in range(21):
            height, width = generator.integers(90, 400, 2)
            top = generator.integers(0, image.shape[0] - height)
            left = generator.integers(0, image.shape[1] - width)
            part = Image.fromarray(image[top : top + height, left : left + width])
            part.save(tmp_path / name / f"{number}.jpg", quality=92)
    found = data.load(f"folder:{tmp_path}", image_size=64, resize_side=72, random_resized_crop=True)
    dataset = data.training_dataset(
        found.train,
        batch_size=12,
        seed=1,
        augmentation=data.Augmentation(flip=True, random_resized_crop=True, color_jitter=0.4),
        normalization=data.normalization(found),
        epochs=4,
    )
    batches = list(dataset.as_numpy_iterator())
    images = np.concatenate([images for images, _ in batches])
    china = np.concatenate([labels for _, labels in batches]) == 0
    assert images.shape[1:] == (64, 64, 3)
    np.testing.assert_allclose(images.mean((0, 1, 2)), 0, atol=0.35)
    np.testing.assert_allclose(images.std((0, 1, 2)), 1, atol=0.35)
    # The sky over the lake is brighter than the flower's dark leaves, whatever the jitter.
    assert images[china].mean() > 0.2 > -0.2 > images[~china].mean()
    neighbours = np.abs(np.diff(images, axis=2)).mean()
    assert neighbours < 0.25 * images.std(), "photographs are smooth"
