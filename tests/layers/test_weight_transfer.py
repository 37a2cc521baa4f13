# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Weights travel by name, an edge at a time, and nothing else changes."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import space
from snas_tf.layers import ReLUConvBN, candidate_operation, transfer

EDGES = 3
SHAPE = (4, 6, 6, 4)


def randomized(layer, rng):
    layer.build((None, *SHAPE[1:]))
    for weight in layer.weights:
        weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    return layer


@pytest.mark.parametrize("operation", space.PRIMITIVES)
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("edge", range(EDGES))
def test_one_edge_computes_what_it_computed_among_several(operation, stride, edge, rng):
    source = randomized(
        candidate_operation(operation, num_edges=EDGES, stride=stride, affine=False), rng
    )
    target = candidate_operation(operation, stride=stride)
    target.build((None, *SHAPE[1:]))
    transfer(source, target, edge)
    images = tf.constant(rng.normal(size=SHAPE), tf.float32)
    np.testing.assert_allclose(target(images)[0], source(images)[edge], atol=1e-5)
    for weight in target.weights:
        if weight.name in ("gamma", "beta"):
            assert (weight.numpy() == (weight.name == "gamma")).all()


@pytest.mark.parametrize("affine", [False, True])
def test_whole_layers_and_their_scale_and_shift(affine, rng):
    source = randomized(ReLUConvBN(6, affine), rng)
    target = randomized(ReLUConvBN(6), rng)
    before = {weight.name: weight.numpy() for weight in target.weights}
    transfer(source, target)
    theirs = {weight.name: weight.numpy() for weight in source.weights}
    for weight in target.weights:
        expected = theirs.get(weight.name, before[weight.name])
        np.testing.assert_array_equal(weight, expected)
    assert ("gamma" in theirs) == affine


def test_the_source_keeps_its_weights(rng):
    source = randomized(candidate_operation("sep_conv_3x3", num_edges=EDGES, affine=False), rng)
    before = source.get_weights()
    target = candidate_operation("sep_conv_3x3")
    target.build((None, *SHAPE[1:]))
    transfer(source, target, 1)
    for weight in target.weights:
        weight.assign(tf.zeros_like(weight))
    for left, right in zip(source.get_weights(), before, strict=True):
        np.testing.assert_array_equal(left, right)


def test_layers_of_one_name_within_a_layer_are_refused():
    """Their weights have one name, and one of them would get the other's."""
    twins = [keras.layers.Dense(4, name="same") for _ in range(2)]

    class Block(keras.layers.Layer):
        def build(self, input_shape=None):
            self.twins = twins
            for layer in twins:
                layer.build((None, 4))

    block = Block(name="block")
    block.build()
    with pytest.raises(ValueError, match="Received: block, where two layers have the same name"):
        transfer(block, block)
