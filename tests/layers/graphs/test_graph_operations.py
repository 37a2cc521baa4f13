# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Every operation of both chains of a graph cell against NumPy, and what must hold of messages."""

import numpy as np
import pytest
import tensorflow as tf

from snas_tf import native, space
from snas_tf.layers.chosen_operation import ChosenOperation
from snas_tf.layers.graphs.graph_mixture import GraphMixture, graph_operation
from snas_tf.layers.graphs.graph_operation import GraphStates
from snas_tf.layers.graphs.incidence import AGGREGATIONS, arriving, at_sources, incidence
from snas_tf.space.graphs import operations
from tests import numpy_graph_operations

ENTITIES, EDGES, WIDTH, EDGE_WIDTH, PLACES = 7, 12, 6, 4, 3
OPERATIONS = [
    *((False, name) for name in space.ENTITY_OPERATIONS),
    *((True, name) for name in space.EDGE_OPERATIONS),
]
CASES = [(*case, kept) for case in OPERATIONS for kept in (True, False)[: 2 - case[0]]]
every_operation = pytest.mark.parametrize(("of_edges", "name"), OPERATIONS)


@pytest.fixture(scope="module")
def graph():
    """The last entity has no edge, and so has the second."""
    rng = np.random.default_rng(1)
    ends = np.array([0, 2, 3, 4, 5])
    sources, targets = ends[rng.integers(0, 5, EDGES)], np.sort(ends[rng.integers(0, 5, EDGES)])
    entities = rng.normal(size=(ENTITIES, WIDTH)).astype("float32")
    edges = rng.normal(size=(EDGES, EDGE_WIDTH)).astype("float32")
    return entities, edges, sources.astype("int32"), targets.astype("int32")


def states(graph, edge_states=True):
    entities, edges, sources, targets = map(tf.constant, graph)
    found = incidence(sources, targets, len(entities))
    return GraphStates(entities, edges if edge_states else None, found)


def built(of_edges, name, edge_states=True, num_edges=PLACES, **kwargs):
    widths = {"width": WIDTH, "edge_width": EDGE_WIDTH}
    layer = graph_operation(
        of_edges,
        name,
        edge_states=edge_states,
        num_edges=num_edges,
        name=name,
        **{"affine": False, **widths, **kwargs},
    )
    layer.build()
    rng = np.random.default_rng(3)
    for weight in layer.trainable_weights:
        weight.assign(rng.normal(size=weight.shape, scale=0.5))
    return layer


def expected(of_edges, name, graph, layer, place, edge_states=True):
    entities, edges, sources, targets = graph
    if name == "none":
        return np.zeros_like(edges if of_edges else entities)
    if name == "identity":
        return edges if of_edges else entities
    weights = {key: value.numpy()[place] for key, value in layer.maps.items()}
    if of_edges:
        before = numpy_graph_operations.edge_operation(name, *graph, weights)
    else:
        of_edges = edges if edge_states else None
        before = numpy_graph_operations.entity_operation(
            name, entities, of_edges, sources, targets, weights
        )
    return numpy_graph_operations.batch_norm(before @ weights["output"])


@pytest.mark.parametrize(("of_edges", "name", "edge_states"), CASES)
def test_equals_numpy_in_every_place_times_its_weight(of_edges, name, edge_states, graph):
    layer = built(of_edges, name, edge_states)
    weights = np.array([0.3, 0.0, 0.7], "float32")
    outputs = layer(states(graph, edge_states), tf.constant(weights), training=True)
    assert len(outputs) == PLACES
    for place, (weight, output) in enumerate(zip(weights, outputs, strict=True)):
        wanted = weight * expected(of_edges, name, graph, layer, place, edge_states)
        np.testing.assert_allclose(output, wanted, atol=2e-4)


