# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Sums of scaled tensors against NumPy in float64."""

import concurrent.futures

import numpy as np
import pytest
import tensorflow as tf

from snas_tf.native.affine_sum import affine_sum, affine_sum_products

pytestmark = pytest.mark.usefixtures("native_operations")

TOLERANCE = 1e-6  # of the norm

# Pixels: one, fewer than a block of 64, exactly one or two, a few more, and none.
SHAPES = [(1, 1, 1), (2, 5, 3), (1, 8, 8), (2, 8, 8), (3, 5, 13), (1, 1, 65), (0, 4, 4), (2, 0, 3)]


def draw(rng, terms, shape, mean=0.0):
    """Tensors, slopes, shift and a gradient of the sum, float32."""
    channels = shape[-1]
    sizes = [*[shape] * terms, (terms, channels), (channels,), shape]
    arrays = [rng.normal(size=size).astype("float32") for size in sizes]
    return [mean + array for array in arrays[:terms]], *arrays[terms:]


def plain_sum(tensors, slopes, shift):
    return np.einsum("t...c,tc->...c", np.array(tensors, "float64"), slopes) + shift


def plain_products(tensors, origins, gradient):
    centered = np.array(tensors, "float64") - origins[:, None, None, None]
    return np.einsum("tbhwc,bhwc->tc", centered, gradient), gradient.sum((0, 1, 2), "float64")


def assert_close(own, expected, tolerance=TOLERANCE):
    assert own.shape == expected.shape
    assert np.linalg.norm(own - expected) <= tolerance * np.linalg.norm(expected)


@pytest.mark.parametrize("terms", range(1, 10))
@pytest.mark.parametrize("channels", [8, 16, 24, 32, 72])
def test_any_number_of_terms_pixels_and_channels(terms, channels, rng):
    for pixels in SHAPES:
        tensors, slopes, shift, gradient = draw(rng, terms, (*pixels, channels))
        assert_close(affine_sum(tensors, slopes, shift), plain_sum(tensors, slopes, shift))
        own = affine_sum_products(tensors, slopes, gradient)
        for one, other in zip(own, plain_products(tensors, slopes, gradient), strict=True):
            assert_close(one, other)


@pytest.mark.parametrize("threads", [2, 3, 16])
def test_many_threads_give_the_same_to_the_bit(threads, rng):
    for terms in (1, 4):
        tensors, slopes, shift, gradient = draw(rng, terms, (3, 9, 7, 16))
        alone = affine_sum(tensors, slopes, shift)
        np.testing.assert_array_equal(affine_sum(tensors, slopes, shift, threads), alone)
        alone = affine_sum_products(tensors, slopes, gradient)
        together = affine_sum_products(tensors, slopes, gradient, threads)
        for one, other in zip(alone, together, strict=True):
            np.testing.assert_array_equal(one, other)


def test_an_origin_leaves_a_large_mean_its_digits(rng):
    tensors, _, _, gradient = draw(rng, 2, (4, 9, 9, 8), mean=np.float32(1000))
    origins = np.mean(tensors, (1, 2, 3))
    own, _ = affine_sum_products(tensors, origins, gradient)
    assert_close(own, plain_products(tensors, origins, gradient)[0])


def test_a_sum_of_many_pixels_keeps_its_digits():
    """In single precision the sum of ones would stay at 2^24."""
    ones = tf.ones((1, 1, 2**24 // 64 + 64, 8))
    products, totals = affine_sum_products([64 * ones], tf.zeros((1, 8)), 1 + 2**-20 * ones)
    count = ones.shape[2]
    np.testing.assert_allclose(products, np.full((1, 8), 64 * count * (1 + 2**-20)), rtol=1e-7)
    np.testing.assert_allclose(totals, np.full(8, count * (1 + 2**-20)), rtol=1e-7)


def test_not_a_number_comes_out_where_it_is(rng):
    tensors, slopes, shift, gradient = draw(rng, 3, (2, 3, 3, 8))
    tensors[1][1, 2, 0, 5] = np.nan
    found = np.isnan(affine_sum(tensors, slopes, shift))
    assert found[1, 2, 0, 5] and found.sum() == 1
    products, totals = affine_sum_products(tensors, slopes, gradient)
    assert np.isnan(products[1, 5]) and np.isnan(products).sum() == 1
    assert np.isfinite(totals).all()


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("terms", [1, 2, 5])
def test_tensorflow_differentiates_by_the_registered_gradient(terms, compiled, rng):
    tensors, slopes, shift, gradient = draw(rng, terms, (2, 5, 7, 16))

    def gradients(tensors, slopes, shift):
        with tf.GradientTape() as tape:
            tape.watch([*tensors, slopes, shift])
            result = affine_sum(tensors, slopes, shift)
        return tape.gradient(result, [*tensors, slopes, shift], gradient)

    call = tf.function(gradients) if compiled else gradients
    arguments = tf.nest.map_structure(tf.constant, (tensors, slopes, shift))
    *of_tensors, of_slopes, of_shift = call(*arguments)
    for own, slope in zip(of_tensors, slopes, strict=True):
        assert_close(own, gradient * slope)
    expected, totals = plain_products(tensors, np.zeros_like(slopes), gradient)
    assert_close(of_slopes, expected)
    assert_close(of_shift, totals)


def test_shapes_are_known_in_a_graph():
    @tf.function(input_signature=[tf.TensorSpec((None, 3, 4, 8))])
    def trace(tensor):
        result = affine_sum([tensor, tensor], tf.ones((2, 8)), tf.zeros(8))
        products, totals = affine_sum_products([tensor], tf.ones((1, 8)), tensor)
        shapes.extend([result.shape, products.shape, totals.shape])
        return result

    shapes = []
    trace(tf.ones((2, 3, 4, 8)))
    assert [shape.as_list() for shape in shapes] == [[None, 3, 4, 8], [1, 8], [8]]


def test_same_inputs_same_bits_in_several_threads(rng):
    tensors, slopes, shift, gradient = draw(rng, 5, (4, 9, 9, 24))

    def compute(_):
        products = affine_sum_products(tensors, slopes, gradient)
        return [part.numpy().tobytes() for part in (affine_sum(tensors, slopes, shift), *products)]

    expected = compute(0)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        assert all(found == expected for found in pool.map(compute, range(20)))


@pytest.mark.parametrize(
    ("shapes", "slopes", "shift"),
    [
        ([(2, 3, 3, 12)] * 2, (2, 12), (12,)),
        ([(2, 3, 3, 4)], (1, 4), (4,)),
        ([(2, 3, 3, 0)], (1, 0), (0,)),
        ([(3, 3, 8)], (1, 8), (8,)),
        ([(2, 3, 3, 8), (2, 3, 4, 8)], (2, 8), (8,)),
        ([(2, 3, 3, 8), (2, 3, 3, 16)], (2, 8), (8,)),
        ([(2, 3, 3, 8)] * 2, (1, 8), (8,)),
        ([(2, 3, 3, 8)] * 2, (2, 16), (8,)),
        ([(2, 3, 3, 8)] * 2, (2, 8), (1, 8)),
    ],
)
def test_what_does_not_fit_is_refused(shapes, slopes, shift):
    tensors = [tf.zeros(shape) for shape in shapes]
    with pytest.raises(tf.errors.InvalidArgumentError):
        affine_sum(tensors, tf.zeros(slopes), tf.zeros(shift))
    wrong_gradient = tf.zeros((*shapes[0][:-1], 40))
    with pytest.raises(tf.errors.InvalidArgumentError):
        affine_sum_products(tensors, tf.zeros(slopes), wrong_gradient)
