# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Ordinary convolutions against the same sums written plainly, in float64."""

import concurrent.futures

import numpy as np
import pytest
import tensorflow as tf

from snas_tf import native
from snas_tf.native import library
from snas_tf.native.convolution import Kernels, suits
from snas_tf.native.separable_convolution import Arriving

pytestmark = pytest.mark.usefixtures("native_operations")

EDGES = 2
EPSILON = 1e-5
TOLERANCE = 1e-5  # of the norm: float32 against float64
# Rows of blocks of six and five pixels, of eight and fewer, and channels for either; and images of
# even sides, which 3x3 kernels take in tiles: few of them, several strips, one that is not whole,
# and several images whose gradients are summed together.
SHAPES = [
    *((3, 4, 16, 16), (2, 3, 8, 32), (2, 5, 7, 8), (2, 2, 11, 24), (1, 1, 1, 16), (2, 3, 32, 8)),
    *((2, 2, 2, 8), (2, 16, 12, 24), (2, 4, 70, 16), (20, 8, 8, 16), (3, 32, 32, 8)),
]


def draw(rng, shape, size):
    def normal(*shape):
        return rng.normal(size=shape)

    channels = shape[-1]
    images = normal(*shape) + 0.3
    kernels = normal(EDGES, size, size, channels, channels) / (size * channels**0.5)
    arriving = [np.stack([normal(*shape) for _ in range(EDGES)])]
    arriving += [normal(EDGES, channels) for _ in range(3)]
    return images, kernels, arriving


def plainly(images, kernels, arriving):
    """Products, means, variances, inverse deviations, and the gradients of images and kernels."""
    images, kernels = tf.constant(images), tf.constant(kernels)
    upstream, factors, of_means, of_deviations = map(tf.constant, arriving)
    with tf.GradientTape() as tape:
        tape.watch([images, kernels])
        products = tf.stack(
            [tf.nn.conv2d(tf.nn.relu(images), each, 1, "SAME") for each in tf.unstack(kernels)]
        )
        means, variances = tf.nn.moments(products, (1, 2, 3))
        deviations = tf.math.rsqrt(variances + EPSILON)
        loss = tf.reduce_sum(products * upstream * factors[:, None, None, None])
        loss += tf.reduce_sum(means * of_means) + tf.reduce_sum(deviations * of_deviations)
    count = np.prod(images.shape[:3])
    unbiased = variances * count / max(count - 1, 1)
    return products, means, unbiased, deviations, *tape.gradient(loss, [images, kernels])


def by_the_operation(images, kernels, arriving):
    images, kernels = (tf.constant(array, tf.float32) for array in (images, kernels))
    upstream, *rest = (tf.constant(array, tf.float32) for array in arriving)
    convolution = Kernels(kernels, EPSILON)
    products = convolution.products(images)
    gradients = convolution.gradients(images, products, Arriving(tf.unstack(upstream), *rest))
    statistics = products.means + products.variances + products.inverse_deviations
    return tf.stack(products.products), *statistics, *gradients


def assert_close(own, expected):
    for one, other in zip(own, expected, strict=True):
        assert one.shape == other.shape
        distance = np.linalg.norm(np.subtract(one, other))
        assert distance <= TOLERANCE * max(np.linalg.norm(other), 1e-3)


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_it_equals_the_plain_sums(shape, size, rng):
    problem = draw(rng, shape, size)
    if np.prod(shape[:3]) == 1:
        problem[2][3][:] = 0.0  # of one pixel nothing deviates: the gradient is one of rounding
    assert_close(by_the_operation(*problem), plainly(*problem))


def test_the_result_does_not_depend_on_the_threads(rng, monkeypatch):
    problem = draw(rng, (9, *SHAPES[0][1:]), 3)
    monkeypatch.setattr(library, "cores", lambda: 1)
    alone = by_the_operation(*problem)
    monkeypatch.setattr(library, "cores", lambda: 3)
    for one, other in zip(by_the_operation(*problem), alone, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_same_bits_side_by_side(rng):
    problem = draw(rng, SHAPES[1], 3)
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        first, *others = pool.map(lambda _: by_the_operation(*problem), range(4))
    for other in others:
        for one, two in zip(first, other, strict=True):
            np.testing.assert_array_equal(one, two)


def test_an_edge_at_which_nothing_arrives_has_no_gradient(rng):
    images, kernels, arriving = draw(rng, SHAPES[0], 3)
    for array in arriving[1:]:
        array[0] = 0.0
    *_, of_kernels = by_the_operation(images, kernels, arriving)
    assert not np.any(of_kernels[0]) and np.all(np.isfinite(of_kernels[1]))
    assert np.any(of_kernels[1])


def test_tensorflow_differentiates_it_in_a_finished_graph(rng):
    images, kernels, _ = draw(rng, SHAPES[2], 3)
    images, kernels = (tf.constant(array, tf.float32) for array in (images, kernels))

    @tf.function
    def loss(images, kernels):
        products = Kernels(kernels, EPSILON).products(images)
        return tf.reduce_sum(tf.stack(products.products) ** 3)

    with tf.GradientTape() as tape:
        tape.watch([images, kernels])
        own = loss(images, kernels)
    gradients = tape.gradient(own, [images, kernels])
    with tf.GradientTape() as tape:
        tape.watch([images, kernels])
        outputs = [tf.nn.conv2d(tf.nn.relu(images), k, 1, "SAME") for k in tf.unstack(kernels)]
        expected = tf.reduce_sum(tf.stack(outputs) ** 3)
    assert_close(gradients, tape.gradient(expected, [images, kernels]))


@pytest.mark.parametrize(
    ("images", "kernels", "told"),
    [
        ((2, 4, 4, 12), (2, 3, 3, 12, 12), "multiple of 8"),
        ((2, 4, 4, 8), (2, 5, 5, 8, 8), "1 x 1 or of 3 x 3"),
        ((2, 4, 4, 8), (2, 3, 1, 8, 8), "1 x 1 or of 3 x 3"),
        ((2, 4, 4, 8), (2, 3, 3, 16, 16), "wrong shape"),
    ],
)
def test_what_it_cannot_take_is_refused(images, kernels, told):
    with pytest.raises(tf.errors.InvalidArgumentError, match=told):
        Kernels(tf.zeros(kernels), EPSILON).products(tf.zeros(images))


def test_it_suits_where_it_is_in_use():
    assert suits(16, 3, 1) and suits(8, 1, 1)
    assert not suits(12, 3, 1) and not suits(8, 5, 1) and not suits(8, 3, 2)
    native.use(False)
    assert not suits(16, 3, 1)
    native.use()
