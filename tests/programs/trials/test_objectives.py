# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a config asks of trials, by values that were computed by hand."""

import math

import pytest

from snas_tf import config
from snas_tf.programs.trials import objectives

GOOD = {"accuracy": 0.9, "parameters": 30_000.0}
LARGE = {"accuracy": 0.95, "parameters": 60_000.0}
POOR = {"accuracy": 0.5, "parameters": 10_000.0}


def section(**values):
    """The section `trials` of a config."""
    trials = config.get_config().trials
    trials.update(values)
    return trials


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, (0.9,)),
        (
            {"objective": "weighted_sum", "cost_target": 60_000.0, "cost_weight": 0.25},
            (0.75 * 0.9 - 0.25 * 0.5,),
        ),
        (
            {"objective": "product", "cost_target": 60_000.0, "cost_exponent": 0.07},
            (0.9 * 0.5**-0.07,),
        ),
        ({"objective": "pareto"}, (0.9, -30_000.0)),
    ],
)
def test_rewards_are_those_of_the_formula(values, expected):
    assert objectives.objective(section(**values))(GOOD) == pytest.approx(expected)


def test_bounds_rule_out_what_is_beyond_them():
    bounded = objectives.objective(section(max_cost=40_000.0, min_metric=0.8))
    assert [bounded.feasible(each) for each in (GOOD, LARGE, POOR)] == [True, False, False]
    assert [bounded(each) for each in (GOOD, LARGE, POOR)] == [(0.9,), (0.0,), (0.0,)]
    assert bounded.directions == {"accuracy": 1, "parameters": -1}


@pytest.mark.parametrize(
    ("values", "least"),
    [
        ({"objective": "weighted_sum", "cost_target": 20_000.0, "max_cost": 40_000.0}, -1.0),
        ({"objective": "weighted_sum", "cost_target": 20_000.0, "min_metric": 0.8}, -math.inf),
        ({"objective": "pareto", "max_cost": 40_000.0}, -math.inf),
        ({"metric": "naswot", "max_cost": 40_000.0}, -math.inf),
    ],
)
def test_nothing_within_the_bounds_is_worth_less_than_what_is_beyond(values, least):
    bounded = objectives.objective(section(**values))
    assert bounded.otherwise == least
    if "naswot" not in values.values():
        assert min(bounded(GOOD)) >= least
        assert {*bounded(POOR if "min_metric" in values else LARGE)} == {least}


def test_what_an_objective_minds_is_measured():
    told = ("parameters", "multiply_adds")
    assert objectives.measures(section()) == told
    assert objectives.measures(section(cost="latency_ms")) == told
    assert objectives.measures(section(cost="latency_ms", max_cost=2.0)) == (*told, "latency_ms")
    assert objectives.measures(section(cost="parameters", objective="pareto")) == told


def test_costs_of_this_run_are_not_told_beside_a_table_of_others():
    table = {"evaluator": "table", "metric": "test_accuracy"}
    assert objectives.measures(section()) == ("parameters", "multiply_adds")
    assert objectives.measures(section(**table)) == ()
    assert objectives.measures(section(**table, max_cost=1.0)) == ("parameters",)
