# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The expected cost against enumeration, and the penalty that is made of it."""

import dataclasses
import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import ArchitectureDistribution, ChildNetwork, ResourceCost, space
from snas_tf.errors import InvalidInput
from tests.search.small_models import CELLS, SKELETON, as_arrays, latency_table

CIFAR = space.Skeleton(num_cells=8, init_channels=16, num_classes=10, image_shape=(32, 32, 3))
COSTS = ("parameters", "multiply_adds", "memory_access")
LATENCY = {"latency": 1.0}


def weighed(*weights):
    return dict(zip((*COSTS, "latency"), weights, strict=False))


@pytest.fixture
def architecture():
    return ArchitectureDistribution(CELLS, initializer=keras.initializers.RandomNormal(seed=0))


def one_hot(choices):
    rows = tf.one_hot(choices, CELLS.num_operations)
    return dict(zip(space.KINDS, tf.split(rows, 2), strict=True))


def expected(cost, samples):
    return np.array([float(cost.expectation(samples)[name]) for name in COSTS])


def test_expectation_is_the_mean_over_all_architectures(architecture):
    cost = ResourceCost(space.cell_cost_table(CELLS, SKELETON))
    probabilities = as_arrays(architecture.probabilities())
    rows = np.concatenate(list(probabilities.values()))
    total, mass = np.zeros(3), 0.0
    for choices in itertools.product(range(CELLS.num_operations), repeat=len(rows)):
        probability = np.prod(rows[np.arange(len(rows)), choices])
        total += probability * expected(cost, one_hot(choices))
        mass += probability
    assert mass == pytest.approx(1.0)
    np.testing.assert_allclose(expected(cost, architecture.probabilities()), total, rtol=1e-5)


def test_what_decisions_cost_together_counts_in_expectation_and_against_a_limit(rng):
    searched = space.ProductSpace(
        [space.Decision(name, [name], ["0", "1", "2"]) for name in ("before", "after")]
    )
    alone = {name: rng.integers(0, 9, (1, 3, 1)) for name in ("before", "after")}
    table = space.CostTable(
        ["size"], [5], alone, joint={("before", "after"): rng.integers(0, 9, (3, 3, 1))}
    )
    made = ArchitectureDistribution(searched, initializer=keras.initializers.RandomNormal(seed=1))
    most = space.limits(space.Budget(size=1000), table)[0].least
    cost = ResourceCost(table, budget=space.Budget(size=most))
    rows = as_arrays(made.probabilities())
    total = sum(
        rows["before"][0, i] * rows["after"][0, j] * table.cost({"before": b, "after": a})["size"]
        for i, b in enumerate(np.eye(3)[:, None])
        for j, a in enumerate(np.eye(3)[:, None])
    )
    told = cost.expectation(made.probabilities())["size"]
    assert float(told) + 5 == pytest.approx(total, rel=1e-5)
    with tf.GradientTape() as tape:
        penalty = cost.penalty(made.probabilities())
    assert float(penalty) == pytest.approx(total / most - 1, rel=1e-4)
    assert all(np.abs(g).max() > 0 for g in tape.gradient(penalty, made.trainable_variables))
    again = ResourceCost.from_config(cost.get_config())
    assert float(again.penalty(made.probabilities())) == float(penalty)


@pytest.mark.parametrize("choices", [(0, 0, 0, 0), (3, 1, 2, 3), (2, 2, 2, 2), (3, 3, 3, 3)])
def test_cost_of_one_architecture_is_that_of_the_child_that_is_built(choices):
    cost = ResourceCost(space.cell_cost_table(CELLS, SKELETON))
    names = [CELLS.primitives[choice] for choice in choices]
    kept = {
        kind: tuple(
            space.Connection(*edge, name)
            for edge, name in zip(CELLS.edges, names[2 * n : 2 * n + 2], strict=True)
            if name != "none"
        )
        for n, kind in enumerate(space.KINDS)
    }
    genotype = space.Genotype(
        {"normal": kept["normal"], "reduction": kept["reduction"]}, num_nodes=CELLS.num_nodes
    )
    child = ChildNetwork(genotype, SKELETON)
    on_edges = [
        weight
        for layer in child.layers
        if any(layer.name.endswith(f"_{name}") for name in CELLS.primitives)
        for weight in layer.trainable_weights
        if weight.name not in ("gamma", "beta")  # the authors' table leaves them out
    ]
    counted = sum(int(np.prod(weight.shape)) for weight in on_edges)
    assert expected(cost, one_hot(choices))[0] == counted


