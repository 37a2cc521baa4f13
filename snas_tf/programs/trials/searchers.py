# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Who proposes trials, and where they are evaluated, by a config."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable
from typing import NamedTuple

from ml_collections import ConfigDict

from snas_tf import black_box, space
from snas_tf.errors import InvalidInput
from snas_tf.machine import startup

_POPULATION, _OF_AREA, _OF_NSGA2 = 50, 10, 20

_OF_ANY_SPACE = ("random", "evolution", "area", "bayesian")
"""Methods that need no decisions."""

Score = Callable[[space.Architecture], float]


class Workplace(NamedTuple):
    """Where trials are evaluated.

    Attributes:
        executor: Makes what evaluates; None for this process.
        workers: How many trials at once.
    """

    executor: Callable[[], concurrent.futures.Executor] | None
    workers: int


def searcher(config: ConfigDict, score: Callable[[], Score]) -> black_box.Searcher:
    """The searcher of a config.

    Args:
        config: The config, checked; its `search.method` is not snas.
        score: Makes the score by which area chooses its first population; not called for others.
    """
    trials, method = config.trials, config.search.method
    population = trials.population or _population(method, trials.number)
    tournament = trials.tournament or max(population // 5, min(population, 2))
    gradient = {
        "entropy_weight": trials.entropy_weight,
        "window": trials.window,
        "baseline_decay": trials.baseline_decay,
        **({"learning_rate": trials.learning_rate} if trials.learning_rate else {}),
    }
    match method:
        case "random":
            return black_box.Random()
        case "evolution":
            return black_box.RegularizedEvolution(population, tournament)
        case "area":
            return black_box.Area(
                score(), pool=trials.pool, population=population, tournament=tournament
            )
        case "local":
            return black_box.LocalSearch(trials.starts)
        case "bayesian":
            return black_box.Bayesian(trials.beta, trials.starts)
        case "policy":
            return black_box.Policy(**gradient)
        case "controller":
            return black_box.Controller(**gradient)
        case _:
            return black_box.Optuna(method, trials.population or _OF_NSGA2)


def check_space(method: str, searched: space.Space) -> None:
    """Refuses a searcher that needs decisions where a space has none.

    Args:
        method: The config's `search.method`.
        searched: The space.

    Raises:
        InvalidInput: It does.
    """
    if method not in _OF_ANY_SPACE and not isinstance(searched, space.DecisionSpace):
        raise InvalidInput(
            f"`--config.search.method` must be one of {', '.join(_OF_ANY_SPACE)} in a space "
            f"without decisions, whose networks grow: given {method}"
        )


def workplace(trials: ConfigDict, *, here: bool) -> Workplace:
    """Where a config's trials are evaluated.

    Args:
        trials: The section `trials`, checked.
        here: Whether an evaluation is a look into a table, not worth a process.

    Raises:
        InvalidInput: The scheduler cannot be reached, or Dask is not installed.
    """
    if here:
        return Workplace(None, 1)
    if trials.scheduler:
        cluster = black_box.Dask(trials.scheduler)
        return Workplace(cluster, cluster.workers)
    if trials.workers == 0:
        return Workplace(None, 1)
    executor = black_box.Processes(
        trials.workers, trials.tasks_per_process, startup.load_tensorflow
    )
    return Workplace(executor, trials.workers)


def ahead(config: ConfigDict, place: Workplace) -> bool:
    """Whether proposals are made while trials run: those that take their time, elsewhere.

    Args:
        config: The config, checked.
        place: Where trials are evaluated.
    """
    slow = config.search.method == "bayesian"
    return slow and config.trials.ahead and place.executor is not None


def _population(method: str, number: int) -> int:
    if method == "area":
        return _OF_AREA
    return max(min(_POPULATION, number // 2), 1)