@pytest.mark.usefixtures("native_operations")
@pytest.mark.parametrize(
    ("of_edges", "name", "edge_states", "op"),
    [
        *((False, name, True, "SnasMessages") for name in ("mean", "sum", "max")),
        *((True, name, True, "SnasEdgeStates") for name in ("cat", "gru", "film")),
        *((False, name, True, None) for name in ("std", "gem2", "min")),
        (False, "sum", False, None),
        (True, "difference", True, None),
    ],
)
def test_custom_ops_compute_the_same_in_training(of_edges, name, edge_states, op, graph):
    """Which ones, and values and gradients of what goes in and of all weights."""
    rng = np.random.default_rng(2)
    sizes = ((ENTITIES, 16), (EDGES, 8))
    entities, edges = (tf.constant(rng.normal(size=size), tf.float32) for size in sizes)
    found = states(graph).incidence
    layer = built(of_edges, name, edge_states, width=16, edge_width=8)
    leaves = [entities, edges] if edge_states else [entities]

    def computed(training):
        @tf.function(autograph=False)
        def step(*leaves):
            given = GraphStates(*leaves, *[None] * (2 - len(leaves)), found)
            sources = [*leaves, *(weight.value for weight in layer.trainable_weights)]
            with tf.GradientTape() as tape:
                tape.watch(leaves)
                outputs = layer(given, tf.constant([0.3, 1.0, -0.7]), training=training)
                total = tf.add_n([tf.reduce_sum(tf.sin(output)) for output in outputs])
            gradients = tape.gradient(total, sources, unconnected_gradients="zero")
            return [*outputs, *gradients]

        graph = step.get_concrete_function(*leaves).graph
        kinds = {operation.type for operation in graph.get_operations()}
        return step(*leaves), {kind for kind in kinds if kind.startswith("Snas")}

    own, kinds = computed(training=True)
    assert kinds == ({op, f"{op}Gradient"} if op else set())
    assert computed(training=False)[1] == set()
    native.use(False)
    for one, other in zip(own, computed(training=True)[0], strict=True):
        scale = max(np.abs(other).max(), 1e-3)
        np.testing.assert_allclose(one / scale, other / scale, atol=1e-4)


@pytest.mark.parametrize(("of_edges", "name"), [(False, "sum"), (False, "std"), (True, "cat")])
def test_gradients_are_those_of_differences(of_edges, name, graph):
    layer = built(of_edges, name, num_edges=1)
    given = states(graph)
    direction = np.random.default_rng(5).normal(
        size=(EDGES, EDGE_WIDTH) if of_edges else (ENTITIES, WIDTH)
    )

    def loss(entities, edges):
        (output,) = layer(GraphStates(entities, edges, given.incidence), training=True)
        return tf.reduce_sum(tf.cast(output, tf.float64) * direction)

    leaves = [given.entities, given.edges]
    with tf.GradientTape() as tape:
        tape.watch(leaves)
        value = loss(*leaves)
    gradients = tape.gradient(value, leaves, unconnected_gradients="zero")
    rng = np.random.default_rng(6)
    steps = [tf.constant(rng.normal(size=leaf.shape), tf.float32) for leaf in leaves]
    told = sum(float(tf.reduce_sum(g * s)) for g, s in zip(gradients, steps, strict=True))
    size = 1e-3
    ends = [
        float(loss(*(leaf + sign * size * step for leaf, step in zip(leaves, steps, strict=True))))
        for sign in (1, -1)
    ]
    np.testing.assert_allclose(told, (ends[0] - ends[1]) / (2 * size), rtol=0.03, atol=0.03)


@every_operation
def test_it_costs_what_is_said(of_edges, name):
    layer = built(of_edges, name, num_edges=1, affine=True)
    weights = sum(int(np.prod(weight.shape)) for weight in layer.trainable_weights)
    sizes, widths = (ENTITIES, EDGES), (WIDTH, EDGE_WIDTH)
    cost = operations.edge_operation_cost if of_edges else operations.entity_operation_cost
    assert cost(name, sizes, widths).parameters == weights


def test_a_constant_field_keeps_its_mean_and_sums_to_the_degree(graph):
    found = states(graph).incidence
    field = tf.ones((EDGES, 2)) * [2.0, -3.0]
    degrees = np.bincount(graph[3], minlength=ENTITIES)[:, None]
    np.testing.assert_array_equal(found.degrees, degrees)
    np.testing.assert_allclose(AGGREGATIONS["sum"](field, found), degrees * [[2.0, -3.0]])
    for name in ("mean", "max", "min"):
        told = AGGREGATIONS[name](field, found)
        np.testing.assert_allclose(told, (degrees > 0) * [[2.0, -3.0]])


