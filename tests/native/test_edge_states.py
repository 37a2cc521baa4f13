# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""New states of edges against the formulas in float64."""

import numpy as np
import pytest
import tensorflow as tf

from snas_tf.native import library
from snas_tf.native.edge_states import KINDS, EdgeWeights, edge_states, suits

pytestmark = pytest.mark.usefixtures("native_operations")

SLOPE = 0.2
VECTORS = {"cat": 1, "film": 2, "gru": 3}
# Entities, edges, width: no edge, one, fewer than a block of 32, some blocks, many.
SIZES = [(3, 0, 8), (1, 1, 8), (5, 31, 16), (40, 300, 32), (6, 2000, 24)]


def draw(rng, kind, sizes):
    """S, T, the states, weights and the ends of edges."""
    entities, edges, width = sizes
    vectors = VECTORS[kind] * width

    def floats(*shape):
        return tf.constant(rng.normal(size=shape), tf.float32)

    weights = EdgeWeights(
        floats(width, vectors) / width**0.5,
        floats(1, vectors),
        floats(0 if kind == "film" else width, vectors) / width**0.5,
        floats(int(kind == "gru"), width),
    )
    sources = tf.constant(rng.integers(0, entities, edges), tf.int32)
    targets = tf.constant(np.sort(rng.integers(0, entities, edges)), tf.int32)
    of_ends = floats(entities, width), floats(entities, width)
    return of_ends, floats(edges, width), weights, (sources, targets)


def by_formula(kind, of_ends, states, weights, ends):
    fetched = [tf.gather(rows, end) for rows, end in zip(of_ends, ends, strict=True)]
    hidden = tf.nn.leaky_relu(sum(fetched), SLOPE)
    p = tf.split(hidden @ weights.pair + weights.pair_bias, VECTORS[kind], axis=1)
    if kind == "film":
        return tf.sigmoid(p[0]) * states + p[1]
    q = tf.split(states @ weights.state, VECTORS[kind], axis=1)
    if kind == "cat":
        return tf.nn.leaky_relu(p[0] + q[0], SLOPE)
    candidate = tf.tanh(p[2] + tf.sigmoid(p[1] + q[1]) * (q[2] + weights.candidate))
    return candidate + tf.sigmoid(p[0] + q[0]) * (states - candidate)


def ours(*arguments):
    return edge_states(*arguments, slope=SLOPE)


def values_and_gradients(function, kind, arguments):
    of_ends, states, weights, ends = arguments
    sources = [*of_ends, states, *weights]
    upstream = np.random.default_rng(1).normal(size=states.shape)
    with tf.GradientTape() as tape:
        tape.watch(sources)
        made = function(kind, of_ends, states, weights, ends)
    gradients = tape.gradient(
        made, sources, tf.cast(upstream, made.dtype), unconnected_gradients="zero"
    )
    return [made, *map(tf.convert_to_tensor, gradients)]


def in_double(arguments):
    return tf.nest.map_structure(
        lambda tensor: tf.cast(tensor, tf.float64) if tensor.dtype.is_floating else tensor,
        arguments,
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sizes", SIZES)
def test_values_and_gradients_are_those_of_the_formulas(sizes, kind, rng):
    arguments = draw(rng, kind, sizes)
    own = values_and_gradients(ours, kind, arguments)
    expected = values_and_gradients(by_formula, kind, in_double(arguments))
    for one, other in zip(own, expected, strict=True):
        assert one.shape == other.shape
        one, other = np.asarray(one, "float64"), np.asarray(other)
        assert np.linalg.norm(one - other) <= 2e-6 * np.linalg.norm(other) + 1e-12


@pytest.mark.parametrize("factor", [1e-3, 1e3])
def test_gates_and_candidates_that_are_small_or_saturated(factor, rng):
    of_ends, states, weights, ends = draw(rng, "gru", (5, 40, 8))
    scaled = EdgeWeights(*(factor * part for part in weights))
    found = ours("gru", of_ends, states, scaled, ends)
    expected = by_formula("gru", *in_double((of_ends, states, scaled, ends)))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_not_a_number_comes_out_where_it_is(kind, rng):
    of_ends, states, weights, ends = draw(rng, kind, (5, 40, 8))
    states = tf.tensor_scatter_nd_update(states, [[3, 5]], [np.nan])
    found = np.isnan(ours(kind, of_ends, states, weights, ends))
    assert found[3, 5] and not np.delete(found, 3, axis=0).any()


@pytest.mark.parametrize("kind", KINDS)
def test_many_threads_give_the_same_to_the_bit(kind, rng):
    of_ends, states, weights, ends = draw(rng, kind, (50, 700, 16))
    inputs, operations = [*of_ends, states, *weights, *ends], library.operations()

    def computed(threads):
        settings = {"slope": SLOPE, "kind": KINDS.index(kind), "threads": threads}
        made = operations.snas_edge_states(*inputs, **settings)
        return [made, *operations.snas_edge_states_gradient(*inputs, made, **settings)]

    alone = computed(1)
    for threads in (2, 3, 16):
        for one, other in zip(alone, computed(threads), strict=True):
            np.testing.assert_array_equal(one, other)


def test_shapes_are_known_in_a_graph_and_in_a_branch(rng):
    of_ends, states, weights, ends = draw(rng, "gru", (5, 31, 16))

    @tf.function(input_signature=[tf.TensorSpec((None, 16))])
    def trace(states):
        with tf.GradientTape() as tape:
            tape.watch(states)
            made = tf.cond(
                tf.shape(states)[0] > 1,
                lambda: ours("gru", of_ends, states, weights, ends),
                lambda: 0.0 * states,
            )
        assert made.shape.as_list() == [None, 16]
        return made, tape.gradient(made, states)

    made, gradient = trace(states)
    expected = by_formula("gru", of_ends, states, weights, ends)
    np.testing.assert_allclose(made, expected, rtol=1e-4, atol=1e-5)
    assert np.any(gradient)


def test_what_suits_it():
    assert suits(tf.zeros((0, 16)))
    assert not suits(tf.zeros((2, 12)))
    assert not suits(tf.zeros((2, 8), tf.bfloat16))


@pytest.mark.parametrize(
    ("ends", "message"),
    [
        (([0, 3], [0, 1]), "no entity"),
        (([0, -1], [0, 1]), "no entity"),
        (([0, 1], [0, 3]), "no entity"),
        (([0, 1], [1, 0]), "ascend"),
        (([0], [0, 1]), "wrong shape"),
    ],
)
def test_edges_that_are_none_are_refused(ends, message, rng):
    of_ends, states, weights, _ = draw(rng, "cat", (3, 2, 8))
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        ours("cat", of_ends, states, weights, [tf.constant(end) for end in ends])


def test_widths_and_kinds_that_do_not_fit_are_refused(rng):
    of_ends, states, weights, ends = draw(rng, "cat", (3, 2, 12))
    with pytest.raises(tf.errors.InvalidArgumentError, match="multiple of 8"):
        ours("cat", of_ends, states, weights, ends)
    with pytest.raises(tf.errors.InvalidArgumentError, match="wrong shape"):
        ours("gru", of_ends, states, weights, ends)
    inputs = [*of_ends, states, *weights, *ends]
    with pytest.raises(tf.errors.InvalidArgumentError, match="kind"):
        library.operations().snas_edge_states(*inputs, slope=SLOPE, kind=3, threads=1)
