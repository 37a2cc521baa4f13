# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Messages along the edges of a graph against TensorFlow's operations and NumPy in float64."""

import numpy as np
import pytest
import tensorflow as tf

from snas_tf.native import library
from snas_tf.native.messages import MessageWeights, messages, suits

pytestmark = pytest.mark.usefixtures("native_operations")

SLOPE = 0.2
# Entities, edges, width, edge width: no edge, one, fewer than a block of 32, some blocks, many.
SIZES = [(3, 0, 8, 8), (1, 1, 8, 16), (5, 31, 16, 8), (40, 300, 32, 16), (6, 2000, 24, 8)]


def draw(rng, sizes):
    """States, edge states, weights and the ends of edges; the last entity has no edge."""
    entities, edges, width, edge_width = sizes

    def floats(*shape):
        return tf.constant(rng.normal(size=shape), tf.float32)

    weights = MessageWeights(
        floats(edge_width, width),
        floats(1, width),
        floats(width, 2 * width),
        floats(1, 2 * width),
    )
    sources = tf.constant(rng.integers(0, entities, edges), tf.int32)
    targets = tf.constant(np.sort(rng.integers(0, max(entities - 1, 1), edges)), tf.int32)
    return floats(entities, width), floats(edges, edge_width), weights, (sources, targets)


def along_edges(states, edge_states, weights, sources):
    hidden = tf.nn.leaky_relu(edge_states @ weights.edge + weights.edge_bias, SLOPE)
    gate, shift = tf.split(hidden @ weights.gate + weights.gate_bias, 2, axis=1)
    return tf.sigmoid(gate) * tf.gather(states, sources) + shift


def by_tensorflow(states, edge_states, weights, ends, *, greatest):
    carried = along_edges(states, edge_states, weights, ends[0])
    if not greatest:
        return tf.math.unsorted_segment_sum(carried, ends[1], len(states))
    found = tf.math.segment_max(carried, ends[1])
    return tf.pad(found, ((0, len(states) - len(found)), (0, 0)))


def ours(*arguments, greatest):
    return messages(*arguments, slope=SLOPE, greatest=greatest)


def values_and_gradients(function, arguments, greatest):
    states, edge_states, weights, ends = arguments
    sources = [states, edge_states, *weights]
    upstream = np.random.default_rng(1).normal(size=states.shape).astype("float32")
    with tf.GradientTape() as tape:
        tape.watch(sources)
        found = function(states, edge_states, weights, ends, greatest=greatest)
    gradients = tape.gradient(found, sources, output_gradients=tf.cast(upstream, found.dtype))
    return [found, *map(tf.convert_to_tensor, gradients)]


def in_double(arguments):
    return tf.nest.map_structure(
        lambda tensor: tf.cast(tensor, tf.float64) if tensor.dtype.is_floating else tensor,
        arguments,
    )


@pytest.mark.parametrize("greatest", [False, True])
@pytest.mark.parametrize("sizes", SIZES)
def test_values_and_gradients_are_those_in_double_precision(sizes, greatest, rng):
    arguments = draw(rng, sizes)
    own = values_and_gradients(ours, arguments, greatest)
    states, edge_states, weights, ends = in_double(arguments)
    expected = values_and_gradients(by_tensorflow, (states, edge_states, weights, ends), greatest)
    for one, other in zip(own, expected, strict=True):
        assert one.shape == other.shape
        one, other = np.asarray(one, "float64"), np.asarray(other)
        assert np.linalg.norm(one - other) <= 1e-5 * np.linalg.norm(other) + 1e-12


