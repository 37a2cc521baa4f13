# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Objectives make the rewards that their formulas say, and refuse what would mislead a search."""

import math
import pathlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snas_tf import black_box
from snas_tf.black_box import objectives
from snas_tf.black_box.objectives import Constrained, Pareto, Product, Single, WeightedSum
from snas_tf.errors import InvalidInput
from tests.black_box import toy

ACCURACIES = st.floats(0.0, 1.0)
COSTS = st.floats(1.0, 1e9)
INF = math.inf


def mixed(share, low=0.0, high=100.0):
    """MONAS's: share of the accuracy less the rest of the energy."""
    return WeightedSum({"accuracy": share, "energy": share - 1}, {"energy": (low, high)})


EVERY = [
    Single("accuracy"),
    Single("energy", greater=False),
    Pareto({"accuracy": 1, "energy": -1}),
    mixed(0.3),
    Constrained("accuracy", {"energy": (-INF, 50)}),
    Product("accuracy", "energy", 50.0),
    Product("accuracy", "energy", 50.0, (0.0, -1.0)),
]


def test_rewards_by_hand():
    metrics = {"accuracy": 0.75, "energy": 25.0, "parameters": 9}
    assert Single("accuracy")(metrics) == (0.75,)
    assert Single("energy", greater=False)(metrics) == (-25.0,)
    assert Pareto({"energy": -1, "accuracy": 1})(metrics) == (-25.0, 0.75)
    assert mixed(0.5)(metrics) == (0.5 * 0.75 - 0.5 * 0.25,)
    assert Constrained("accuracy", {"energy": (-INF, 25)})(metrics) == (0.75,)
    assert Constrained("accuracy", {"energy": (-INF, 24)})(metrics) == (0.0,)
    cheapest = WeightedSum({"energy": -1}, {"energy": (0, 100)})
    bounded = Constrained(cheapest, {"accuracy": (0.8, INF)}, otherwise=-1.0)
    assert bounded(metrics) == (-1.0,)
    assert bounded({**metrics, "accuracy": 0.8}) == (-0.25,)
    assert Product("accuracy", "energy", 100.0, -0.5)(metrics) == (0.75 * 2,)
    assert Product("accuracy", "energy", 100.0, (0, -1))(metrics) == (0.75,)
    assert Product("accuracy", "energy", 12.5, (0, -1))(metrics) == (0.375,)


def test_mnasnets_exponent_trades_twice_the_cost_for_five_percent():
    product = Product("accuracy", "latency_ms", 80.0)
    (one,) = product({"accuracy": 0.70, "latency_ms": 80.0})
    (other,) = product({"accuracy": 0.70 * 1.05, "latency_ms": 160.0})
    assert other == pytest.approx(one, rel=1e-3)


@pytest.mark.parametrize("objective", EVERY, ids=repr)
@given(accuracy=ACCURACIES, better=ACCURACIES, energy=COSTS, cheaper=COSTS)
def test_what_is_better_in_every_direction_is_never_paid_less(
    objective, accuracy, better, energy, cheaper
):
    accuracy, better = sorted([accuracy, better])
    cheaper, energy = sorted([energy, cheaper])
    assert isinstance(objective, objectives.Objective)
    assert {*objective.directions} <= {"accuracy", "energy"}
    low = objective({"accuracy": accuracy, "energy": energy})
    high = objective({"accuracy": better, "energy": cheaper})
    assert len(low) == len(high) == (2 if isinstance(objective, Pareto) else 1)
    assert all(one <= other for one, other in zip(low, high, strict=True))


@given(share=ACCURACIES, accuracy=ACCURACIES, energy=st.floats(0, 100))
def test_the_mixed_reward_has_no_unit_and_lies_between_its_extremes(share, accuracy, energy):
    metrics = {"accuracy": accuracy, "energy": energy}
    (reward,) = mixed(share)(metrics)
    assert share - 1 <= reward <= share or reward == pytest.approx(share)
    in_other_units = {"accuracy": accuracy, "energy": energy * 3600 + 32}
    (other,) = mixed(share, 32.0, 360032.0)(in_other_units)
    assert other == pytest.approx(reward, abs=1e-9)


def test_a_share_of_one_leaves_the_accuracy_alone_and_of_none_the_cost():
    assert mixed(1.0).directions == {"accuracy": 1}
    assert mixed(0.0).directions == {"energy": -1}
    assert mixed(1.0)({"accuracy": 0.25, "energy": math.nan}) == (0.25,)


