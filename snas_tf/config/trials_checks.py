# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The relations of the section `trials`, with others and within, for searches by trials."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from snas_tf.config.key import must_be
from snas_tf.errors import InvalidInput

_OF_SNAS = (
    "search.resource_weight",
    "search.target_parameters",
    "search.target_multiply_adds",
    "search.target_latency",
)
_NEEDED = {"table": "trials.table", "weight_sharing": "trials.supernet"}
"""The file or folder that an evaluator needs."""

_SEVERAL_REWARDS = ("random", "evolution", "area", "bayesian", "tpe", "nsga2")


def check(given: dict[str, Any]) -> None:
    """Checks what belongs together in a search by trials; of a search by snas nothing.

    Args:
        given: Every key with its value, each right by itself.

    Raises:
        InvalidInput: The first key that is wrong, what was given, and what it may be.
    """
    if given["search.method"] == "snas":
        return
    _check_others(given)
    _check_evaluator(given)
    _check_objective(given)
    _check_population(given)
    _check_limit(given)


def refuse_idle(given: Iterable[str], method: str) -> None:
    """Refuses keys of trials where none are made, as if they did something.

    Args:
        given: The keys on a command line.
        method: The config's `search.method`.

    Raises:
        InvalidInput: It is "snas", and such a key is given.
    """
    if method == "snas" and (keys := sorted(key for key in given if key.startswith("trials."))):
        raise InvalidInput(
            f"`--config.{keys[0]}` is for searches by trials: given --config.search.method=snas; "
            "do leave it out, or name another method"
        )


def _check_others(given: dict[str, Any]) -> None:
    method = f"with `--config.search.method={given['search.method']}`"
    for key in _OF_SNAS:
        if given[key]:
            what = f"0 {method}, whose costs `--config.trials.objective` and max_cost mind"
            raise InvalidInput(must_be(key, what, given[key]))
    if given["search.num_seeds"] > 1:
        raise InvalidInput(must_be("search.num_seeds", f"1 {method}", given["search.num_seeds"]))
    if given["distribution"] not in ("auto", "one_device"):
        what = f"auto or one_device {method}, which `--config.trials.workers` divides"
        raise InvalidInput(must_be("distribution", what, given["distribution"]))


def _check_evaluator(given: dict[str, Any]) -> None:
    evaluator = given["trials.evaluator"]
    for name, key in _NEEDED.items():
        if (evaluator == name) != bool(given[key]):
            what = f"given with `--config.trials.evaluator={name}`, and with no other"
            raise InvalidInput(must_be(key, what, given[key]))
    if given["trials.inherit"] and evaluator != "training":
        what = f"false with `--config.trials.evaluator={evaluator}`, which trains nothing"
        raise InvalidInput(must_be("trials.inherit", what, True))
    if given["trials.last_epochs"] > given["trials.epochs"]:
        what = f"at most `--config.trials.epochs`, which is {given['trials.epochs']}"
        raise InvalidInput(must_be("trials.last_epochs", what, given["trials.last_epochs"]))


def _check_objective(given: dict[str, Any]) -> None:
    objective = given["trials.objective"]
    if objective in ("weighted_sum", "product") and not given["trials.cost_target"]:
        what = f"above 0 with `--config.trials.objective={objective}`"
        raise InvalidInput(must_be("trials.cost_target", what, given["trials.cost_target"]))
    if objective == "pareto" and given["search.method"] not in _SEVERAL_REWARDS:
        what = f"one of {', '.join(_SEVERAL_REWARDS)} with `--config.trials.objective=pareto`"
        raise InvalidInput(must_be("search.method", what, given["search.method"]))


def _check_population(given: dict[str, Any]) -> None:
    population, method = given["trials.population"], given["search.method"]
    if population and given["trials.tournament"] > population:
        what = f"at most `--config.trials.population`, which is {population}"
        raise InvalidInput(must_be("trials.tournament", what, given["trials.tournament"]))
    if method == "area" and population > given["trials.pool"]:
        what = f"at most `--config.trials.pool`, which is {given['trials.pool']}"
        raise InvalidInput(must_be("trials.population", what, population))


def _check_limit(given: dict[str, Any]) -> None:
    here = given["trials.evaluator"] == "table" or not (
        given["trials.workers"] or given["trials.scheduler"]
    )
    if given["trials.limit"] and here:
        what = "0 where this process evaluates, which it would end"
        raise InvalidInput(must_be("trials.limit", what, given["trials.limit"]))
