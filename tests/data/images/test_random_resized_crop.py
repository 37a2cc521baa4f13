# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The random part lies inside the image, has the area and the aspect it should, and is resized."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf.data.images.random_resized_crop import random_resized_crop, random_window

SEEDS = st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1)).map(list)
SIDES = st.integers(1, 600)


@tf.function(
    input_signature=[tf.TensorSpec((), tf.int32), tf.TensorSpec((), tf.int32)]
    + [tf.TensorSpec((None, 2), tf.int32)]
)
def _windows(height, width, seeds):
    """(top, left, height, width) for every seed."""

    def window(seed):
        begin, size = random_window(height, width, seed)
        return tf.concat([begin[:2], size[:2]], 0)

    return tf.map_fn(window, seeds)


def _drawn(height, width, count=3000):
    seeds = np.stack([np.arange(count), np.full(count, 5)], 1)
    return _windows(height, width, seeds).numpy().T


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(height=SIDES, width=SIDES, seed=SEEDS)
def test_every_part_lies_inside_the_image_and_has_its_area_and_aspect(height, width, seed):
    ((top, left, high, wide),) = _windows(height, width, [seed]).numpy()
    assert 0 <= top <= top + high <= height and high >= 1
    assert 0 <= left <= left + wide <= width and wide >= 1
    # Sides are rounded by up to half a pixel.
    whole = (high, wide) == (height, width)
    assert whole or (wide + 0.5) / max(high - 0.5, 0.5) >= 3 / 4
    assert whole or max(wide - 0.5, 0.5) / (high + 0.5) <= 4 / 3
    elongated = not 1 / 2 < height / width < 2  # may end with the central part, of less area
    assert elongated or (high + 0.5) * (wide + 0.5) >= 0.08 * height * width


def test_areas_are_uniform_and_aspects_log_uniform_where_every_draw_fits():
    # No draw up to this area is refused in a square image, whatever its aspect.
    top, left, high, wide = _drawn(1000, 1000)
    areas, aspects = high * wide / 1e6, np.log(wide / high)
    free = areas < 0.75
    np.testing.assert_allclose(free.mean(), 0.849, atol=0.03)
    counts, _ = np.histogram(areas[free], bins=6, range=(0.08, 0.75))
    np.testing.assert_allclose(counts / free.sum(), 1 / 6, atol=0.03)
    counts, _ = np.histogram(aspects[free], bins=4, range=np.log([3 / 4, 4 / 3]))
    np.testing.assert_allclose(counts / free.sum(), 1 / 4, atol=0.04)
    assert areas.min() < 0.09 and areas.max() > 0.9
    for place, side in ((top, high), (left, wide)):
        shares = place / np.maximum(1000 - side, 1)
        counts, _ = np.histogram(shares[free], bins=4, range=(0, 1))
        np.testing.assert_allclose(counts / free.sum(), 1 / 4, atol=0.04)


def test_every_place_is_reached():
    top, left, high, wide = _drawn(3, 4, count=4000)
    ones = (high == 1) & (wide == 1)
    assert {*zip(top[ones], left[ones], strict=True)} == {
        (r, c) for r in range(3) for c in range(4)
    }


@pytest.mark.parametrize(
    ("size", "expected"),
    [((600, 30), (280, 0, 40, 30)), ((30, 600), (0, 280, 30, 40)), ((1, 1), (0, 0, 1, 1))],
)
def test_where_no_draw_fits_it_is_the_largest_central_part(size, expected):
    # At least 8 % of 600x30 with an aspect of at least 3 / 4 is wider than 30.
    np.testing.assert_array_equal(_drawn(*size, count=50), np.tile(expected, (50, 1)).T)


def test_the_part_is_resized():
    image = np.random.default_rng(0).integers(0, 256, (50, 70, 3), dtype=np.uint8)
    for number in range(20):
        seed = [number, 1]
        (top, left), (high, wide) = (part.numpy()[:2] for part in random_window(50, 70, seed))
        part = image[top : top + high, left : left + wide].astype(np.float32)
        expected = tf.image.resize(part, (12, 9), antialias=True)
        cropped = random_resized_crop(tf.constant(image), 12, 9, seed)
        assert (cropped.shape, cropped.dtype) == ((12, 9, 3), tf.uint8)
        np.testing.assert_allclose(cropped, np.round(expected), atol=1)


def test_same_seed_same_bits_in_and_out_of_a_graph():
    image = np.random.default_rng(0).integers(0, 256, (50, 70, 1), dtype=np.uint8)
    graph = tf.function(
        lambda image, seed: random_resized_crop(image, 16, 16, seed),
        input_signature=[tf.TensorSpec((None, None, 1), tf.uint8), tf.TensorSpec((2,), tf.int32)],
    )
    once = random_resized_crop(tf.constant(image), 16, 16, [3, 4]).numpy()
    np.testing.assert_array_equal(once, graph(image, [3, 4]))
    assert (once != graph(image, [3, 5]).numpy()).any()
