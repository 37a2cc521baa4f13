# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Of all operations on an edge the chosen one runs, as it would by itself, and no other does."""

import numpy as np
import pytest
import tensorflow as tf

from snas_tf import space
from snas_tf.layers import MixedOperation
from snas_tf.layers.chosen_operation import ChosenOperation

SHAPE = (4, 6, 6, 4)
COUNT = len(space.PRIMITIVES)
PAIRS = [(n, (n + 4) % COUNT) for n in range(4)]  # an operation for each of two edges


@pytest.fixture
def images(rng):
    return tf.constant(rng.normal(size=SHAPE), tf.float32)


def build(stride=1, num_edges=2, **kwargs):
    layer = MixedOperation(space.PRIMITIVES, num_edges, stride, **kwargs)
    layer.build((None, *SHAPE[1:]))
    for number, variable in enumerate(layer.weights):
        values = np.random.default_rng(number).uniform(0.2, 1.0, variable.shape)
        variable.assign(values)
    return layer


def run(layer, images, samples, upstream, training=True, **kwargs):
    """Outputs, gradients of images, samples and weights, and all weights afterwards."""
    start = layer.get_weights()
    weights = [variable.value for variable in layer.trainable_variables]
    with tf.GradientTape() as tape:
        tape.watch((images, samples))
        outputs = layer(images, samples, training=training, **kwargs)
    found = tape.gradient(
        outputs,
        (images, samples, weights),
        output_gradients=upstream,
        unconnected_gradients=tf.UnconnectedGradients.ZERO,
    )
    after = layer.get_weights()
    layer.set_weights(start)
    return outputs, *found, after


def rows_of(layer, variable):
    """The operation that a weight belongs to."""
    return next(
        number
        for number, operation in enumerate(layer.operations)
        if any(variable is own for own in operation.weights)
    )


@pytest.mark.slow
@pytest.mark.parametrize(("stride", "affine"), [(1, False), (2, True)])
def test_it_is_what_all_operations_give_with_one_hot_rows(stride, affine, images, rng):
    layer, chosen = build(stride, affine=affine), ChosenOperation()
    side = 6 // stride
    upstream = [tf.constant(rng.normal(size=(4, side, side, 4)), tf.float32) for _ in range(2)]
    for pair in PAIRS:
        samples = tf.one_hot(pair, COUNT)
        outputs, of_images, of_samples, of_weights, after = run(
            layer, images, samples, upstream, chosen=chosen
        )
        every = run(layer, images, samples, upstream)
        for output, expected in zip(outputs, every[0], strict=True):
            np.testing.assert_allclose(output, expected, atol=1e-5)
        np.testing.assert_allclose(of_images, every[1], atol=1e-4)
        np.testing.assert_allclose(of_samples, every[2] * samples, rtol=1e-3, atol=1e-3)
        for variable, slope, expected in zip(
            layer.trainable_variables, of_weights, every[3], strict=True
        ):
            number = rows_of(layer, variable)
            for edge, choice in enumerate(pair):
                np.testing.assert_allclose(slope[edge], expected[edge], atol=2e-3)
                if choice != number:
                    np.testing.assert_array_equal(slope[edge], np.zeros(slope[edge].shape))
        for variable, old, new, expected in zip(
            layer.weights, layer.get_weights(), after, every[4], strict=True
        ):
            number = rows_of(layer, variable)
            shared = old.shape[0] == 1
            for row in range(len(old)):
                ran = number in pair if shared else pair[row] == number
                np.testing.assert_allclose(new[row], expected[row] if ran else old[row], rtol=1e-5)
                moved = "moving" in variable.path and ran
                assert np.array_equal(new[row], old[row]) != moved, variable.path


def test_a_pooled_input_that_two_edges_choose_counts_once(images):
    layer, pool = build(), space.PRIMITIVES.index("max_pool_3x3")
    start, chosen, after = layer.get_weights(), ChosenOperation(), []
    for choices in ((pool, pool), (0, pool)):
        layer.set_weights(start)
        layer(images, tf.one_hot(choices, COUNT), training=True, chosen=chosen)
        after.append(layer.get_weights())
    for both, one in zip(*after, strict=True):
        np.testing.assert_array_equal(both, one)


def test_inference_takes_the_running_statistics_and_leaves_them(images):
    layer, chosen = build(), ChosenOperation()
    before = layer.get_weights()
    for pair in PAIRS:
        samples = tf.one_hot(pair, COUNT)
        outputs = layer(images, samples, chosen=chosen)
        for output, expected in zip(outputs, layer(images, samples), strict=True):
            np.testing.assert_allclose(output, expected, rtol=1e-5, atol=1e-5)
    for old, new in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_edges_of_one_shape_share_a_graph_of_unlowered_branches(images):
    """Otherwise every edge would have a copy of every operation, and tracing take minutes."""
    layers, chosen = [build(num_edges=3), build(num_edges=2)], ChosenOperation()

    @tf.function(autograph=False)
    def network(images):
        for layer in layers:
            samples = tf.one_hot([5] * layer.num_edges, COUNT)
            images = tf.add_n(layer(images, samples, training=True, chosen=chosen))
        return images

    graph = network.get_concrete_function(images).graph
    (function,) = chosen._traced[graph].values()
    graph = graph.as_graph_def()
    assert function.experimental_get_tracing_count() == 1
    calls = [
        node for node in graph.node if node.op in ("PartitionedCall", "StatefulPartitionedCall")
    ]
    assert len(calls) == 5
    nodes = [node for function in graph.library.function for node in function.node_def]
    cases = [node for node in nodes if node.op in ("Case", "StatelessCase")]
    assert len(cases) == 1
    assert not cases[0].attr["_lower_using_switch_merge"].b


def test_functions_may_run_eagerly(images):
    layer, samples = build(), tf.one_hot((3, 5), COUNT)
    expected = layer(images, samples, chosen=ChosenOperation())
    tf.config.run_functions_eagerly(True)
    try:
        outputs = layer(images, samples, chosen=ChosenOperation())
    finally:
        tf.config.run_functions_eagerly(False)
    for output, other in zip(outputs, expected, strict=True):
        np.testing.assert_allclose(output, other, rtol=1e-5, atol=1e-5)
