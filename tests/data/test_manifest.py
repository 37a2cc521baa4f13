# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A manifest comes back from its lines, and knows its own data set from every other one."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from snas_tf import data
from snas_tf.data.division import ROLES
from snas_tf.data.manifest import tell_files
from snas_tf.errors import InvalidInput

WORDS = {"owner": "the run in RUN", "remedy": "use another --workdir", "accept_changed": False}


@pytest.fixture
def folder(tmp_path, write_images):
    for seed, name in enumerate(("cat", "dog", "é")):
        write_images(tmp_path / name, 12, size=(4, 4), seed=seed)
    return tmp_path


@pytest.fixture(params=["folder", "digits"])
def images(request, folder):
    return data.load("digits" if request.param == "digits" else f"folder:{folder}")


@pytest.fixture
def manifest(images):
    return data.Manifest.of(images.origin, images.division)


def reread(manifest):
    return data.Manifest.parse(f"{line}\n" for line in manifest.lines())


def told(manifest, origin, **words):
    with pytest.raises(InvalidInput) as error:
        manifest.recognize(origin, **{**WORDS, **words})
    message = str(error.value)
    assert "\n" not in message and "the run in RUN began with" in message
    return message


def test_it_comes_back_from_its_lines(manifest):
    found = reread(manifest)
    assert (found.fingerprint, found.stamp) == (manifest.fingerprint, manifest.stamp)
    assert found.class_names == manifest.class_names and found.facts == manifest.facts
    for part, roles in manifest.division.items():
        np.testing.assert_array_equal(found.division[part], roles)


def test_a_row_tells_what_a_file_is_for(folder):
    images = data.load(f"folder:{folder}")
    rows = [*map(json.loads, data.Manifest.of(images.origin, images.division).lines())][1:]
    assert [path for _, path, *_ in rows] == [*images.origin.paths]
    counts = {role: sum(row[0] == role for row in rows) for role in ROLES}
    assert counts == {**images.describe()["sizes"], "unused": 0}


def test_its_own_data_set_is_opened_as_it_was(images, manifest):
    def recall(origin):
        found, changed = reread(manifest).recognize(origin, **WORDS)
        assert changed == ()
        return found, (images.mean, images.deviation)

    source = "digits" if images.name == "digits" else f"folder:{images.origin.root}"
    again = data.load(source, seed=17, validation_fraction=0.5, num_images=30, recall=recall)
    assert again.describe() == images.describe()
    for part in ("train", "validation", "test"):
        left, right = (getattr(one, part).images for one in (again, images))
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize(
    "lines",
    [[], ["{}"], ['{"format": 99}'], ["null"], ['{"format": 1, "class_names": [], "facts": {}}']],
)
def test_other_lines_are_none(lines):
    with pytest.raises((ValueError, KeyError)):
        data.Manifest.parse(lines)


def test_a_file_that_is_cut_off_is_none(folder):
    images = data.load(f"folder:{folder}")
    lines = [*data.Manifest.of(images.origin, images.division).lines()]
    with pytest.raises(ValueError, match="of 36 files has 35 rows"):
        data.Manifest.parse(lines[:-1])


def test_many_files_are_counted_and_three_are_named(folder, write_images):
    images = data.load(f"folder:{folder}")
    manifest = data.Manifest.of(images.origin, images.division)
    (folder / "cat" / "000.png").unlink()
    write_images(folder / "dog", 17, size=(4, 4), seed=1)
    write_images(folder / "é", 3, size=(4, 4), seed=9)
    message = told(manifest, data.load(f"folder:{folder}").origin)
    for text in (
        "5 files added ('dog/012.png', 'dog/013.png', 'dog/014.png', ...)",
        "1 file removed ('cat/000.png')",
        "3 files changed ('é/000.png', 'é/001.png', 'é/002.png')",
        "use another --workdir",
    ):
        assert text in message
    assert "accept_changed_files" not in message


def test_classes_that_came_went_and_were_renamed(folder, write_images):
    images = data.load(f"folder:{folder}")
    manifest = data.Manifest.of(images.origin, images.division)
    write_images(folder / "dog", 13, size=(4, 4), seed=1)
    (folder / "cat").rename(folder / "animal")
    (folder / "dog").rename(folder / "wolf")
    message = told(manifest, data.load(f"folder:{folder}").origin)
    named = "class 'cat' is named 'animal' now, class 'dog' is gone, class 'wolf' is new"
    assert named in message


def test_changed_files_alone_may_be_accepted(folder, write_images):
    images = data.load(f"folder:{folder}")
    manifest = data.Manifest.of(images.origin, images.division)
    write_images(folder / "é", 1, size=(4, 4), seed=9)
    origin = data.load(f"folder:{folder}").origin
    message = told(manifest, origin)
    assert "1 file changed ('é/000.png')" in message
    assert "--config.runtime.accept_changed_files=True" in message
    found, changed = manifest.recognize(origin, **{**WORDS, "accept_changed": True})
    assert changed == ("é/000.png",) and found.fingerprint != manifest.fingerprint
    assert found.recognize(origin, **WORDS)[1] == ()


def test_another_version_is_another_data_set():
    images = data.load("digits")
    manifest = data.Manifest.of(images.origin, images.division)
    other = dataclasses.replace(images.origin, facts={"digest": "0123"})
    assert "the digest is 0123 and was " in told(manifest, other)


def test_a_name_that_is_no_text_can_be_printed():
    assert "'b\\udcff.png'" in tell_files("added", ["b\udcff.png"])