SKELETONS = [
    SKELETON,
    dataclasses.replace(SKELETON, num_cells=1),
    dataclasses.replace(SKELETON, num_cells=8, init_channels=16, image_shape=(32, 32, 3)),
    dataclasses.replace(SKELETON, num_cells=14, image_shape=(224, 224, 3), stem="imagenet"),
]
SPACES = [
    CELLS,
    space.CellSpace(4),
    space.CellSpace(1, ("none", "avg_pool_3x3")),  # has no parameters
    space.CellSpace(2, ("skip_connect",)),
]


@pytest.mark.parametrize("weights", [(1.0, 1.0, 1.0), (0.2, 3.0, 0.0)])
@pytest.mark.parametrize("cells", SPACES, ids=str)
@pytest.mark.parametrize("skeleton", SKELETONS, ids=["small", "one cell", "cifar", "imagenet"])
def test_penalty_of_the_uniform_distribution_is_one(skeleton, cells, weights):
    penalty = ResourceCost(space.cell_cost_table(cells, skeleton), weighed(*weights)).penalty(
        ArchitectureDistribution(cells).probabilities()
    )
    np.testing.assert_allclose(penalty, 1.0, rtol=1e-5)


@pytest.mark.parametrize(
    ("cells", "weights"),
    [
        (space.CellSpace(1, ("none",)), (1.0, 1.0, 1.0)),
        (space.CellSpace(1, ("none", "max_pool_3x3")), (1.0, 0.0, 0.0)),
    ],
)
def test_penalty_is_zero_where_nothing_costs(cells, weights):
    cost = ResourceCost(space.cell_cost_table(cells, SKELETON), weighed(*weights))
    assert float(cost.penalty(ArchitectureDistribution(cells).probabilities())) == 0.0


def test_weights_choose_among_the_costs(architecture):
    """Each cost is the mean over the cells of each kind, relative to the uniform distribution's."""
    probabilities = as_arrays(architecture.probabilities())
    means, uniform = np.zeros(3), np.zeros(3)
    for kind, table in space.edge_costs(CELLS, SKELETON).items():
        number = sum(plan.kind == kind for plan in SKELETON.plan(CELLS.num_nodes))
        means += np.einsum("eo,eoc->c", probabilities[kind], table) / number
        uniform += table.mean(axis=1).sum(axis=0) / number
    for weights in ((1.0, 0.0, 0.0), (0.0, 2.0, 0.0), (0.0, 0.0, 0.5), (1.0, 2.0, 3.0)):
        penalty = ResourceCost(space.cell_cost_table(CELLS, SKELETON), weighed(*weights)).penalty(
            architecture.probabilities()
        )
        np.testing.assert_allclose(penalty, np.average(means / uniform, weights=weights), rtol=1e-5)


@pytest.mark.parametrize("form", ["linear", "log"])
def test_the_penalty_does_not_change_when_cells_are_added(form):
    """8 and 20 cells have 2 and 6 normal cells between their reductions."""
    cells = space.CellSpace(4)
    decided = ArchitectureDistribution(cells, keras.initializers.RandomNormal(stddev=2.0, seed=1))
    few, many = (
        ResourceCost(
            space.cell_cost_table(cells, dataclasses.replace(CIFAR, num_cells=number)), form=form
        )
        for number in (8, 20)
    )
    probabilities = decided.probabilities()
    assert float(few.penalty(probabilities)) == float(many.penalty(probabilities))
    assert abs(float(few.penalty(probabilities)) - 1.0) > 0.01


def test_uniform_cost_of_the_papers_supernet():
    """Figures of the authors' code for 8 cells of 16 channels."""
    cells = space.CellSpace(4)
    cost = ResourceCost(space.cell_cost_table(cells, CIFAR))
    found = cost.expectation(ArchitectureDistribution(cells).probabilities())
    assert [float(found[name]) for name in COSTS] == [
        228_896,
        37_167_104,
        4_191_776,
    ]


def test_uniform_log_penalty_of_the_papers_supernet():
    """The authors' code gives 141.12 for its normal and 143.73 for its reduction cells."""
    cells = space.CellSpace(4)
    penalties = ResourceCost(space.cell_cost_table(cells, CIFAR), form="log").row_penalties(
        ArchitectureDistribution(cells).probabilities()
    )
    sums = {kind: float(tf.reduce_sum(values)) for kind, values in penalties.items()}
    np.testing.assert_allclose(sums["normal"] * (141.12 + 143.73), 141.12, atol=0.01)
    np.testing.assert_allclose(sums["reduction"] * (141.12 + 143.73), 143.73, atol=0.01)


