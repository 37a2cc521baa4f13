# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Costs by a rule over a traced call, against what one counts by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from snas_tf import ChildNetwork, space
from snas_tf.errors import InvalidInput
from snas_tf.networks.traced_cost import multiply_adds, peak_activation_bytes


def alone(shape, *inner):
    return keras.Sequential([keras.Input(shape), *inner])


def attention():
    tokens = keras.Input((6, 8))
    return keras.Model(tokens, layers.MultiHeadAttention(2, 4)(tokens, tokens))


COUNTED = {
    "convolution": (alone((9, 9, 4), layers.Conv2D(8, 3, 2, "same")), 25 * 36 * 8),
    "grouped": (alone((8, 8, 8), layers.Conv2D(16, 3, groups=4)), 36 * 9 * 2 * 16),
    "dilated": (
        alone((8, 8, 4), layers.Conv2D(6, 3, dilation_rate=2, padding="same")),
        64 * 36 * 6,
    ),
    "depthwise": (
        alone((8, 8, 4), layers.DepthwiseConv2D(3, depth_multiplier=2)),
        36 * 9 * 8,
    ),
    "dilated depthwise": (
        alone((7, 7, 4), layers.DepthwiseConv2D(3, dilation_rate=2, padding="same")),
        49 * 9 * 4,
    ),
    "separable": (alone((8, 8, 4), layers.SeparableConv2D(6, 3)), 36 * 9 * 4 + 36 * 4 * 6),
    "transposed": (alone((4, 4, 3), layers.Conv2DTranspose(5, 3, 2)), 16 * 3 * 9 * 5),
    "of sequences": (alone((8, 3), layers.Conv1D(4, 3, padding="causal")), 8 * 9 * 4),
    "of volumes": (alone((4, 4, 4, 2), layers.Conv3D(3, 2)), 27 * 16 * 3),
    "transposed, of volumes": (alone((3, 3, 3, 2), layers.Conv3DTranspose(3, 2)), 27 * 2 * 24),
    "dense": (alone((7,), layers.Dense(5), layers.ReLU(), layers.Dense(3)), 35 + 15),
    "dense, of sequences": (alone((6, 7), layers.Dense(5)), 6 * 35),
    "einsum": (alone((6, 8), layers.EinsumDense("abc,cde->abde", (None, 2, 4))), 6 * 8 * 8),
    "ellipsis": (alone((2, 3, 8), layers.EinsumDense("...x,xy->...y", 5)), 2 * 3 * 8 * 5),
    "attention": (attention(), 3 * 6 * 64 + 2 * 2 * 6 * 6 * 4 + 6 * 64),
    "recurrent": (alone((5, 6), layers.LSTM(4)), 5 * (6 + 4) * 16),
    "unrolled": (alone((5, 6), layers.LSTM(4, unroll=True)), 5 * (6 + 4) * 16),
    "both ways": (alone((5, 6), layers.Bidirectional(layers.GRU(4))), 2 * 5 * (6 + 4) * 12),
    "recurrent convolution": (
        alone((3, 6, 6, 2), layers.ConvLSTM2D(2, 3, padding="same")),
        3 * 36 * (18 + 18) * 8,
    ),
    "nothing": (alone((4, 4, 1), layers.MaxPooling2D(), layers.Flatten()), 0),
}


@pytest.mark.parametrize("name", COUNTED)
def test_multiply_adds_are_those_counted_by_hand(name):
    model, expected = COUNTED[name]
    assert multiply_adds(model) == expected


@pytest.mark.parametrize("name", ["DARTS_V2", "SNAS_MILD"])
def test_a_child_costs_what_its_plan_says(name):
    skeleton = space.Skeleton(num_cells=3, init_channels=4, num_classes=10, image_shape=(8, 8, 1))
    child = ChildNetwork(space.PUBLISHED[name], skeleton)
    assert multiply_adds(child) == child.cost.multiply_adds


