# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Every example is tested in one fold, and folds share every class."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf.data.division import TEST, TRAIN, UNUSED, VALIDATION, divide, fewer
from snas_tf.data.folds import fold_of_each
from snas_tf.errors import InvalidInput

ARGUMENTS = {"validation_fraction": 0.25, "num_images": 0, "seed": 0}
LABELS = np.array([0, 1, 2] * 10)


def divided(labels=LABELS, **changed):
    return divide({"train": labels}, None, **{**ARGUMENTS, **changed})["train"]


@settings(max_examples=60)
@given(labels=st.lists(st.integers(0, 2), min_size=3, max_size=60), folds=st.integers(3, 10))
def test_folds_share_every_class(labels, folds):
    labels = np.array(labels)
    found = fold_of_each(labels, folds)
    counts = np.array([np.bincount(found[labels == each], minlength=folds) for each in range(3)])
    assert (np.ptp(counts, axis=1) <= 1).all()
    assert np.ptp(counts.sum(axis=0)) <= 1


def test_every_example_is_tested_in_one_fold_and_validated_in_another():
    roles = np.array([divided(folds=5, fold=fold) for fold in range(5)])
    for role in (TEST, VALIDATION):
        assert ((roles == role).sum(axis=0) == 1).all()
    assert ((roles == TRAIN).sum(axis=0) == 3).all()


def test_folds_are_the_same_whatever_the_seed():
    np.testing.assert_array_equal(divided(folds=3), divided(folds=3, seed=9))


def test_fewer_images_are_taken_from_the_folds_that_are_learnt_from():
    all_of_them, some = divided(folds=5), divided(folds=5, num_images=9)
    np.testing.assert_array_equal(some == TEST, all_of_them == TEST)
    np.testing.assert_array_equal(some == VALIDATION, all_of_them == VALIDATION)
    assert (some == TRAIN).sum() == 9


@pytest.mark.parametrize("folds", [0, 4])
def test_what_has_no_class_is_not_used(folds):
    labels = np.array([0, 1, 2, -1] * 8)
    roles = divided(labels, folds=folds)
    np.testing.assert_array_equal(roles == UNUSED, labels < 0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"folds": 2}, "`data.folds` must be 0, or between 3 and the 30 examples: given 2"),
        ({"folds": 31}, "`data.folds` must be 0, or between 3 and the 30 examples: given 31"),
        ({"folds": 5, "fold": 5}, "`data.fold` must be between 0 and 4"),
    ],
)
def test_folds_that_cannot_be_are_refused(arguments, words):
    with pytest.raises(InvalidInput, match=words):
        divided(**arguments)


def test_a_data_set_with_parts_of_its_own_is_not_folded():
    with pytest.raises(InvalidInput, match="`data.folds` must be 0 .* a test split of its own"):
        divide({"train": LABELS, "test": LABELS}, None, **ARGUMENTS, folds=5)


def test_a_fixed_division_gives_its_first_training_examples():
    roles = np.array([TEST, TRAIN, TRAIN, VALIDATION, TRAIN, UNUSED], np.uint8)
    assert fewer(roles, 0).tolist() == roles.tolist()
    assert fewer(roles, 2).tolist() == [TEST, TRAIN, TRAIN, VALIDATION, UNUSED, UNUSED]
    with pytest.raises(InvalidInput, match="at most the 3 training examples"):
        fewer(roles, 4)
