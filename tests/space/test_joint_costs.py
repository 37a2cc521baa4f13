# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Costs in which several decisions have a say, against sums over all networks of a space."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.space import joint_costs
from tests.space.test_cost_table import every_architecture


@st.composite
def tied_tables(draw):
    """A space, a table of two costs with joint ones, and a generator."""
    counts = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    names = [f"d{place}" for place in range(len(counts))]
    options = dict(zip(names, counts, strict=True))
    ties = st.lists(st.sampled_from(names), min_size=2, max_size=3, unique=True).map(tuple)
    decisions = [space.Decision(name, [name], map(str, range(options[name]))) for name in names]
    decisions.append(space.Decision("two", ["a", "b"], ["0", "1"]))
    table = space.CostTable(
        ["size", "time"],
        rng.integers(0, 9, 2),
        {d.name: rng.integers(0, 9, (*d.shape, 2)) for d in decisions},
        joint={
            tied: rng.integers(0, 30, [*(options[name] for name in tied), 2])
            for tied in draw(st.sets(ties, max_size=3))
        },
    )
    return space.ProductSpace(decisions), table, rng


def by_hand(table, rows, cost):
    """The cost of one network, option by option."""
    taken = {name: of.argmax(axis=1) for name, of in rows.items()}
    total = table.fixed[cost]
    for name, options in taken.items():
        total += sum(table.tables[name][place, k, cost] for place, k in enumerate(options))
    for names, costs in table.joint.items():
        total += costs[tuple(taken[name][0] for name in names)][cost]
    return total


@given(made=tied_tables(), tightness=st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_networks_cost_what_is_said_and_the_most_probable_within_a_budget_is_found(made, tightness):
    searched, table, rng = made
    every = [*every_architecture(searched)]
    rows = [searched.encode(one) for one in every]
    costs = np.array([[by_hand(table, one, cost) for cost in range(2)] for one in rows])
    told = np.array([[*table.cost(one).values()] for one in rows])
    np.testing.assert_array_equal(told, costs)
    chances = {d.name: rng.dirichlet(np.ones(d.shape[1]), d.shape[0]) for d in searched.decisions}
    probability = np.array(
        [np.prod([(chances[k] * one[k]).sum(axis=1).prod() for k in one]) for one in rows]
    )
    mean = [*table.cost(chances).values()]
    np.testing.assert_allclose(mean, probability @ costs, rtol=1e-9)
    most = costs.min(axis=0) + np.ceil(tightness * np.ptp(costs, axis=0))
    if not (costs <= most).all(axis=1).any() or not most.all():
        return
    limits = space.limits(space.Budget(size=most[0], time=most[1]), table)
    assert [limit.least for limit in limits] == costs.min(axis=0).tolist()
    kept = [space.Limit.from_config(limit.get_config()) for limit in limits]
    found = space.derive(chances, searched, bounds=tuple(kept))
    best = np.where((costs <= most).all(axis=1), probability, 0).max()
    assert probability[every.index(found)] == pytest.approx(best)


def test_decisions_are_tied_up_to_so_many_ways(monkeypatch):
    monkeypatch.setattr(joint_costs, "MOST_WAYS", 12)
    ties = joint_costs.Ties({"a": 2, "b": 3, "c": 2, "d": 5})
    assert ties.tie(["c", "a"]) and ties.tie(["b", "a"]) and ties.tie(["b", "c"])
    assert not ties.tie(["a", "d"])
    assert ties.groups == (("a", "b", "c"), ("d",))
    assert joint_costs.groups({"a": 2, "b": 7}, [{("a", "b"): np.ones((2, 7))}]) is None


@pytest.mark.parametrize(
    ("names", "shape", "told"),
    [
        (("a",), (2, 1), "of two or more decisions of one place: given (2, 1) of a"),
        (("a", "a"), (2, 2, 1), "given (2, 2, 1) of a, a"),
        (("a", "b"), (2, 2, 1), "given (2, 2, 1) of a, b"),
        (("a", "several"), (2, 3, 1), "given (2, 3, 1) of a, several"),
        (("a", "unknown"), (2, 3, 1), "given (2, 3, 1) of a, unknown"),
    ],
)
def test_joint_costs_of_other_shapes_are_refused(names, shape, told):
    tables = {"a": np.ones((1, 2, 1)), "b": np.ones((1, 3, 1)), "several": np.ones((2, 3, 1))}
    with pytest.raises(InvalidInput) as error:
        space.CostTable(["size"], [0], tables, joint={names: np.ones(shape)})
    assert told in str(error.value)


def test_more_ways_than_can_be_looked_at_are_refused():
    tables = {name: np.ones((1, 10, 1)) for name in "abcd"}
    joint = {pair: np.ones((10, 10, 1)) for pair in itertools.pairwise("abcd")}
    with pytest.raises(InvalidInput, match="at most 4,096 ways"):
        space.CostTable(["size"], [0], tables, joint=joint)