def test_models_within_models_and_inner_functions_and_branches_count():
    class Own(keras.layers.Layer):
        def build(self, shape):
            self.small, self.large = layers.Dense(2), layers.Dense(10)
            self.last = layers.Dense(3)
            self.small.build(shape)
            self.large.build(shape)
            self.last.build((None, 4))

        def call(self, inputs):
            chosen = tf.cond(
                tf.reduce_sum(inputs) > 0,
                lambda: tf.reduce_sum(self.small(inputs), -1),
                lambda: tf.reduce_sum(self.large(inputs), -1),
            )
            inner = tf.function(lambda: self.last(inputs), autograph=False)
            return inner() + chosen[:, None]

    model = alone((4,), layers.Dense(4), keras.Sequential([keras.Input((4,)), Own()]))
    assert multiply_adds(model) == 16 + 40 + 12


def test_what_the_output_does_not_need_does_not_count():
    images = keras.Input((4,))
    unused = layers.Dense(50)(images)
    model = keras.Model(images, layers.Dense(3)(images) + keras.ops.zeros_like(unused)[:, :1])
    assert multiply_adds(model) == 12


def test_a_loop_of_unknown_length_is_refused():
    class Loop(keras.layers.Layer):
        def call(self, inputs):
            matrix = tf.ones((4, 4))
            return tf.while_loop(
                lambda x: tf.reduce_sum(x) < 1, lambda x: [tf.matmul(x, matrix)], [inputs]
            )[0]

    with pytest.raises(InvalidInput, match="how often the loop"):
        multiply_adds(alone((4,), Loop()))


def test_a_model_that_does_not_know_its_inputs_takes_a_batch_for_example():
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(3)

        def call(self, inputs, training=False):
            return self.dense(inputs["a"]) + self.dense(inputs["b"])

    model = Own()
    with pytest.raises(InvalidInput, match="do give `inputs`"):
        multiply_adds(model)
    batch = {"a": np.zeros((5, 4), "float32"), "b": np.zeros((5, 4), "float32")}
    assert multiply_adds(model, batch) == 24
    with pytest.raises(InvalidInput, match="do give `inputs`"):
        multiply_adds(keras.Sequential([keras.Input((None, None, 1)), layers.Conv2D(1, 1)]))


def test_a_model_for_batches_of_one_size_costs_its_share():
    images = keras.Input(batch_shape=(8, 4))
    assert multiply_adds(keras.Model(images, layers.Dense(3)(images))) == 12


def test_the_peak_is_the_greatest_sum_of_what_is_held():
    # 4 numbers in, 16 of the product and 16 with the bias beside it, a view, 2, 2.
    chain = alone((4,), layers.Dense(16), layers.Reshape((4, 4)), layers.Flatten(), layers.Dense(2))
    assert peak_activation_bytes(chain) == 4 * (16 + 16)
    images = keras.Input((4,))
    wide = layers.Dense(16, use_bias=False)(images)
    narrow = layers.Dense(2, use_bias=False)(wide)
    # The first is held beside all that comes before its last use.
    held = layers.Concatenate()([narrow, wide])
    assert peak_activation_bytes(keras.Model(images, held)) == 4 * (16 + 2 + 18)


def test_the_peak_is_less_with_smaller_numbers_and_knows_no_weights():
    def network(dtype, size):
        convolution = layers.Conv2D(8, size, padding="same", use_bias=False, dtype=dtype)
        return alone((8, 8, 4), convolution)

    assert peak_activation_bytes(network("float32", 3)) == 4 * (8 * 8 * 4 + 8 * 8 * 8)
    assert peak_activation_bytes(network("float32", 5)) == 4 * (8 * 8 * 4 + 8 * 8 * 8)
    assert peak_activation_bytes(network("float16", 3)) == 2 * (8 * 8 * 4 + 8 * 8 * 8)


def test_nothing_of_the_model_changes():
    model = alone((4, 4, 2), layers.Conv2D(2, 3), layers.BatchNormalization(), layers.Dropout(0.5))
    before = [variable.numpy() for variable in model.variables]
    multiply_adds(model)
    peak_activation_bytes(model)
    for value, variable in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(value, variable.numpy())
