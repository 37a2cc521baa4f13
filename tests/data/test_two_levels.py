# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Batches of a search in two levels: by turns, of examples of its own each, from any step on."""

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from snas_tf import data
from snas_tf.data.two_levels import halves
from snas_tf.errors import InvalidInput

SIZE, BATCH = 40, 4
LABELS = np.arange(SIZE) % 4
NUMBERED = np.arange(SIZE, dtype="float32")[:, None]
SPLIT = data.ArraySplit(NUMBERED, LABELS)
ARGUMENTS = {
    "batch_size": BATCH,
    "seed": 3,
    "augmentation": data.Augmentation(),
    "normalization": tf.identity,
}


def steps(first, last, warmup_steps=3):
    """The numbers of the examples of every batch."""
    batches = data.two_level_dataset(
        SPLIT, warmup_steps=warmup_steps, first_step=first, last_step=last, **ARGUMENTS
    )
    assert int(batches.cardinality()) == last - first
    return [[int(number) for number in examples[:, 0]] for examples, _ in batches]


def test_the_halves_are_disjoint_and_have_as_many_of_each_class():
    of_weights, of_logits = halves(SPLIT, 3)
    for half in (of_weights, of_logits):
        np.testing.assert_array_equal(np.bincount(half.labels), [SIZE // 8] * 4)
    numbers = [half.images[:, 0] for half in (of_weights, of_logits)]
    assert sorted(np.concatenate(numbers)) == [*range(SIZE)]


@pytest.mark.parametrize("warmup_steps", [0, 3, 4])
def test_after_the_warm_up_the_logits_begin_and_no_example_is_in_both(warmup_steps):
    batches = steps(0, 24, warmup_steps)
    warm, later = batches[:warmup_steps], batches[warmup_steps:]
    of_logits, of_weights = {*sum(later[0::2], [])}, {*sum(warm + later[1::2], [])}
    assert len(of_logits) == len(of_weights) == SIZE // 2 and not of_logits & of_weights


def test_each_pass_is_a_permutation_of_its_half():
    batches = steps(0, 20, 0)
    for of in (batches[0::2], batches[1::2]):
        first, second = sum(of[:5], []), sum(of[5:], [])
        assert sorted(first) == sorted(second) and first != second


@hypothesis.given(start=st.integers(0, 23))
@hypothesis.settings(max_examples=3)
def test_from_any_step_on_the_batches_are_those_of_the_whole(start):
    assert steps(start, 24) == steps(0, 24)[start:]


def test_halves_without_a_batch_are_refused():
    data.check_halves(SPLIT, SIZE // 2, 3)
    with pytest.raises(InvalidInput, match="must be at most 20 with `search.bilevel`, .* given 21"):
        data.check_halves(SPLIT, SIZE // 2 + 1, 3)


def test_users_alternate_data_sets_of_their_own():
    ones, twos = (tf.data.Dataset.from_tensors(number).repeat(2) for number in (1, 2))
    assert [int(x) for x in data.alternate(ones, twos).take(7)] == [2, 1, 2, 1, 2, 1, 2]
