# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Whole images, or the square in their middle, at the size that a network expects."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from snas_tf.data.images.framing import Framing
from snas_tf.errors import InvalidInput


def _image(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def _resized(image, height, width):
    return np.round(tf.image.resize(image, (height, width), antialias=True)).astype(np.uint8)


def test_without_numbers_images_stay_as_they_are():
    image = _image(5, 7, 3)
    np.testing.assert_array_equal(Framing()(tf.constant(image)), image)


def test_whole_images_become_squares():
    image = _image(20, 31, 3)
    np.testing.assert_array_equal(Framing(8)(tf.constant(image)), _resized(image, 8, 8))


@pytest.mark.parametrize(
    ("shape", "sides", "top", "left"),
    [
        ((40, 60, 3), (16, 24), 2, 6),
        ((60, 40, 3), (24, 16), 6, 2),
        ((30, 30, 1), (16, 16), 2, 2),
        ((10, 23, 3), (16, 36), 2, 12),  # enlarged
        ((16, 19, 3), (16, 19), 2, 3),
    ],
)
def test_the_central_square_of_the_resized_image(shape, sides, top, left):
    image = _image(*shape)
    expected = _resized(image, *sides)[top : top + 12, left : left + 12]
    framed = Framing(12, resize_side=16)(tf.constant(image))
    assert framed.dtype == tf.uint8
    np.testing.assert_array_equal(framed, expected)


def test_the_aspect_is_kept():
    rows, columns = np.indices((40, 120))
    disc = np.hypot(rows - 19.5, columns - 59.5) < 15
    image = np.repeat(255 * disc[..., np.newaxis], 3, -1).astype(np.uint8)
    framed = Framing(20, resize_side=20)(tf.constant(image)).numpy()[..., 0] > 127
    height, width = (np.ptp(np.flatnonzero(framed.any(axis))) + 1 for axis in (1, 0))
    assert height == width and abs(height - 15) <= 1


@pytest.mark.parametrize("framing", [Framing(8), Framing(8, resize_side=9)])
def test_a_batch_is_framed_as_its_images_are_in_and_out_of_a_graph(framing):
    images = tf.constant(_image(3, 20, 14, 2))
    signature = [tf.TensorSpec((None, None, 2), tf.uint8)]
    graph = tf.function(lambda image: framing(image), input_signature=signature)
    assert graph.get_concrete_function().output_shapes == (8, 8, 2)
    for image, framed in zip(images, framing(images), strict=True):
        np.testing.assert_array_equal(framing(image), framed)
        np.testing.assert_array_equal(graph(image), framed)


def test_shapes_of_framed_images():
    assert Framing().image_shape((5, 7, 3)) == (5, 7, 3)
    assert Framing(6).image_shape((None, 7, 1)) == (6, 6, 1)
    assert Framing(6, 8).image_shape((None, None, 3)) == (6, 6, 3)
    with pytest.raises(InvalidInput, match="`data.image_size` must be given.*differ in size"):
        Framing().image_shape((None, None, 3))


@pytest.mark.parametrize(
    ("numbers", "pattern"),
    [
        ((-1, 0), "`data.image_size` must be a number.*given -1"),
        ((8, -2), "`data.resize_side` must be a number.*given -2"),
        ((0, 9), "`data.image_size` must be given with `data.resize_side`"),
        ((8, 7), "`data.resize_side` must be at least `data.image_size`, which is 8: given 7"),
    ],
)
def test_numbers_that_make_no_framing(numbers, pattern):
    with pytest.raises(InvalidInput, match=pattern) as error:
        Framing(*numbers)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("framing", [Framing(), Framing(12), Framing(12, resize_side=16)])
@pytest.mark.parametrize("shape", [(40, 60, 3), (12, 12, 3), (5, 9, 3)])
def test_an_image_of_any_size_is_made_to_fit(framing, shape):
    image = tf.constant(_image(*shape))
    frame = tf.function(
        framing.fitting((12, 12, 3)), input_signature=[tf.TensorSpec((None, None, 3), tf.uint8)]
    )
    expected = framing(image) if framing.image_size else _resized(image, 12, 12)
    np.testing.assert_array_equal(frame(image), expected)


def test_an_image_that_fits_is_left_as_it_is():
    image = tf.constant(_image(6, 9, 3))
    np.testing.assert_array_equal(Framing().fitting((6, 9, 3))(image), image)