@pytest.mark.parametrize("name", AGGREGATIONS)
def test_an_entity_without_edges_gets_zero_and_no_broken_gradient(name, graph):
    found = states(graph).incidence
    messages = tf.Variable(np.random.default_rng(2).normal(size=(EDGES, 2)).astype("float32"))
    with tf.GradientTape() as tape:
        told = AGGREGATIONS[name](messages, found)
    assert told.shape == (ENTITIES, 2)
    np.testing.assert_array_equal(told.numpy()[[1, 6]], 0.0)
    gradient = tf.convert_to_tensor(tape.gradient(told, messages))
    assert np.isfinite(gradient).all() and np.abs(gradient).max() > 0


def test_sorted_gradients_are_those_of_plain_operations(graph):
    given = states(graph)
    entities = tf.Variable(tf.stack([given.entities, 2 * given.entities]))
    direction = tf.constant(np.random.default_rng(1).normal(size=(2, EDGES, WIDTH)), tf.float32)
    with tf.GradientTape(persistent=True) as tape:
        ours = at_sources(entities, given.incidence)
        plain = tf.gather(entities, given.incidence.sources, axis=1)
        sums = arriving(ours[0] * direction[1], given.incidence)
        plain_sums = tf.math.unsorted_segment_sum(
            plain[0] * direction[1], given.incidence.targets, ENTITIES
        )
        losses = [
            tf.reduce_sum(fetched * direction) + tf.reduce_sum(tf.square(total))
            for fetched, total in ((ours, sums), (plain, plain_sums))
        ]
    np.testing.assert_array_equal(ours, plain)
    np.testing.assert_allclose(sums, plain_sums, atol=1e-5)
    found, wanted = (tf.convert_to_tensor(tape.gradient(x, entities)) for x in losses)
    np.testing.assert_allclose(found, wanted, atol=1e-4)


@pytest.mark.parametrize("of_edges", [False, True])
def test_a_mixture_is_the_weighted_sum_and_one_hot_the_chosen_one(of_edges, graph):

    names = ("none", "identity", *(("cat", "film") if of_edges else ("mean", "max")))
    mixture = GraphMixture(names, of_edges, (WIDTH, EDGE_WIDTH), True, 2)
    mixture.build()
    given = states(graph)
    rows = tf.nn.softmax(tf.random.stateless_normal((2, 4), [1, 2]))
    outputs = mixture(given, rows)
    for place, output in enumerate(outputs):
        parts = [mixture.operation(name)(given)[place] for name in names]
        wanted = sum(float(rows[place, k]) * part.numpy() for k, part in enumerate(parts))
        np.testing.assert_allclose(output, wanted, atol=1e-5)
    single = tf.one_hot([3, 1], 4)
    with tf.GradientTape() as tape:
        tape.watch(single)
        outputs = mixture(given, single, training=True, chosen=ChosenOperation())
        loss = tf.add_n([tf.reduce_sum(output**3) for output in outputs])
    gradient = tape.gradient(loss, single).numpy()
    assert {*map(tuple, np.argwhere(gradient))} == {(0, 3), (1, 1)}
    moved = {
        (place, name)
        for name in names[2:]
        for place in range(2)
        if mixture.operation(name).normalization.moving_mean.numpy()[place].any()
    }
    assert moved == {(0, names[3])}


@pytest.mark.parametrize(("of_edges", "name"), [(False, "mean"), (True, "gru"), (True, "pair_max")])
def test_bfloat16_computes_nearly_the_same(of_edges, name, graph):
    layer = built(of_edges, name)
    half = built(of_edges, name, dtype="mixed_bfloat16")
    for left, right in zip(layer(states(graph)), half(states(graph)), strict=True):
        assert right.dtype == tf.bfloat16
        np.testing.assert_allclose(left, tf.cast(right, tf.float32), rtol=0.1, atol=0.15)