@pytest.mark.parametrize("gradient", ["expectation", "reparameterized", "score_function"])
@pytest.mark.parametrize("form", ["linear", "log"])
def test_the_loss_of_a_step_is_the_penalty_of_what_it_looks_at(architecture, form, gradient):
    cost = ResourceCost(space.cell_cost_table(CELLS, SKELETON), form=form, gradient=gradient)
    samples = architecture.sample(0.5, tf.constant([1, 2]))
    looked_at = {
        "expectation": architecture.probabilities(),
        "reparameterized": samples,
        "score_function": {
            k: tf.one_hot(tf.argmax(v, -1), CELLS.num_operations) for k, v in samples.items()
        },
    }[gradient]
    with tf.GradientTape() as tape:
        loss = cost.loss(architecture, architecture.sample(0.5, tf.constant([1, 2])))
    np.testing.assert_allclose(loss, cost.penalty(looked_at), rtol=1e-6)
    logits = [variable.value for variable in architecture.trainable_variables]
    assert all(gradient is not None for gradient in tape.gradient(loss, logits))


@pytest.mark.parametrize("name", ["parameters", "multiply_adds"])
def test_a_budget_costs_its_relative_excess_and_nothing_within(architecture, name):
    """The expectation of what the whole child costs, by enumeration."""
    rows = np.concatenate(list(as_arrays(architecture.probabilities()).values()))
    mean = 0.0
    for choices in itertools.product(range(CELLS.num_operations), repeat=len(rows)):
        genotype = CELLS.decode(as_arrays(one_hot(choices)))
        probability = np.prod(rows[np.arange(len(rows)), choices])
        mean += probability * getattr(space.cost(genotype, SKELETON), name)
    samples = architecture.probabilities()
    for part, excess in ((0.8, 0.25), (1.25, 0.0)):
        budget = space.Budget(**{name: int(part * mean)})
        cost = ResourceCost(space.cell_cost_table(CELLS, SKELETON), budget=budget)
        np.testing.assert_allclose(cost.penalty(samples), excess, atol=1e-3)
        np.testing.assert_allclose(cost.loss(architecture, samples), excess, atol=1e-3)


def test_the_genotype_keeps_to_the_budget(architecture):
    free = architecture.genotype()
    limit = space.cost(free, SKELETON).multiply_adds - 1
    cost = ResourceCost(
        space.cell_cost_table(CELLS, SKELETON), budget=space.Budget(multiply_adds=limit)
    )
    probabilities = as_arrays(architecture.probabilities())
    bound = space.derive(probabilities, CELLS, bounds=cost.limits)
    assert space.cost(bound, SKELETON).multiply_adds <= limit
    free_cost = ResourceCost(space.cell_cost_table(CELLS, SKELETON))
    assert space.derive(probabilities, CELLS, bounds=free_cost.limits) == free


def test_known_expectation_and_gradient():
    """Four operations on one edge, computed apart: sum_k p^k c^k and p^k (c^k - p.c)."""
    table = np.array([[[0.0], [10.0], [20.0], [5.0]]])
    cost = ResourceCost(space.CostTable(["parameters"], [7.0], {"normal": table}))
    logits = tf.constant([[0.3, -0.5, 1.0, 0.1]])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        parameters = cost.expectation({"normal": tf.nn.softmax(logits)})["parameters"]
    np.testing.assert_allclose(parameters, 11.411522203658, rtol=1e-6)
    known = [[-2.665114926082, -0.148123679109, 4.03919385067, -1.225955245479]]
    np.testing.assert_allclose(tape.gradient(parameters, logits), known, rtol=1e-5)


@pytest.mark.slow
def test_descent_on_the_penalty_alone_removes_every_edge(architecture):
    cost = ResourceCost(space.cell_cost_table(CELLS, SKELETON))
    optimizer = keras.optimizers.Adam(0.3)
    logits = architecture.trainable_variables
    penalties = []
    for _ in range(40):
        with tf.GradientTape() as tape:
            penalties.append(cost.penalty(architecture.probabilities()))
        gradients = tape.gradient(penalties[-1], [variable.value for variable in logits])
        optimizer.apply(gradients, logits)
    assert all(later < earlier for earlier, later in itertools.pairwise(penalties))
    genotype = architecture.genotype()
    assert genotype.connections("normal") == genotype.connections("reduction") == ()


