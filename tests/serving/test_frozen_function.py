# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What converters are given computes what the network computes, from constants alone."""

import numpy as np
import pytest
import tensorflow as tf

from snas_tf import ChildNetwork, space
from snas_tf.layers import MaxPooling, Zero
from snas_tf.serving.frozen_function import frozen_function

SHAPE = (9, 8, 1)
SKELETON = space.Skeleton(num_cells=3, init_channels=2, num_classes=3, image_shape=SHAPE)
GENOTYPE = space.Genotype(
    {
        "normal": (space.Connection(0, 2, "max_pool_3x3"),),
        "reduction": (
            space.Connection(1, 2, "max_pool_3x3"),
            space.Connection(2, 3, "skip_connect"),
        ),
    },
    num_nodes=2,
)


def preprocessing(image):
    return (tf.cast(image, tf.float32) - 100.0) / 70.0


@pytest.fixture
def images(rng):
    return tf.constant(rng.integers(0, 256, (5, *SHAPE), dtype=np.uint8))


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_it_computes_what_the_network_computes_in_float32(dtype, images):
    network = ChildNetwork(GENOTYPE, SKELETON, dtype=dtype)
    exact = ChildNetwork(GENOTYPE, SKELETON)
    exact.take_weights(network)
    answer = frozen_function(network, preprocessing)(images)
    logits = exact(preprocessing(images), training=False)
    np.testing.assert_allclose(answer["logits"], logits, atol=1e-5)
    np.testing.assert_allclose(answer["probabilities"], tf.nn.softmax(logits), atol=1e-5)
    np.testing.assert_array_equal(answer["class_id"], tf.argmax(logits, -1))
    assert answer["class_id"].dtype == tf.int64


@pytest.mark.slow
def test_nothing_in_it_is_a_variable_or_an_input_but_the_image(images):
    function = frozen_function(ChildNetwork(GENOTYPE, SKELETON), preprocessing, tf.float32)
    concrete = function.get_concrete_function()
    assert [(each.name, each.dtype) for each in concrete.inputs] == [("image:0", tf.float32)]
    definition = concrete.graph.as_graph_def()
    operations = {node.op for function in definition.library.function for node in function.node_def}
    assert "Conv2D" in operations
    assert not operations & {"ReadVariableOp", "VarHandleOp", "Placeholder"}
    assert not operations & {"PadV2", "ZerosLike"}  # int8 has neither of the two


@pytest.mark.slow
def test_the_network_stays_as_it_is(images):
    network = ChildNetwork(GENOTYPE, SKELETON)
    frozen_function(network, preprocessing)
    touched = [layer for layer in network.layers if isinstance(layer, MaxPooling | Zero)]
    assert {type(layer) for layer in touched} == {MaxPooling, Zero}
    assert not [layer for layer in touched if {"pool", "call"} & set(vars(layer))]


@pytest.mark.slow
def test_an_auxiliary_head_is_left_out(rng):
    skeleton = space.Skeleton(num_cells=3, init_channels=2, num_classes=3, image_shape=(32, 32, 1))
    network = ChildNetwork(GENOTYPE, skeleton, auxiliary=True, drop_path=0.2, drop_path_steps=9)
    images = tf.constant(rng.integers(0, 256, (2, 32, 32, 1), dtype=np.uint8))
    answer = frozen_function(network, preprocessing)(images)
    logits = network(preprocessing(images), training=False)["logits"]
    np.testing.assert_allclose(answer["logits"], logits, atol=1e-5)
