# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Which files are listed, what is told of the others, and what is refused because it misleads."""

import os
import re

import numpy as np
import pytest

from snas_tf.data.images.image_files import check_files
from snas_tf.data.listing import list_images
from snas_tf.errors import InvalidInput


@pytest.fixture
def touch(tmp_path):
    """Makes files, empty ones, as a listing opens none."""

    def make(*names):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    return make


def refused(root, *fragments):
    with pytest.raises(InvalidInput) as error:
        list_images(root)
    message = str(error.value)
    assert message.startswith("`data.source` must ") and "\n" not in message
    for fragment in fragments:
        assert fragment in message


def names(found, part="train"):
    paths, labels = found.files[part]
    return [
        (path.name, found.class_names[label]) for path, label in zip(paths, labels, strict=True)
    ]


def test_every_extension_in_any_case_is_listed(tmp_path, touch):
    extensions = "jpg JPG jpeg jpe jfif png PNG apng webp gif bmp dib tif TIFF avif ppm pgm pbm pnm"
    touch(
        *(f"{label}/{extension}.{extension}" for label in "ab" for extension in extensions.split())
    )
    found = list_images(tmp_path)
    assert len(names(found)) == 2 * len(extensions.split())
    assert found.unread == ()
    np.testing.assert_array_equal(np.bincount(found.files["train"][1]), [19, 19])


def test_what_systems_and_archivers_leave_behind_is_passed_over_in_silence(tmp_path, touch):
    touch("a/1.png", "b/1.png", "b/2.png")
    touch(".DS_Store", "a/.DS_Store", "a/._1.png", "a/Thumbs.db", "b/desktop.ini", "b/.hidden.png")
    touch("__MACOSX/a/._1.png", "a/@eaDir/1.png/thumb.jpg", ".ipynb_checkpoints/1.png")
    touch("a/.ipynb_checkpoints/1-checkpoint.png", "lost+found/x", "$RECYCLE.BIN/x.png")
    found = list_images(tmp_path)
    assert found.class_names == ("a", "b") and found.unread == ()
    assert names(found) == [("1.png", "a"), ("1.png", "b"), ("2.png", "b")]


def test_what_is_not_read_is_counted_and_named(tmp_path, touch):
    touch("train/a/1.png", "train/b/1.png", "train/a/1.heic", "train/b/2.HEIC", "train/b/notes.txt")
    touch("train/a/README", "train/a/more/2.png", "train/b/old/3.png", "train/3.png", "4.png")
    touch("valid/a/1.png", "test1/1.jpg", "unsure/a/1.png")
    found = list_images(tmp_path)
    assert found.unread == (
        "1 file without an extension",
        "2 .heic files",
        "1 .txt file",
        "2 folders within classes ('a/more', 'b/old')",
        "2 images in no class folder",
        "2 folders beside 'train' ('test1', 'unsure')",
    )
    assert found.files.keys() == {"train", "validation"}
    assert all(re.fullmatch(r"[ -~]+", phrase) for phrase in found.unread)


@pytest.mark.parametrize("train", ["train", "Train", "training", "Training"])
@pytest.mark.parametrize("validation", ["validation", "valid", "val", "dev", "Validation"])
@pytest.mark.parametrize("test", ["test", "testing", "Testing"])
def test_the_names_of_splits(tmp_path, touch, train, validation, test):
    touch(*(f"{part}/{label}/1.png" for part in (train, validation, test) for label in "ab"))
    found = list_images(tmp_path)
    assert found.class_names == ("a", "b") and found.unread == ()
    for part, folder in (("train", train), ("validation", validation), ("test", test)):
        assert [path.parents[1].name for path in found.files[part][0]] == [folder] * 2


def test_two_folders_for_one_split_are_refused(tmp_path, touch):
    touch("train/a/1.png", "train/b/1.png", "val/a/1.png", "valid/a/1.png")
    refused(tmp_path, "'val', 'valid' for validation", "do keep one of them")


def test_an_unlabelled_test_is_no_error(tmp_path, touch):
    touch("train/a/1.png", "train/b/1.png", "test/1.png", "test/2.png", "test/3.png")
    found = list_images(tmp_path)
    assert found.files.keys() == {"train"}
    assert found.unread == ("3 images without a class in 'test'",)


def test_a_class_of_a_split_may_be_empty_but_not_in_training(tmp_path, touch):
    touch("train/a/1.png", "train/b/1.png", "test/a/1.png", "test/b/1.heic")
    found = list_images(tmp_path)
    assert names(found, "test") == [("1.png", "a")] and found.unread == ("1 .heic file",)
    (tmp_path / "train/b/1.png").unlink()
    touch("train/b/1.heic", "train/b/2.heic", "train/b/c/1.png")
    refused(tmp_path, "train/b' has none", "2 .heic files and 1 folder within classes ('b/c')")


@pytest.mark.parametrize(
    "files",
    [
        ("train/cat.0.png", "train/dog.0.png", "test1/1.png"),
        ("train/cat.0.png", "test/1.png"),
        ("train/cat.0.png", "val/dog.0.png", "test/1.png"),
        ("training_set/cat/0.png", "test_set/cat/0.png"),
        ("train_images/0.png", "test_images/0.png", "validation_images/1.png"),
        ("test/a/1.png", "test/b/1.png"),
        ("train/0.png",),
    ],
)
def test_splits_are_not_taken_for_classes(tmp_path, touch, files):
    touch(*files)
    refused(tmp_path, "named as ", "do move the images of each class into a folder of its name")


def test_a_split_beside_classes_is_refused_but_a_train_may_be_a_vehicle(tmp_path, touch):
    touch("car/1.png", "plane/1.png", "train/1.png")
    assert list_images(tmp_path).class_names == ("car", "plane", "train")
    touch("test/1.png")
    refused(tmp_path, "'test', 'train', named as splits, beside folders that are none")


def test_a_class_that_training_lacks_is_refused(tmp_path, touch):
    touch("train/a/1.png", "train/b/1.png", "val/c/1.png")
    refused(tmp_path, "val/c' is none of the training split's ('a', 'b')")


def test_a_folder_around_the_classes_is_pointed_out(tmp_path, touch):
    touch("images/a/1.png", "images/b/1.png")
    refused(tmp_path, "at least two", "do you mean", "images', which has 'a', 'b'?")


def test_images_without_class_folders_are_counted(tmp_path, touch):
    touch("1.png", "2.png", "labels.csv")
    refused(tmp_path, "at least two", "no folders and 2 images in no class folder")


def test_links_go_round_in_no_circle(tmp_path, touch):
    touch("a/1.png", "b/1.png")
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    (tmp_path / "a" / "round.png").symlink_to(tmp_path / "a" / "round.png")
    (tmp_path / "a" / "same.png").symlink_to(tmp_path / "b" / "1.png")
    found = list_images(tmp_path)
    assert found.unread == ("1 folder within classes ('a/again')",)
    assert [name for name, _ in names(found)] == ["1.png", "round.png", "same.png", "1.png"]
    with pytest.raises(InvalidInput, match="round.png' .Too many levels of symbolic links"):
        check_files(found.files["train"][0][1:2])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list everything")
def test_a_folder_that_may_not_be_listed_is_an_error_that_names_it(tmp_path, touch):
    touch("a/1.png", "b/1.png")
    (tmp_path / "b").chmod(0)
    with pytest.raises(PermissionError, match="b"):
        list_images(tmp_path)
