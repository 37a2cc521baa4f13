# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Augmentation moves, mirrors and blanks pixels, and does nothing else."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf.data.images.augmentation import cutout, random_crop, random_flip

SEEDS = st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1)).map(list)


def _images(batch=64, height=7, width=9, channels=2):
    shape = (batch, height, width, channels)
    return np.random.default_rng(0).integers(1, 256, shape, dtype=np.uint8)


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, padding=st.integers(0, 5))
def test_crop_is_a_window_of_the_padded_image(seed, padding):
    images = _images(batch=8)
    cropped = random_crop(images, padding, seed).numpy()
    padded = np.pad(images, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, images.shape[1:3], axis=(1, 2))
    windows = np.moveaxis(windows, 3, -1)  # [batch, rows, columns, height, width, channels]
    matches = (windows == cropped[:, np.newaxis, np.newaxis]).all((3, 4, 5))
    assert matches.any((1, 2)).all()
    assert cropped.dtype == np.uint8


def test_crop_draws_every_offset_for_each_image():
    images = np.broadcast_to(_images(1, 5, 5, 1), (4000, 5, 5, 1))
    cropped = random_crop(images, 2, [1, 2]).numpy()
    _, counts = np.unique(cropped.reshape(4000, -1), axis=0, return_counts=True)
    assert len(counts) == 25
    assert counts.min() > 160 * 0.6
    assert counts.max() < 160 * 1.4


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_flip_mirrors_or_keeps_each_image(seed):
    images = _images(400, 2, 5, 1)
    flipped = random_flip(images, seed).numpy()
    kept = (flipped == images).all((1, 2, 3))
    mirrored = (flipped == images[:, :, ::-1]).all((1, 2, 3))
    assert (kept | mirrored).all()
    assert 130 < mirrored.sum() < 270


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, size=st.integers(1, 12))
def test_cutout_blanks_one_rectangle(seed, size):
    images = _images().astype(np.float32)
    blanked = cutout(images, size, seed).numpy() == 0
    assert (blanked == blanked[..., :1]).all(), "a pixel is blank in all its channels"
    for hole in blanked[..., 0]:
        rows, columns = np.flatnonzero(hole.any(1)), np.flatnonzero(hole.any(0))
        assert 1 <= len(rows) <= size
        assert 1 <= len(columns) <= size
        assert hole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
        assert hole.sum() == len(rows) * len(columns)


def test_cutout_leaves_the_rest_and_reaches_over_the_border():
    images = _images(2000, 8, 8, 1).astype(np.float32)
    result = cutout(images, 4, [3, 4]).numpy()
    assert (result[result != 0] == images[result != 0]).all()
    areas = (result[..., 0] == 0).sum((1, 2))
    # A centre y covers y - 2 to y + 1: whole for 5 of the 8 centres along each axis.
    assert areas.max() == 16
    assert areas.min() == 4
    np.testing.assert_allclose((areas == 16).mean(), 25 / 64, atol=0.04)
    np.testing.assert_allclose(areas.mean(), ((5 * 4 + 3 + 3 + 2) / 8) ** 2, rtol=0.03)


@pytest.mark.parametrize(
    "augment",
    [
        lambda images, seed: random_crop(images, 3, seed),
        random_flip,
        lambda images, seed: cutout(tf.cast(images, tf.float32), 4, seed),
    ],
    ids=["crop", "flip", "cutout"],
)
def test_same_seed_same_bits_in_and_out_of_a_graph(augment):
    images = tf.constant(_images())
    once = augment(images, tf.constant([5, 6])).numpy()
    again = tf.function(augment)(images, tf.constant([5, 6])).numpy()
    other = augment(images, tf.constant([5, 7])).numpy()
    np.testing.assert_array_equal(once, again)
    assert (once != other).any()
