# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Colours change by as much as the strength allows, each image's in its own way."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf.data.images.color_jitter import color_jitter

SEEDS = st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1)).map(list)


def _images(batch=16, size=6):
    shape = (batch, size, size, 3)
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def _plain(color, batch=300):
    return np.broadcast_to(np.uint8(color), (batch, 2, 2, 3))


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_strength_0_is_the_identity(seed):
    images = _images()
    np.testing.assert_array_equal(color_jitter(images, 0.0, seed), images)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, strength=st.floats(0, 1))
def test_black_stays_black_and_grey_stays_grey(seed, strength):
    assert not color_jitter(_plain((0, 0, 0), 20), strength, seed).numpy().any()
    grey = color_jitter(_plain((90, 90, 90), 20), strength, seed).numpy()
    assert (grey == grey[..., :1]).all()


@pytest.mark.slow
@pytest.mark.parametrize("strength", [0.1, 0.4])
def test_brightness_is_a_factor_within_the_strength(strength):
    # An image of one grey has no contrast, saturation or hue.
    grey = color_jitter(_plain((100, 100, 100), 2000), strength, [1, 2]).numpy()[:, 0, 0, 0]
    assert 100 * (1 - strength) <= grey.min() < 100 * (1 - 0.95 * strength)
    assert 100 * (1 + 0.95 * strength) < grey.max() <= 100 * (1 + strength)
    counts, _ = np.histogram(grey, bins=4, range=(100 * (1 - strength), 100 * (1 + strength)))
    np.testing.assert_allclose(counts / 2000, 1 / 4, atol=0.06)


@pytest.mark.slow
def test_contrast_is_a_factor_of_the_distance_from_the_mean_grey():
    images = np.concatenate([_plain((60, 60, 60), 2000), _plain((120, 120, 120), 2000)], axis=1)
    varied = color_jitter(images, 0.3, [1, 2]).numpy()[..., 0].astype(float)
    dark, bright = varied[:, 0, 0], varied[:, -1, 0]
    factors = (bright - dark) / 60 / ((bright + dark) / 180)
    np.testing.assert_allclose([factors.min(), factors.max()], [0.7, 1.3], atol=0.04)
    assert abs(np.corrcoef(factors, bright + dark)[0, 1]) < 0.1, "independent of the brightness"


@pytest.mark.slow
def test_saturation_and_hue_are_within_the_strength():
    color = (120, 80, 60)
    old_hue, _, _ = colorsys.rgb_to_hsv(*color)
    varied = color_jitter(_plain(color, 2000), 0.4, [1, 2]).numpy()[:, 0, 0].astype(float)
    hues = np.array([colorsys.rgb_to_hsv(*pixel)[0] for pixel in varied])
    turns = (hues - old_hue + 0.5) % 1 - 0.5
    np.testing.assert_allclose([turns.min(), turns.max()], [-0.2, 0.2], atol=0.02)
    assert abs(turns.mean()) < 0.01
    # Brightness, contrast and saturation each multiply the difference of the channels.
    spread = np.log(np.ptp(varied, axis=1) / 60)
    one = np.log(np.random.default_rng(0).uniform(0.6, 1.4, 100_000)).std()
    np.testing.assert_allclose(spread.std(), np.sqrt(3) * one, rtol=0.07)


def test_values_are_clipped():
    varied = color_jitter(_images(64), 1.0, [1, 2]).numpy()
    assert (varied.min(), varied.max()) == (0, 255)
    white = color_jitter(_plain((250, 250, 250)), 0.5, [1, 2]).numpy()
    assert (white == 255).mean() > 0.3, "not wrapped around"


def test_same_seed_same_bits_and_every_image_its_own_colours():
    images = np.broadcast_to(_images(1), (16, 6, 6, 3))
    once = color_jitter(images, 0.4, [5, 6]).numpy()
    again = tf.function(color_jitter)(images, 0.4, tf.constant([5, 6])).numpy()
    np.testing.assert_array_equal(once, again)
    assert len(np.unique(once.reshape(16, -1), axis=0)) == 16
    assert (once != color_jitter(images, 0.4, [5, 7]).numpy()).any()
    assert (once.shape, once.dtype) == (images.shape, np.uint8)
