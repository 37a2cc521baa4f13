# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a config asks of trials: which metrics are measured, and what is made of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from snas_tf.black_box import objectives
from snas_tf.black_box.objectives import GREATER, SMALLER, Objective

_ACCURACY = "accuracy"
_MIND_THE_COST = ("weighted_sum", "product", "pareto")


def objective(trials: Mapping[str, Any]) -> Objective:
    """The objective of a config's section `trials`.

    Args:
        trials: The section, checked, or what a run recorded of it.
    """
    plain, bounds = _plain(trials), _bounds(trials)
    if not bounds:
        return plain
    return objectives.Constrained(plain, bounds, otherwise=_otherwise(trials))


def measures(trials: Mapping[str, Any]) -> tuple[str, ...]:
    """The metrics beside the first that trials are to have: those to tell, and that of a bound.

    A table tells of networks that others trained, whose sizes are their own: the costs of this
    run's networks are not told beside them, unless the objective minds one.

    Args:
        trials: The section, checked.
    """
    told = () if trials["evaluator"] == "table" else trials["measures"]
    minds = trials["objective"] in _MIND_THE_COST or trials["max_cost"]
    return tuple(dict.fromkeys((*told, *([trials["cost"]] if minds else ()))))


def _plain(trials: Mapping[str, Any]) -> Objective:
    metric, cost = trials["metric"], trials["cost"]
    match trials["objective"]:
        case "weighted_sum":
            weights = {metric: 1 - trials["cost_weight"], cost: -trials["cost_weight"]}
            return objectives.WeightedSum(weights, {cost: (0.0, trials["cost_target"])})
        case "product":
            exponent = -trials["cost_exponent"]
            return objectives.Product(metric, cost, trials["cost_target"], exponent)
        case "pareto":
            return objectives.Pareto({metric: GREATER, cost: SMALLER})
        case _:
            return objectives.Single(metric)


def _bounds(trials: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    bounds = {}
    if trials["min_metric"]:
        bounds[trials["metric"]] = (trials["min_metric"], math.inf)
    if trials["max_cost"]:
        bounds[trials["cost"]] = (-math.inf, trials["max_cost"])
    return bounds


def _otherwise(trials: Mapping[str, Any]) -> float:
    """The reward beyond the bounds, which no network within them may have less than."""
    if _ACCURACY not in trials["metric"]:
        return -math.inf
    match trials["objective"]:
        case "metric" | "product":
            return 0.0
        case "weighted_sum" if trials["max_cost"]:
            return -trials["cost_weight"] * trials["max_cost"] / trials["cost_target"]
        case _:
            return -math.inf
