# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Whose gradient is taken: the one that is written out, or TensorFlow's own."""

import numpy as np
import pytest
import tensorflow as tf

from snas_tf.native.written_gradient import with_gradient


@with_gradient
def both(one, other):
    """Sum and product, with ten times their gradient, so that one sees which it was."""

    def gradient(of_sum, of_product):
        return [10 * (of_sum + of_product * other), 10 * (of_sum + of_product * one)]

    return [one + other, one * other], gradient


def gradients():
    one, other = tf.constant(2.0), tf.constant(5.0)
    with tf.GradientTape() as tape:
        tape.watch([one, other])
        outputs = both(one, other)
    return tape.gradient(outputs, [one, other], output_gradients=[1.0, 3.0])


@pytest.mark.parametrize("compiled", [False, True])
def test_a_tape_takes_the_one_that_is_written_out(compiled):
    function = tf.function(gradients) if compiled else gradients
    np.testing.assert_array_equal(function(), [160.0, 70.0])


def test_an_output_that_nobody_asks_for_has_the_gradient_zero():
    one = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        _, product = both(one, 5.0)
    assert float(tape.gradient(product, one)) == 50.0


@tf.function
def within_a_branch(choice, one, other):
    with tf.GradientTape() as tape:
        tape.watch([one, other])
        branches = [lambda: tf.add_n(both(one, other)), lambda: one - other]
        output = tf.switch_case(choice, branches)
    return tape.gradient(output, [one, other])


def test_in_a_branch_it_is_tensorflows_own():
    arguments = tf.constant(2.0), tf.constant(5.0)
    np.testing.assert_array_equal(within_a_branch(tf.constant(0), *arguments), [6.0, 3.0])
    np.testing.assert_array_equal(within_a_branch(tf.constant(1), *arguments), [1.0, -1.0])
