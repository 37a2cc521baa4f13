# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""One table of costs: what it holds, and that the one of cells counts what `space.cost` counts."""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf import space
from snas_tf.errors import InvalidInput
from tests.space.strategies import genotypes, skeletons

SPACE = space.ProductSpace(
    [
        space.Decision("depth", ["all"], ["1", "2", "3"]),
        space.Decision("kind", ["a", "b"], ["x", "y"]),
    ]
)
TABLES = {"depth": np.arange(6.0).reshape(1, 3, 2), "kind": np.arange(8.0).reshape(2, 2, 2) ** 2}


def table(**changes):
    return space.CostTable(
        **{"names": ["size", "time"], "fixed": [10.0, 0.5], "tables": TABLES, **changes}
    )


def every_architecture(searched):
    rows = [(d, place) for d in searched.decisions for place in range(len(d.places))]
    for columns in itertools.product(*(range(len(d.options)) for d, _ in rows)):
        scores = {d.name: np.zeros(d.shape) for d in searched.decisions}
        for (decision, place), column in zip(rows, columns, strict=True):
            scores[decision.name][place, column] = 1.0
        yield searched.decode(scores)


@given(genotype=genotypes(3, 3), skeleton=skeletons())
@settings(max_examples=25, deadline=None)
def test_the_table_of_cells_counts_what_the_child_costs(genotype, skeleton):
    cells = space.CellSpace(3)
    costs, rows = space.cell_cost_table(cells, skeleton), cells.encode(genotype)
    expected = space.cost(genotype, skeleton)
    for name in costs.names:
        fixed, tables = costs.of(name)
        found = fixed + sum((rows[kind] * tables[kind]).sum() for kind in tables)
        assert found == getattr(expected, name)


@pytest.mark.parametrize("num_cells", [1, 2, 3, 8])
def test_the_uses_of_a_kind_are_its_cells(num_cells):
    cells = space.CellSpace(2)
    skeleton = space.Skeleton(
        num_cells=num_cells, init_channels=4, num_classes=10, image_shape=(16, 16, 3)
    )
    uses = space.cell_cost_table(cells, skeleton).uses
    assert tuple(uses) == tuple(kind for kind in cells.kinds if kind in skeleton.kinds)
    for kind, (tables, counts) in uses.items():
        assert counts.sum() == sum(plan.kind == kind for plan in skeleton.plan(2))
        summed = np.einsum("u,upoc->poc", counts, tables)
        np.testing.assert_array_equal(summed, space.edge_costs(cells, skeleton)[kind])


def test_a_decision_is_used_once_and_every_cost_is_told_by_default():
    costs = table()
    assert costs.units == {"size": "size", "time": "time"}
    for name, (tables, counts) in costs.uses.items():
        np.testing.assert_array_equal(tables, TABLES[name][None])
        np.testing.assert_array_equal(counts, [1.0])


def test_a_table_is_plain_data_to_the_last_bit():
    costs = table(fixed=[1 / 3, 0.1], units={"time": "ms"})
    restored = space.CostTable.from_config(json.loads(json.dumps(costs.get_config())))
    assert restored.get_config() == costs.get_config()
    restored.check(SPACE)


@pytest.mark.parametrize(
    "changes",
    [
        {"names": ["size", "size"]},
        {"names": []},
        {"fixed": [1.0]},
        {"tables": {"depth": np.zeros((1, 3))}},
        {"tables": {"depth": np.zeros((1, 3, 1))}},
        {"uses": {"width": (np.zeros((1, 1, 3, 2)), np.ones(1))}},
        {"uses": {"depth": (np.zeros((1, 1, 3, 2)), np.ones(2))}},
        {"units": {"weight": "kg"}},
    ],
)
def test_what_does_not_fit_together_is_refused(changes):
    with pytest.raises(InvalidInput, match="costs"):
        table(**changes)


def test_a_table_of_another_space_is_refused():
    table().check(SPACE)
    for other in (
        SPACE.decisions[:1],
        (SPACE.decisions[0], space.Decision("kind", ["a"], ["x", "y"])),
    ):
        with pytest.raises(InvalidInput, match=r"\(places, options\) of the space"):
            table().check(space.ProductSpace(other))


@given(seed=st.integers(0, 10**6), tightness=st.floats(0, 1), second=st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_a_budget_holds_over_decisions_of_different_numbers_of_options(seed, tightness, second):
    """Against all twelve architectures, under two limits of costs that only this space has."""
    generator = np.random.default_rng(seed)
    tables = {d.name: generator.integers(0, 9, (*d.shape, 2)) * 1.0 for d in SPACE.decisions}
    probabilities = {
        d.name: generator.dirichlet(np.ones(d.shape[1]), d.shape[0]) for d in SPACE.decisions
    }
    costs = table(tables=tables)
    everything = [*every_architecture(SPACE)]
    assert len({*everything}) == 12
    far = space.limits(space.Budget(size=1e9, time=1e9), costs)
    spent = np.array([[limit.cost(a, SPACE) for limit in far] for a in everything])
    most = spent.min(axis=0) + np.array([tightness, second]) * np.ptp(spent, axis=0)
    bounds = space.limits(space.Budget(size=most[0], time=most[1]), costs)
    scores = np.array(
        [
            sum(np.log(probabilities[k][z > 0]).sum() for k, z in SPACE.encode(a).items())
            for a in everything
        ]
    )
    allowed = np.all(spent <= most * (1 + 1e-12), axis=1)
    if not allowed.any():
        with pytest.raises(InvalidInput, match="No network of this space keeps to all targets"):
            space.derive(probabilities, SPACE, bounds=bounds)
        return
    found = everything.index(space.derive(probabilities, SPACE, bounds=bounds))
    assert allowed[found]
    assert scores[found] == pytest.approx(scores[allowed].max(), abs=1e-9)


def test_a_budget_of_a_cost_that_is_not_there_is_refused():
    with pytest.raises(InvalidInput, match="target of the weight, 3, .* only those of size, time"):
        space.limits(space.Budget(weight=3), table())
