# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Splits are disjoint, exhaustive, stratified, and the same for the same seed."""

from __future__ import annotations

import pathlib
import resource

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf.data.channel_statistics import DEVIATION_FLOOR, channel_statistics
from snas_tf.data.images.framing import Framing
from snas_tf.data.splits import ArraySplit, stratified_split, stratified_subset
from snas_tf.errors import InvalidInput

GOLDEN = [2, 3, 8, 11, 13, 18]
LABELS = st.lists(st.integers(0, 5), min_size=1, max_size=300).map(np.array)


@settings(max_examples=60, deadline=None)
@given(labels=LABELS, fraction=st.floats(0.01, 0.99), seed=st.integers(0, 2**31 - 1))
def test_stratified_split(labels, fraction, seed):
    kept, held_out = stratified_split(labels, fraction, seed)
    np.testing.assert_array_equal(np.sort(np.concatenate([kept, held_out])), np.arange(len(labels)))
    assert (np.diff(kept) > 0).all()
    assert (np.diff(held_out) > 0).all()
    for label in np.unique(labels):
        members = (labels == label).sum()
        held = (labels[held_out] == label).sum()
        assert abs(held - fraction * members) < 1
        assert held < members
        assert held > 0 or members == 1


def test_the_seed_and_the_stream_draw_the_split():
    labels = np.arange(200) % 4
    first = stratified_split(labels, 0.25, 7)[1]
    np.testing.assert_array_equal(first, stratified_split(labels, 0.25, 7)[1])
    assert set(first) != set(stratified_split(labels, 0.25, 8)[1])
    assert set(first) != set(stratified_split(labels, 0.25, 7, stream=1)[1])


def test_a_split_never_changes_between_releases():
    held_out = stratified_split(np.arange(20) % 2, 0.3, 0)[1]
    np.testing.assert_array_equal(held_out, GOLDEN)


@settings(max_examples=60, deadline=None)
@given(labels=LABELS, share=st.floats(0, 1), seed=st.integers(0, 2**31 - 1))
def test_stratified_subset(labels, share, seed):
    classes = len(np.unique(labels))
    count = classes + int(share * (len(labels) - classes))
    chosen = stratified_subset(labels, count, seed)
    assert len(chosen) == count
    assert (np.diff(chosen) > 0).all()
    part = (count - classes) / max(len(labels) - classes, 1)
    for label in np.unique(labels):
        members, taken = (labels == label).sum(), (labels[chosen] == label).sum()
        assert abs(taken - 1 - part * (members - 1)) < 1


def test_equal_classes_give_equal_parts_and_the_seed_draws_them():
    labels = np.arange(400) % 4
    first = stratified_subset(labels, 100, 7)
    np.testing.assert_array_equal(np.bincount(labels[first]), [25, 25, 25, 25])
    np.testing.assert_array_equal(first, stratified_subset(labels, 100, 7))
    assert set(first) != set(stratified_subset(labels, 100, 8))
    assert set(first) != set(stratified_subset(labels, 100, 7, stream=1))


def test_a_subset_never_changes_between_releases():
    chosen = stratified_subset(np.arange(20) % 2, 6, 0)
    np.testing.assert_array_equal(chosen, GOLDEN)  # the first of each class are those held out


def test_many_classes_are_divided_as_one_by_one():
    """Counts of classes as in the loop over classes that this was."""
    labels = np.random.default_rng(3).integers(0, 5000, 20_000)
    bits = np.random.PCG64([11, 2]).random_raw(len(labels))
    order = np.argsort(bits, kind="stable")
    expected = []
    for label in np.unique(labels):
        members = order[labels[order] == label]
        expected += [
            *members[: min(max(int(np.floor(0.3 * len(members) + 0.5)), 1), len(members) - 1)]
        ]
    held_out = stratified_split(labels, 0.3, 11, 2)[1]
    np.testing.assert_array_equal(held_out, np.sort(expected))


@pytest.mark.parametrize(
    "images",
    [np.zeros((2, 3, 3, 1)), np.zeros(2, np.uint8), np.zeros((1, 3, 3, 1), np.uint8)],
    ids=["float64", "no axes", "one label too many"],
)
def test_array_split_refuses_what_are_no_labelled_images(images):
    with pytest.raises(InvalidInput, match="`images` must be one of uint8"):
        ArraySplit(images, [0, 1])


def test_an_array_split_frames_what_it_holds(array_split):
    framing = Framing(4, resize_side=5)
    framed = ArraySplit(array_split.images, array_split.labels, framing).subset([3, 5, 6])
    assert framed.image_shape == (4, 4, 2)
    images, labels = framed.reader()(np.array([2, 0]))
    np.testing.assert_array_equal(images, framing(tf.constant(array_split.images[[6, 3]])))
    np.testing.assert_array_equal(labels, [2, 3])
    pixels = framing(tf.constant(array_split.images[[3, 5, 6]])).numpy() / 255
    np.testing.assert_allclose(channel_statistics(framed)[0], pixels.mean((0, 1, 2)), rtol=1e-12)


def test_images_are_held_once_whoever_reads_them():
    images = np.zeros((20_000, 32, 32, 3), np.uint8)
    split = ArraySplit(images, np.arange(len(images)) % 2)
    del images
    assert split.held_bytes == 20_000 * 32 * 32 * 3
    before = _resident_bytes()
    readers = [split.reader() for _ in range(4)]
    assert _resident_bytes() - before < split.held_bytes / 2
    assert all(reader([7])[1].numpy() == [1] for reader in readers)


def _resident_bytes():
    pages = pathlib.Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * resource.getpagesize()


def test_channel_statistics_are_those_of_all_pixels(array_split):
    mean, deviation = channel_statistics(array_split)
    pixels = array_split.images.reshape(-1, 2) / 255
    np.testing.assert_allclose(mean, pixels.mean(0), rtol=1e-12)
    np.testing.assert_allclose(deviation, pixels.std(0), rtol=1e-12)


def test_a_constant_channel_has_the_floor_for_deviation():
    images = np.full((4, 3, 3, 1), 200, np.uint8)
    assert channel_statistics(ArraySplit(images, [0, 0, 1, 1]))[1] == (DEVIATION_FLOOR,)
