# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The most probable architectures, draws, and what limits leave, against all of a small space."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf import space
from snas_tf.errors import InvalidInput

SPACE = space.ProductSpace(
    [
        space.Decision("width", ["a", "b"], ["1", "2", "3"]),
        space.Decision("skip", ["c"], ["y", "n"]),
    ]
)
ALL = [
    space.Selection({"width": pair, "skip": (skip,)})
    for pair in itertools.product("123", repeat=2)
    for skip in "yn"
]
FREE = {d.name: np.ones(d.shape, bool) for d in SPACE.decisions}


def probabilities_of(seed):
    rng = np.random.default_rng(seed)
    return {d.name: rng.dirichlet(np.ones(d.shape[1]), d.shape[0]) for d in SPACE.decisions}


def log_probability(architecture, rows):
    return sum(np.log(rows[k][z > 0]).sum() for k, z in SPACE.encode(architecture).items())


def bounds_of(seed, tightness):
    """Two limits with room for some of the architectures."""
    rng = np.random.default_rng(seed)
    tables = {d.name: rng.integers(0, 9, (*d.shape, 2)) for d in SPACE.decisions}
    costs = space.CostTable(("size", "time"), (1, 1), tables)
    far = space.limits(space.Budget(size=1e9, time=1e9), costs)
    spent = np.array([[limit.cost(one, SPACE) for limit in far] for one in ALL])
    most = spent.min(axis=0) + tightness * np.ptp(spent, axis=0)
    return space.limits(space.Budget(size=most[0], time=most[1]), costs)


def keeps(architecture, bounds):
    return all(limit.keeps(limit.cost(architecture, SPACE)) for limit in bounds)


@given(seed=st.integers(0, 10**6), count=st.integers(1, 20), tightness=st.floats(0.4, 1))
@settings(max_examples=30, deadline=None)
def test_the_most_probable_are_those_of_all_in_their_order(seed, count, tightness):
    rows = probabilities_of(seed)
    for bounds in ((), bounds_of(seed, tightness)):
        allowed = [one for one in ALL if keeps(one, bounds)]
        if not allowed:
            with pytest.raises(InvalidInput, match="No network .* keeps to all targets"):
                space.most_probable(rows, SPACE, count, bounds)
            continue
        found = space.most_probable(rows, SPACE, count, bounds)
        expected = sorted((log_probability(one, rows) for one in allowed), reverse=True)
        assert {*found} <= {*allowed} and len({*found}) == len(found)
        told = [log_probability(one, rows) for one in found]
        np.testing.assert_allclose(told, expected[:count], atol=1e-9)
        assert found[0] == space.derive(rows, SPACE, bounds=bounds)


@given(seed=st.integers(0, 10**6), tightness=st.floats(0.3, 1), first=st.integers(0, 2))
@settings(max_examples=30, deadline=None)
def test_within_reach_is_what_some_network_has(seed, tightness, first):
    bounds = bounds_of(seed, tightness)
    left = {name: rows.copy() for name, rows in FREE.items()}
    left["width"][0] = np.arange(3) == first
    there = [one for one in ALL if keeps(one, bounds) and one["width"][0] == "123"[first]]
    reached = space.within_reach(SPACE, bounds, left, "width", 1)
    assert reached.tolist() == [any(one["width"][1] == k for one in there) for k in "123"]
    reached = space.within_reach(SPACE, bounds, left, "skip", 0)
    assert reached.tolist() == [any(one["skip"][0] == k for one in there) for k in "yn"]
    assert space.within_reach(SPACE, (), left, "width", 0).tolist() == left["width"][0].tolist()


def test_draws_are_as_frequent_as_they_are_probable():
    rows = {"width": np.array([[0.2, 0.5, 0.3], [1.0, 0.0, 0.0]]), "skip": np.array([[0.25, 0.75]])}
    seconds = [
        space.drawn(rows, SPACE, 2, rng=np.random.default_rng(seed))[1] for seed in range(1500)
    ]
    mode = space.derive(rows, SPACE)
    assert mode not in seconds
    for one in ALL:
        probability = np.exp(log_probability(one, {k: v + 1e-300 for k, v in rows.items()}))
        given_another = 0.0 if one == mode else probability / (1 - 0.5 * 0.75)
        assert seconds.count(one) / 1500 == pytest.approx(given_another, abs=0.05)


def test_draws_keep_to_the_limits_and_repeat_with_their_seed():
    rows = {d.name: np.full(d.shape, 1 / d.shape[1]) for d in SPACE.decisions}
    bounds = bounds_of(3, 0.6)
    allowed = [one for one in ALL if keeps(one, bounds)]
    assert 2 < len(allowed) < len(ALL)
    found = space.drawn(rows, SPACE, 99, bounds, rng=np.random.default_rng(0))
    assert {*found} == {*allowed} and len(found) == len(allowed)  # there are no more
    assert found == space.drawn(rows, SPACE, 99, bounds, rng=np.random.default_rng(0))
    assert found[0] == space.derive(rows, SPACE, bounds=bounds)


def test_a_sure_distribution_gives_one():
    rows = {d.name: np.eye(d.shape[1])[[0] * d.shape[0]] for d in SPACE.decisions}
    assert space.drawn(rows, SPACE, 5, rng=np.random.default_rng(0)) == (ALL[0],)


def test_a_rule_and_limits_exclude_each_other():
    rows = {k: np.full((2, 3), 1 / 3) for k in space.KINDS}
    cells = space.CellSpace(1, ("none", "skip_connect", "max_pool_3x3"))
    tables = {k: np.zeros((2, 3)) for k in space.KINDS}
    assert space.derive(rows, cells, "top2") == cells.decode(rows, "top2")
    with pytest.raises(InvalidInput, match="needs the rule 'argmax': given 'top2'"):
        space.derive(rows, cells, "top2", (space.Limit("parameters", 1.0, 0.0, tables),))
