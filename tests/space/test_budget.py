# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Limits count what `space.cost` counts, and the best network within them is found exactly."""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf import space
from snas_tf.errors import InvalidInput
from tests.space.strategies import genotypes

SKELETON = space.Skeleton(num_cells=8, init_channels=16, num_classes=10, image_shape=(32, 32, 3))
TINY = space.CellSpace(1, ("none", "max_pool_3x3", "skip_connect", "sep_conv_3x3"))
SMALL = space.Skeleton(num_cells=3, init_channels=4, num_classes=10, image_shape=(8, 8, 1))
BOUNDLESS = 10**12


def probabilities_of(cells, seed):
    generator = np.random.default_rng(seed)
    shape = (cells.num_edges, cells.num_operations)
    return {kind: generator.dirichlet(np.ones(shape[1]), shape[0]) for kind in space.KINDS}


def log_probability(genotype, probabilities, cells):
    total = 0.0
    for kind in space.KINDS:
        chosen = {(c.source, c.node): c.operation for c in genotype.connections(kind)}
        for row, edge in zip(probabilities[kind], cells.edges, strict=True):
            total += np.log(row[cells.primitives.index(chosen.get(edge, "none"))])
    return total


def every_genotype(cells):
    for choices in itertools.product(cells.primitives, repeat=2 * cells.num_edges):
        of_kinds = (choices[: cells.num_edges], choices[cells.num_edges :])
        connections = {
            kind: [
                space.Connection(*edge, name)
                for edge, name in zip(cells.edges, names, strict=True)
                if name != "none"
            ]
            for kind, names in zip(space.KINDS, of_kinds, strict=True)
        }
        yield space.Genotype(connections, cells.num_nodes)


@given(genotype=genotypes(4, 4))
@settings(max_examples=40, deadline=None)
def test_a_limit_counts_exactly_what_the_child_costs(genotype):
    budget = space.Budget(parameters=BOUNDLESS, multiply_adds=BOUNDLESS)
    cost, cells = space.cost(genotype, SKELETON), space.CellSpace(4)
    for limit in space.limits(budget, space.cell_cost_table(cells, SKELETON)):
        assert limit.cost(genotype, cells) == getattr(cost, limit.name)


@pytest.mark.slow
@given(seed=st.integers(0, 10**6), tightness=st.floats(0, 1), second=st.floats(0, 1))
@settings(max_examples=25, deadline=None)
def test_the_most_probable_network_within_the_limits_is_found(seed, tightness, second):
    """Against all 256 networks of a tiny space."""
    probabilities = probabilities_of(TINY, seed)
    costs = {g: space.cost(g, SMALL) for g in every_genotype(TINY)}
    least, most = (f(c.multiply_adds for c in costs.values()) for f in (min, max))
    multiply_adds = int(least + tightness * (most - least))
    least, most = (f(c.parameters for c in costs.values()) for f in (min, max))
    parameters = int(least + second * (most - least))
    budget = space.Budget(parameters=parameters, multiply_adds=multiply_adds)
    bounds = space.limits(budget, space.cell_cost_table(TINY, SMALL))
    found = space.derive(probabilities, TINY, bounds=bounds)
    allowed = [
        g
        for g, c in costs.items()
        if c.parameters <= parameters and c.multiply_adds <= multiply_adds
    ]
    assert found in allowed
    best = max(log_probability(g, probabilities, TINY) for g in allowed)
    assert log_probability(found, probabilities, TINY) == pytest.approx(best, abs=1e-6)


def latency_table(cells, skeleton, seed):
    """Every piece takes a time of its own, with all the digits of a measurement."""
    generator = np.random.default_rng(seed)
    return space.LatencyTable(
        device="a device",
        batch_size=1,
        dtype_policy="float32",
        repetitions=1,
        versions={},
        overhead=10.0 + float(generator.gamma(2.0, 0.03)),
        milliseconds={
            piece: float(generator.gamma(2.0, 0.03)) for piece in space.pieces(cells, skeleton)
        },
    )


