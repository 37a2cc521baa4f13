# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Our concatenation of channels against TensorFlow's, whose bits it gives."""

import numpy as np
import pytest
import tensorflow as tf

from snas_tf.native import library
from snas_tf.native.concatenation import concatenation, suits

pytestmark = pytest.mark.usefixtures("native_operations")


def drawn(parts, shape):
    rng = np.random.default_rng(0)
    return [tf.constant(rng.normal(size=shape), tf.float32) for _ in range(parts)]


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("parts", [1, 2, 4])
@pytest.mark.parametrize("shape", [(3, 5, 4, 16), (1, 1, 1, 8), (2, 3, 7, 24), (0, 4, 4, 8)])
def test_tensors_and_gradients_to_the_bit(parts, shape, compiled):
    tensors = drawn(parts, shape)
    (upstream,) = drawn(1, (*shape[:-1], parts * shape[-1]))

    def joined_and_gradients(join):
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            joined = join()
        return [joined, *tape.gradient(joined, tensors, output_gradients=upstream)]

    def ours():
        return joined_and_gradients(lambda: concatenation(tensors))

    theirs = joined_and_gradients(lambda: tf.concat(tensors, axis=-1))
    for one, other in zip(tf.function(ours)() if compiled else ours(), theirs, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("threads", [2, 3, 16])
def test_many_threads_give_the_same(threads):
    tensors = drawn(3, (2, 3, 3, 8))
    joined = library.operations().snas_concatenation(tensors, threads=threads)
    np.testing.assert_array_equal(joined, tf.concat(tensors, axis=-1))
    parts = library.operations().snas_concatenation_gradient(joined, parts=3, threads=threads)
    for part, tensor in zip(parts, tensors, strict=True):
        np.testing.assert_array_equal(part, tensor)


def test_shapes_are_known_in_a_graph():
    @tf.function(input_signature=[tf.TensorSpec((None, 3, 4, 8))])
    def trace(tensor):
        with tf.GradientTape() as tape:
            tape.watch(tensor)
            joined = concatenation([tensor, tensor])
        shapes.extend([joined.shape, tape.gradient(joined, tensor).shape])

    shapes = []
    trace(tf.ones((2, 3, 4, 8)))
    assert [shape.as_list() for shape in shapes] == [[None, 3, 4, 16], [None, 3, 4, 8]]


def test_what_suits_it():
    assert suits(drawn(2, (1, 2, 2, 8)))
    assert not suits(drawn(2, (1, 2, 2, 12)))
    assert not suits([tf.zeros((1, 2, 2, 8), tf.bfloat16)])


@pytest.mark.parametrize("shapes", [[(1, 2, 2, 12)], [(1, 2, 2, 8), (1, 2, 2, 16)], [(2, 2, 8)]])
def test_what_it_cannot_take_is_refused(shapes):
    with pytest.raises(tf.errors.InvalidArgumentError, match="multiple of 8|wrong shape"):
        concatenation([tf.zeros(shape) for shape in shapes])
    with pytest.raises(tf.errors.InvalidArgumentError, match="multiple of 8|divide|wrong shape"):
        library.operations().snas_concatenation_gradient(tf.zeros(shapes[0]), parts=5, threads=1)