def test_latency_alone_is_what_the_table_says_relative_to_the_uniform(architecture):
    table = latency_table()
    cost = ResourceCost(space.cell_cost_table(CELLS, SKELETON, table), LATENCY)
    edges = table.edge_latencies(CELLS, SKELETON)
    numbers = {"normal": 1, "reduction": 2}  # cells of a kind
    probabilities = as_arrays(architecture.probabilities())
    mean, uniform = (
        sum(np.sum(values(kind) * edges[kind]) / numbers[kind] for kind in space.KINDS)
        for values in (probabilities.get, lambda kind: np.full_like(edges[kind], 1 / 4))
    )
    np.testing.assert_allclose(cost.penalty(architecture.probabilities()), mean / uniform, 1e-5)
    total = sum(np.sum(probabilities[kind] * edges[kind]) for kind in space.KINDS)
    np.testing.assert_allclose(
        cost.expectation(architecture.probabilities())["latency"], total, rtol=1e-5
    )


def test_latency_counts_beside_the_other_costs(architecture):
    probabilities = architecture.probabilities()
    alone = float(
        ResourceCost(space.cell_cost_table(CELLS, SKELETON, latency_table()), LATENCY).penalty(
            probabilities
        )
    )
    without = float(ResourceCost(space.cell_cost_table(CELLS, SKELETON)).penalty(probabilities))
    both = ResourceCost(
        space.cell_cost_table(CELLS, SKELETON, latency_table()), weighed(1, 1, 1, 3)
    )
    np.testing.assert_allclose(both.penalty(probabilities), (alone + without) / 2, rtol=1e-5)


def test_a_latency_budget_is_kept(architecture):
    table = latency_table()
    free = table.predict(architecture.genotype(), SKELETON)
    empty = table.predict(
        space.Genotype({"normal": (), "reduction": ()}, num_nodes=CELLS.num_nodes), SKELETON
    )
    limit = (free + 3 * empty) / 4
    budget = space.Budget(latency=limit)
    cost = ResourceCost(space.cell_cost_table(CELLS, SKELETON, table), budget=budget)
    found = space.derive(as_arrays(architecture.probabilities()), CELLS, bounds=cost.limits)
    assert empty < table.predict(found, SKELETON) <= limit < free


def test_a_table_of_another_skeleton_is_refused():
    other = dataclasses.replace(SKELETON, init_channels=6)
    with pytest.raises(InvalidInput, match="measured for another skeleton"):
        ResourceCost(space.cell_cost_table(CELLS, other, latency_table()), LATENCY)


def test_a_cost_with_a_table_serialises(architecture):
    cost = ResourceCost(
        space.cell_cost_table(CELLS, SKELETON, latency_table()), weighed(1, 0, 0, 2)
    )
    restored = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(cost))
    probabilities = architecture.probabilities()
    assert float(restored.penalty(probabilities)) == float(cost.penalty(probabilities))
    for name, value in cost.expectation(probabilities).items():
        assert float(restored.expectation(probabilities)[name]) == float(value)


def test_serialises():
    budget = space.Budget(parameters=2000, latency=0.0)
    for settings in ({"form": "log", "gradient": "score_function"}, {"budget": budget}):
        cost = ResourceCost(
            space.cell_cost_table(CELLS, SKELETON), weighed(1.0, 0.0, 2.0), **settings
        )
        restored = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(cost))
        assert restored.get_config() == cost.get_config()
        assert restored.weights == weighed(1.0, 0.0, 2.0)
        assert (restored.form, restored.gradient) == (cost.form, cost.gradient)
        assert restored.budget == cost.budget


@pytest.mark.parametrize(
    "weights",
    [{}, weighed(0.0, 0.0, 0.0), weighed(1.0, -1.0, 1.0), LATENCY, {"parameters": float("nan")}],
)
def test_refuses_wrong_weights(weights):
    with pytest.raises(ValueError, match="non-negative numbers, not all zero, by the names"):
        ResourceCost(space.cell_cost_table(CELLS, SKELETON), weights)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"form": "square"}, "`form` must be one of linear, log. Received: 'square'"),
        ({"gradient": "reinforce"}, "`gradient` must be one of expectation, reparam"),
        (
            {"gradient": "score_function", "budget": space.Budget(parameters=10**6)},
            "`gradient` must be 'expectation' with one",
        ),
    ],
)
def test_refuses_wrong_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        ResourceCost(space.cell_cost_table(CELLS, SKELETON), **settings)


def test_refuses_an_unreachable_budget():
    with pytest.raises(InvalidInput, match="`target_parameters` must be at least"):
        ResourceCost(space.cell_cost_table(CELLS, SKELETON), budget=space.Budget(parameters=10))