@pytest.mark.slow
@given(seed=st.integers(0, 10**6), place=st.integers(0, 255))
@settings(max_examples=40, deadline=None)
def test_a_latency_that_a_network_has_is_a_target_that_it_keeps(seed, place):
    """Against all 256 networks of a tiny space, whose own latency is summed in another order."""
    table = latency_table(TINY, SMALL, seed)
    latencies = {genotype: table.predict(genotype, SMALL) for genotype in every_genotype(TINY)}
    target = [*latencies.values()][place]
    bounds = space.limits(space.Budget(latency=target), space.cell_cost_table(TINY, SMALL, table))
    probabilities = probabilities_of(TINY, seed)
    found = space.derive(probabilities, TINY, bounds=bounds)
    accepted = target * (1 + 1e-11)
    assert latencies[found] <= accepted
    best = max(
        log_probability(genotype, probabilities, TINY)
        for genotype, latency in latencies.items()
        if latency <= accepted
    )
    assert log_probability(found, probabilities, TINY) == pytest.approx(best, abs=1e-6)


@pytest.mark.slow
@given(genotype=genotypes(4, 4), seed=st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_what_a_network_of_the_papers_space_costs_is_a_target_for_all_costs_at_once(genotype, seed):
    """It answered after hundreds of programs, or not at all."""
    cells, table = space.CellSpace(4), latency_table(space.CellSpace(4), SKELETON, seed)
    cost, latency = space.cost(genotype, SKELETON), table.predict(genotype, SKELETON)
    probabilities = probabilities_of(cells, seed)
    names = ("parameters", "multiply_adds")
    whole = {name: getattr(cost, name) for name in names}
    for targets in ({"latency": latency}, whole, {**whole, "latency": latency}):
        bounds = space.limits(
            space.Budget(**targets), space.cell_cost_table(cells, SKELETON, table)
        )
        found = space.derive(probabilities, cells, bounds=bounds)
        assert all(limit.keeps(limit.cost(found, cells)) for limit in bounds)
        assert log_probability(found, probabilities, cells) >= log_probability(
            genotype, probabilities, cells
        )
        found_cost = space.cost(found, SKELETON)
        assert all(getattr(found_cost, name) <= targets.get(name, BOUNDLESS) for name in names)
        if "latency" in targets:
            assert table.predict(found, SKELETON) <= latency * (1 + 1e-11)


def test_the_latency_of_the_cheapest_network_is_within_reach():
    for seed in range(20):
        table = latency_table(space.CellSpace(4), SKELETON, seed)
        least = table.predict(
            space.Genotype({"normal": (), "reduction": ()}, num_nodes=4), SKELETON
        )
        (limit,) = space.limits(
            space.Budget(latency=least), space.cell_cost_table(space.CellSpace(4), SKELETON, table)
        )
        assert limit.keeps(limit.least)


def test_a_limit_is_plain_data_to_the_last_bit():
    table = latency_table(TINY, SMALL, 0)
    for limit in space.limits(
        space.Budget(latency=99.0, parameters=10**6), space.cell_cost_table(TINY, SMALL, table)
    ):
        config = json.loads(json.dumps(limit.get_config()))
        restored = space.Limit.from_config(config)
        assert restored.get_config() == limit.get_config()
        for genotype in itertools.islice(every_genotype(TINY), 20):
            assert restored.cost(genotype, TINY) == limit.cost(genotype, TINY)


def test_a_limit_forgives_rounding_and_no_weight():
    tables = {kind: np.zeros((2, 4)) for kind in space.KINDS}
    limit = space.Limit("multiply_adds", 10**10, 0.0, tables)
    assert limit.keeps(10.0**10)
    assert not limit.keeps(10.0**10 + 1)


def test_within_the_limits_the_argmax_stays():
    cells = space.CellSpace(4)
    probabilities = probabilities_of(cells, 0)
    bounds = space.limits(
        space.Budget(parameters=BOUNDLESS), space.cell_cost_table(cells, SKELETON)
    )
    assert space.derive(probabilities, cells, bounds=bounds) == cells.decode(probabilities)
    assert space.derive(probabilities, cells) == cells.decode(probabilities)


@pytest.mark.parametrize("skeleton", [SKELETON, SMALL], ids=["cifar", "small"])
def test_a_limit_is_kept_to_the_last_weight(skeleton):
    cells = space.CellSpace(4)
    for seed in range(5):
        probabilities = probabilities_of(cells, seed)
        mode = space.cost(cells.decode(probabilities), skeleton)
        found = space.derive(
            probabilities,
            cells,
            bounds=space.limits(
                space.Budget(multiply_adds=mode.multiply_adds - 1),
                space.cell_cost_table(cells, skeleton),
            ),
        )
        assert space.cost(found, skeleton).multiply_adds < mode.multiply_adds


def test_probabilities_of_zero_do_not_stand_in_the_way():
    cells = space.CellSpace(1, ("none", "sep_conv_5x5"))
    certain = {kind: np.array([[0.0, 1.0]] * 2) for kind in space.KINDS}
    cheapest = space.cost(space.Genotype({"normal": (), "reduction": ()}, num_nodes=1), SMALL)
    bounds = space.limits(
        space.Budget(parameters=cheapest.parameters), space.cell_cost_table(cells, SMALL)
    )
    assert space.derive(certain, cells, bounds=bounds) == space.Genotype(
        {"normal": (), "reduction": ()}, num_nodes=1
    )


def test_an_unreachable_limit_is_refused_with_the_least():
    cheapest = space.cost(space.Genotype({"normal": (), "reduction": ()}, num_nodes=4), SKELETON)
    with pytest.raises(InvalidInput, match="target_parameters.*at least 100,730.*given 100,000"):
        space.limits(
            space.Budget(parameters=100_000), space.cell_cost_table(space.CellSpace(4), SKELETON)
        )
    space.limits(
        space.Budget(parameters=cheapest.parameters),
        space.cell_cost_table(space.CellSpace(4), SKELETON),
    )


def test_without_none_the_least_is_that_of_the_cheapest_operations():
    cells = space.CellSpace(1, ("skip_connect", "sep_conv_3x3"))
    bounds = space.limits(space.Budget(parameters=BOUNDLESS), space.cell_cost_table(cells, SMALL))
    costs = [space.cost(g, SMALL).parameters for g in every_genotype(cells)]
    assert bounds[0].least == min(costs)


def test_limits_that_exclude_each_other_are_refused():
    """One operation is cheap in one cost, the other in the other."""
    cells = space.CellSpace(1, ("skip_connect", "max_pool_3x3"))
    tables = {kind: np.array([[0.0, 1.0]] * 2) for kind in space.KINDS}
    turned = {kind: 1.0 - table for kind, table in tables.items()}
    bounds = (
        space.Limit("parameters", 1.0, 0.0, tables),
        space.Limit("multiply_adds", 1.0, 0.0, turned),
    )
    with pytest.raises(InvalidInput, match="No network .* parameters 1, multiply_adds 1"):
        space.derive(probabilities_of(cells, 0), cells, bounds=bounds)


def test_latency_needs_a_table():
    with pytest.raises(
        InvalidInput,
        match="target of the latency, 2.5, .* write a latency table with --mode=latency",
    ):
        space.limits(space.Budget(latency=2.5), space.cell_cost_table(TINY, SMALL))


@pytest.mark.parametrize("name", ["parameters", "multiply_adds", "latency"])
def test_negative_limits_are_refused(name):
    with pytest.raises(InvalidInput, match=f"`{name}` of a budget must be 0 or more: given -1"):
        space.Budget(**{name: -1})


def test_a_budget_without_limits_is_false():
    assert not space.Budget()
    assert space.Budget(latency=0.1)
