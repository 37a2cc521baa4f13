# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Our average pooling against TensorFlow's, whose bits it gives."""

import numpy as np
import pytest
import tensorflow as tf

from snas_tf.native import Unavailable, library
from snas_tf.native.average_pool import average_pool


@pytest.fixture(autouse=True)
def _compiled():
    try:
        library.operations()
    except Unavailable as error:
        pytest.skip(str(error))


def tensorflow_pool(images):
    return tf.nn.avg_pool2d(images, 3, 1, "SAME")


def pooled_and_gradient(pool, images):
    with tf.GradientTape() as tape:
        tape.watch(images)
        pooled = pool(images)
    upstream = np.random.default_rng(1).normal(size=pooled.shape).astype(np.float32)
    return pooled, tape.gradient(pooled, images, output_gradients=tf.constant(upstream))


@pytest.mark.parametrize(
    "shape", [(3, 8, 8, 16), (2, 7, 10, 8), (1, 1, 1, 8), (2, 2, 5, 24), (2, 9, 1, 8), (0, 4, 4, 8)]
)
@pytest.mark.parametrize("scale", [1.0, 1e-42, 1e37])
def test_means_and_gradient_to_the_bit(shape, scale):
    """Also of numbers that are so small that they have few digits, and of sums beyond all."""
    images = tf.constant(scale * np.random.default_rng(0).normal(size=shape), tf.float32)
    ours = pooled_and_gradient(average_pool, images)
    theirs = pooled_and_gradient(tensorflow_pool, images)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one, other)


def test_many_threads_give_the_same_to_the_bit():
    images = tf.constant(np.random.default_rng(0).normal(size=(7, 6, 5, 16)), tf.float32)
    operations = library.operations()
    for operation in (operations.snas_average_pool, operations.snas_average_pool_gradient):
        np.testing.assert_array_equal(operation(images, threads=1), operation(images, threads=3))


def test_in_the_branch_of_a_conditional():
    images = tf.constant(np.random.default_rng(0).normal(size=(2, 6, 6, 8)), tf.float32)

    @tf.function
    def gradient(pools):
        with tf.GradientTape() as tape:
            tape.watch(images)
            pooled = tf.cond(pools, lambda: average_pool(images), lambda: images * 0.0)
            assert pooled.shape == images.shape
        return tape.gradient(pooled, images)

    with tf.GradientTape() as tape:
        tape.watch(images)
        pooled = tensorflow_pool(images)
    expected = tape.gradient(pooled, images)
    np.testing.assert_array_equal(gradient(tf.constant(True)), expected)


@pytest.mark.parametrize("shape", [(2, 6, 6, 12), (2, 6, 6)])
def test_what_it_cannot_take_is_refused(shape):
    with pytest.raises(tf.errors.InvalidArgumentError, match="multiple of 8|wrong shape"):
        average_pool(tf.zeros(shape))