@given(accuracy=ACCURACIES, energy=COSTS, bound=COSTS)
def test_a_constraint_pays_what_is_within_as_its_objective_does_and_nothing_beyond(
    accuracy, energy, bound
):
    constrained = Constrained("accuracy", {"energy": (-INF, bound)})
    metrics = {"accuracy": accuracy, "energy": energy}
    assert constrained.feasible(metrics) == (energy <= bound)
    assert constrained(metrics) == ((accuracy,) if energy <= bound else (0.0,))


def test_constraints_nest_and_their_directions_lead_away_from_the_bounds():
    inner = Constrained("accuracy", {"energy": (-INF, 50), "parameters": (10, 20)})
    outer = Constrained(inner, {"accuracy": (0.5, INF)})
    assert outer.directions == {"accuracy": 1, "energy": -1}
    good = {"accuracy": 0.5, "energy": 50, "parameters": 20}
    assert outer.feasible(good) and outer(good) == (0.5,)
    for wrong in ({"accuracy": 0.4}, {"energy": 51}, {"parameters": 21}, {"parameters": 9}):
        assert not outer.feasible({**good, **wrong}) and outer({**good, **wrong}) == (0.0,)


def test_several_rewards_beyond_a_bound_are_all_otherwise():
    both = Constrained(Pareto({"accuracy": 1, "energy": -1}), {"energy": (-INF, 50)}, -INF)
    assert both({"accuracy": 0.5, "energy": 60}) == (-INF, -INF)
    assert both({"accuracy": 0.5, "energy": 40}) == (0.5, -40)


def test_a_reward_below_that_beyond_the_bounds_is_told():
    misleading = Constrained(Single("energy", greater=False), {"accuracy": (0.8, INF)})
    with pytest.raises(InvalidInput, match=r"given 0, and a network within has -25; do lower it"):
        misleading({"accuracy": 0.9, "energy": 25})


def test_the_documented_objective_of_a_users_own_is_one():
    page = (pathlib.Path(__file__).parents[2] / "docs" / "objectives.md").read_text()
    (written,) = re.findall(r"^```python\n(import math\n.*?)^```", page, re.M | re.S)
    variables = {}
    exec(compile(written, "objectives.md", "exec"), variables)
    priced = variables["Lagrangian"](most=10.0, price=0.5)
    assert isinstance(priced, objectives.Objective) and len(written.splitlines()) < 40

    def evaluate(architecture):
        """Accurate and slow, or neither."""
        sizes = toy.digits(architecture)
        return {"accuracy": sum(sizes) / 15, "latency_ms": float(2 * sum(sizes))}

    found = black_box.search(
        black_box.RegularizedEvolution(10, 4), toy.SPACE, evaluate, 150, 0, objective=priced
    )
    assert found.best.metrics["latency_ms"] == 10.0


@pytest.mark.parametrize("objective", EVERY, ids=repr)
def test_a_missing_metric_is_named(objective):
    with pytest.raises(InvalidInput, match="needs the metric .*: the evaluation gives only loss"):
        objective({"loss": 1.0})


def test_a_cost_that_is_not_positive_has_no_ratio():
    with pytest.raises(InvalidInput, match="energy must be positive: given 0"):
        Product("accuracy", "energy", 50.0)({"accuracy": 1.0, "energy": 0.0})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Pareto({"accuracy": 1}), "two metrics or more.*do take Single"),
        (lambda: Pareto({"accuracy": 1, "energy": 0}), "given .*'energy': 0"),
        (lambda: WeightedSum({}), "at least other than 0: given {}"),
        (lambda: WeightedSum({"accuracy": 0.0}), "at least other than 0"),
        (lambda: WeightedSum({"accuracy": math.nan}), "`weights` must be"),
        (lambda: WeightedSum({"accuracy": 1}, {"energy": (0, 1)}), "with a weight, accuracy"),
        (lambda: WeightedSum({"accuracy": 1}, {"accuracy": (1, 1)}), r"low < high: given \(1, 1\)"),
        (lambda: Constrained("accuracy", {}), "`bounds` must be"),
        (lambda: Constrained("accuracy", {"energy": (2, 1)}), "least <= most"),
        (lambda: Constrained("accuracy", {"energy": (0, 1)}, math.nan), "it is NaN"),
        (lambda: Product("accuracy", "energy", 0.0), "`target` must be a positive number: given 0"),
        (lambda: Product("accuracy", "energy", 1.0, 0.07), "`exponent` must be at most 0"),
        (lambda: Product("accuracy", "energy", 1.0, (0, 1)), "`exponent` must be at most 0"),
    ],
)
def test_what_is_no_objective_is_refused(make, message):
    with pytest.raises(InvalidInput, match=message) as told:
        make()
    assert "\n" not in str(told.value)
