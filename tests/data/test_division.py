# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Files keep their place in a division whatever comes beside them; everything else is as before."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf import data
from snas_tf.data.division import ROLES, TEST, TRAIN, UNUSED, VALIDATION, divide, name_hashes
from snas_tf.errors import InvalidInput

NAMES = st.lists(
    st.tuples(st.sampled_from("abc"), st.text("xyz0123456789é .", min_size=1, max_size=6)),
    min_size=2,
    max_size=80,
    unique=True,
)
ARGUMENTS = {"validation_fraction": 0.3, "num_images": 0, "seed": 5}


def by_names(names, **changed):
    """{name: role} of files of one part, each the name of its class and its own."""
    names = sorted(names)
    labels = np.unique([label for label, _ in names], return_inverse=True)[1]
    paths = tuple(f"{label}/{name}.png" for label, name in names)
    found = divide({"train": labels}, {"train": paths}, **{**ARGUMENTS, **changed})
    return dict(zip(names, found["train"].tolist(), strict=True))


def expected(names, seed):
    """What each name says by itself."""
    paths = [f"{label}/{name}.png" for label, name in names]
    tested = name_hashes(paths, 20190506, 0) < 0.2 * 2.0**64
    validated = name_hashes(paths, seed, 1) < 0.3 * 2.0**64
    return np.where(tested, TEST, np.where(validated, VALIDATION, TRAIN))


@settings(max_examples=60)
@given(first=NAMES, more=NAMES, seed=st.integers(0, 2**31 - 1))
def test_files_that_are_added_move_no_other(first, more, seed):
    try:
        before, after = by_names(first, seed=seed), by_names({*first, *more}, seed=seed)
    except InvalidInput:  # one image a class
        return
    moved = [name for name in first if before[name] != after[name]]
    by_itself = dict(zip(first, expected(first, seed), strict=True))
    # Nothing moves but what only stood in for a class without training images, or for a split
    # without any.
    assert all(before[name] != by_itself[name] or after[name] != by_itself[name] for name in moved)
    for label in {label for label, _ in first}:
        assert TRAIN in {role for (own, _), role in before.items() if own == label}
    assert {*before.values()} == {TRAIN, VALIDATION, TEST}


def test_many_files_all_go_by_their_own_names():
    names = [(label, str(number)) for label in "abc" for number in range(400)]
    found = by_names(names, seed=7)
    assert list(found.values()) == expected(sorted(names), 7).tolist()
    grown = by_names([*names, *(("b", f"new {number}") for number in range(400))], seed=7)
    assert all(grown[name] == role for name, role in found.items())


def test_the_parts_are_as_large_as_asked_for():
    names = [(label, str(number)) for label in "ab" for number in range(10_000)]
    roles = np.bincount(list(by_names(names).values()), minlength=len(ROLES)) / len(names)
    deviations = np.sqrt(0.25 / len(names))
    np.testing.assert_allclose(roles, [0.8 * 0.7, 0.8 * 0.3, 0.2, 0], atol=4 * deviations)


def test_the_test_images_are_the_same_for_every_seed_and_the_validation_images_are_not():
    names = [(label, str(number)) for label in "ab" for number in range(100)]
    one, other = by_names(names, seed=1), by_names(names, seed=2)
    of = [{name for name, role in found.items() if role == TEST} for found in (one, other)]
    assert of[0] == of[1]
    assert one != other


def test_a_name_has_the_same_number_everywhere_and_for_ever():
    names = ["cat/0.png", "a/é.png", "b/\udcff.png"]
    golden = [16292766363441384479, 2296590830711292703, 1733993570181239106]
    assert name_hashes(names, 3, 1).tolist() == golden


def test_how_a_system_writes_a_letter_does_not_matter():
    composed, decomposed = (unicodedata.normalize(form, "é.png") for form in ("NFC", "NFD"))
    assert composed != decomposed
    assert len({*name_hashes([composed, decomposed], 0, 0).tolist()}) == 1


@pytest.mark.parametrize("count", [10, 60, 130])
def test_a_subset_stays_nearly_the_same_when_files_are_added(count):
    names = [(label, str(number)) for label in "ab" for number in range(100)]
    before = by_names(names, num_images=count)
    assert sum(role in (TRAIN, VALIDATION) for role in before.values()) == count
    after = by_names([*names, *(("a", f"new {number}") for number in range(10))], num_images=count)
    moved = [name for name, role in before.items() if after[name] != role]
    assert len(moved) <= 10 and all(UNUSED in (before[name], after[name]) for name in moved)


def test_one_image_a_class_cannot_be_divided():
    with pytest.raises(InvalidInput, match="at least 2 images.*test split: given 3 images"):
        by_names([("a", "1"), ("b", "1"), ("c", "1")])


def test_examples_without_names_are_divided_class_by_class_as_ever():
    labels = {"train": np.arange(60) % 3, "test": np.arange(9) % 3}
    found = divide(labels, None, **ARGUMENTS)
    assert (found["test"] == TEST).all()
    held_out = found["train"] == VALIDATION
    np.testing.assert_array_equal(np.bincount(labels["train"][held_out]), [6, 6, 6])
    assert np.flatnonzero(held_out)[:8].tolist() == [6, 7, 12, 13, 16, 18, 21, 26]


def test_photographs_that_are_added_to_a_folder_move_no_other(tmp_path, write_images):
    for seed, name in enumerate(("cat", "dog")):
        write_images(tmp_path / name, 30, seed=seed)

    def places():
        found = data.load(f"folder:{tmp_path}", seed=3)
        return dict(zip(found.origin.paths, found.division["train"].tolist(), strict=True)), found

    before, found = places()
    sizes = [split.size for split in (found.train, found.validation, found.test)]
    assert sum(sizes) == 60 and min(sizes) > 3
    for name in ("cat", "dog"):
        first = tmp_path / name / "000.png"
        first.with_name("added.png").write_bytes(first.read_bytes())
        first.with_name("00.png").write_bytes(first.read_bytes())
    after, _ = places()
    assert len(after) == 64 and all(after[path] == role for path, role in before.items())