def test_edges_that_have_the_maximum_share_its_gradient(rng):
    states, edge_states, weights, _ = draw(rng, (2, 4, 8, 8))
    alike = tf.repeat(edge_states[:1], 4, axis=0)
    ends = tf.zeros(4, tf.int32), tf.zeros(4, tf.int32)
    arguments = states, alike, weights, ends
    own = values_and_gradients(ours, arguments, True)
    for one, other in zip(own, values_and_gradients(by_tensorflow, arguments, True), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("factor", [1e3, -1e3])
def test_gates_that_are_open_or_shut(factor, rng):
    states, edge_states, weights, ends = draw(rng, (5, 40, 8, 8))
    extreme = weights._replace(gate_bias=factor * tf.ones_like(weights.gate_bias))
    found = ours(states, edge_states, extreme, ends, greatest=False)
    expected = by_tensorflow(states, edge_states, extreme, ends, greatest=False)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_not_a_number_comes_out_where_it_is(rng):
    states, edge_states, weights, _ = draw(rng, (3, 2, 8, 8))
    states = tf.tensor_scatter_nd_update(states, [[0, 5]], [np.nan])
    ends = tf.constant([0, 1]), tf.constant([1, 2])
    found = np.isnan(ours(states, edge_states, weights, ends, greatest=False))
    assert found[1, 5] and found.sum() == 1


@pytest.mark.parametrize("greatest", [False, True])
def test_many_threads_give_the_same_to_the_bit(greatest, rng):
    states, edge_states, weights, (sources, targets) = draw(rng, (50, 700, 16, 8))
    operations = library.operations()
    inputs = [states, edge_states, *weights, sources, targets]
    settings = {"slope": SLOPE, "greatest": int(greatest)}
    alone = operations.snas_messages(*inputs, **settings, threads=1)
    of_alone = operations.snas_messages_gradient(*inputs, states, *alone, **settings, threads=1)
    for threads in (2, 3, 16):
        together = operations.snas_messages(*inputs, **settings, threads=threads)
        of_together = operations.snas_messages_gradient(
            *inputs, states, *together, **settings, threads=threads
        )
        for one, other in zip((*alone, *of_alone), (*together, *of_together), strict=True):
            np.testing.assert_array_equal(one, other)


def test_shapes_are_known_in_a_graph_and_in_a_branch(rng):
    states, edge_states, weights, ends = draw(rng, (5, 31, 16, 8))

    @tf.function(input_signature=[tf.TensorSpec((None, 16)), tf.TensorSpec((None, 8))])
    def trace(states, edge_states):
        with tf.GradientTape() as tape:
            tape.watch(states)
            found = tf.cond(
                tf.shape(states)[0] > 1,
                lambda: ours(states, edge_states, weights, ends, greatest=False),
                lambda: 0.0 * states,
            )
        assert found.shape.as_list() == [None, 16]
        return found, tape.gradient(found, states)

    expected = by_tensorflow(states, edge_states, weights, ends, greatest=False)
    found, gradient = trace(states, edge_states)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    assert np.any(gradient)


def test_what_suits_it():
    assert suits(tf.zeros((2, 8)), tf.zeros((0, 16)))
    assert not suits(tf.zeros((2, 12)), tf.zeros((0, 16)))
    assert not suits(tf.zeros((2, 8)), tf.zeros((0, 4)))
    assert not suits(tf.zeros((2, 8), tf.bfloat16), tf.zeros((0, 8), tf.bfloat16))


@pytest.mark.parametrize(
    ("ends", "message"),
    [
        (([0, 3], [0, 1]), "no entity"),
        (([0, -1], [0, 1]), "no entity"),
        (([0, 1], [0, 3]), "no entity"),
        (([0, 1], [1, 0]), "ascend"),
        (([0, 1], [-1, 0]), "ascend"),
        (([0], [0, 1]), "wrong shape"),
    ],
)
def test_edges_that_are_none_are_refused(ends, message, rng):
    states, edge_states, weights, _ = draw(rng, (3, 2, 8, 8))
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        ours(states, edge_states, weights, [tf.constant(end) for end in ends], greatest=False)


def test_widths_that_do_not_fit_are_refused(rng):
    states, edge_states, weights, ends = draw(rng, (3, 2, 12, 8))
    with pytest.raises(tf.errors.InvalidArgumentError, match="multiple of 8"):
        ours(states, edge_states, weights, ends, greatest=False)
    states, edge_states, weights, ends = draw(rng, (3, 2, 8, 8))
    with pytest.raises(tf.errors.InvalidArgumentError, match="wrong shape"):
        ours(states[:, :0], edge_states, weights, ends, greatest=False)
