# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the candidate operations have in common."""

import numpy as np
import pytest
import tensorflow as tf

from snas_tf import space
from snas_tf.layers import SkipConnection, candidate_operation
from snas_tf.layers.edge_operation import weighted


@pytest.mark.parametrize("operation", space.PRIMITIVES)
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("size", [(8, 6), (7, 5), (1, 1)])
def test_the_announced_shape_is_that_of_the_outputs(operation, stride, size):
    layer = candidate_operation(operation, num_edges=2, stride=stride)
    shape = (3, *size, 4)
    layer.build(shape)
    expected = (3, -(-size[0] // stride), -(-size[1] // stride), 4)
    assert [tuple(output.shape) for output in layer(tf.ones(shape))] == [expected] * 2
    assert layer.compute_output_shape(shape) == [expected] * 2
    assert layer.compute_output_shape((None, None, None, 4)) == [(None, None, None, 4)] * 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"num_edges": 0}, "`num_edges` must be positive. Received: 0"),
        ({"stride": 3}, "`stride` must be 1 or 2. Received: 3"),
    ],
)
def test_impossible_arguments_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        SkipConnection(**arguments)


def test_a_shared_tensor_is_weighted_for_every_edge(rng):
    tensor = tf.constant(rng.normal(size=(2, 3)), tf.float32)
    for output, weight in zip(weighted(tensor, tf.constant([0.0, 0.5]), 2), (0, 0.5), strict=True):
        np.testing.assert_array_equal(output, weight * tensor.numpy())
    assert [output is tensor for output in weighted(tensor, None, 2)] == [True, True]
    half = weighted(tf.cast(tensor, tf.bfloat16), tf.constant([0.5]), 1)
    assert half[0].dtype == tf.bfloat16
