# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Our maximum pooling against TensorFlow's."""

import numpy as np
import pytest
import tensorflow as tf

from snas_tf.native import Unavailable, library
from snas_tf.native.max_pool import max_pool


@pytest.fixture(autouse=True)
def _compiled():
    try:
        library.operations()
    except Unavailable as error:
        pytest.skip(str(error))


def tensorflow_pool(images, stride):
    border = ((0, 0), (1, 1), (1, 1), (0, 0))
    padded = tf.pad(images, border, constant_values=images.dtype.min)
    return tf.nn.max_pool2d(padded, 3, stride, "VALID")


def images_of(shape, *, ties):
    images = np.random.default_rng(0).normal(size=shape)
    # With few values most windows have their greatest one several times.
    return tf.constant(np.round(images) if ties else images, tf.float32)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize(
    "shape", [(3, 8, 8, 16), (2, 7, 10, 8), (1, 1, 1, 8), (2, 2, 5, 24), (0, 4, 4, 8)]
)
def test_pooled_and_gradient(shape, stride, ties):
    images = images_of(shape, ties=ties)
    results = []
    for pool in (max_pool, tensorflow_pool):
        with tf.GradientTape() as tape:
            tape.watch(images)
            pooled = pool(images, stride)
        upstream = np.random.default_rng(1).normal(size=pooled.shape).astype(np.float32)
        gradient = tape.gradient(pooled, images, output_gradients=tf.constant(upstream))
        results.append((pooled.numpy(), gradient.numpy()))
    (ours, our_gradient), (theirs, their_gradient) = results
    np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_allclose(our_gradient, their_gradient, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("stride", [1, 2])
def test_in_the_branch_of_a_conditional(stride):
    images = images_of((2, 6, 6, 8), ties=True)

    @tf.function
    def gradient(pools):
        with tf.GradientTape() as tape:
            tape.watch(images)
            pooled = tf.cond(pools, lambda: max_pool(images, stride), lambda: images * 0.0)
        return tape.gradient(pooled, images)

    with tf.GradientTape() as tape:
        tape.watch(images)
        pooled = tensorflow_pool(images, stride)
    expected = tape.gradient(pooled, images)
    np.testing.assert_allclose(gradient(tf.constant(True)), expected, rtol=1e-6, atol=1e-6)


def test_the_shape_is_known_in_a_graph():
    @tf.function
    def pooled(images):
        result = max_pool(images, 2)
        assert result.shape.as_list() == [None, 4, 5, 8]
        return result

    pooled.get_concrete_function(tf.TensorSpec((None, 7, 10, 8)))


@pytest.mark.parametrize("shape", [(2, 6, 6, 12), (2, 6, 6)])
def test_what_it_cannot_take_is_refused(shape):
    with pytest.raises(tf.errors.InvalidArgumentError, match="multiple of 8|wrong shape"):
        max_pool(tf.zeros(shape), 1)
