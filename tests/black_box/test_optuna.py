# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Optuna's samplers propose by our door: pure in the trials, with one reward or several."""

import dataclasses
import sys

import numpy as np
import pytest

from snas_tf import black_box, space
from snas_tf.black_box.searcher import generator
from snas_tf.errors import InvalidInput
from tests.black_box import toy

optuna = pytest.importorskip("optuna", reason="needs the extra snas-tf[optuna]")

BOTH = black_box.Pareto({"accuracy": 1, "size": -1})
CASES = [
    (black_box.Optuna("tpe"), "accuracy"),
    (black_box.Optuna("tpe"), BOTH),
    (black_box.Optuna("nsga2", population=6), "accuracy"),
    (black_box.Optuna("nsga2", population=6), BOTH),
]
every_case = pytest.mark.parametrize(
    ("searcher", "objective"), CASES, ids=["tpe", "tpe, two", "nsga2", "nsga2, two"]
)


@every_case
def test_a_search_replays_to_what_it_was(searcher, objective):
    """Failures and trials that still run included; a fresh searcher has to begin its study anew."""
    result = black_box.search(searcher, toy.SPACE, toy.fails_on_threes, 40, 1, objective=objective)
    assert result.failed and len(result.trials) == 40
    for count in (0, 1, 26, 39):
        fresh = dataclasses.replace(searcher)
        proposed = fresh.propose(result.trials[:count], generator(1, count), toy.SPACE)
        assert proposed == result.trials[count].architecture
    running = [dataclasses.replace(each, metrics={}, rewards=()) for each in result.trials[-3:]]
    known = [*result.trials[:30], *running]
    proposed = {one.propose(known, generator(1, 9), toy.SPACE) for one in (searcher, fresh)}
    assert len(proposed) == 1


@every_case
def test_it_does_better_than_chance(searcher, objective):
    """On the front of both metrics every digit is 0 or 3."""
    paid = 2 if objective is BOTH else 0

    def late(by):
        found = black_box.search(by, toy.SPACE, toy.evaluate, 80, 0, objective=objective).trials
        metrics = [trial.metrics for trial in found[-30:]]
        return np.mean([each["accuracy"] - paid * each["size"] for each in metrics])

    assert late(searcher) > late(black_box.Random()) + 0.5


def test_its_own_messages_stay_as_they_were(capsys):
    before = optuna.logging.get_verbosity()
    CASES[0][0].propose([], generator(0, 0), toy.SPACE)
    assert optuna.logging.get_verbosity() == before
    assert capsys.readouterr().err == ""


def test_places_of_one_option_and_cells_are_searched_too():
    for searched in (
        space.nas_bench_201_cells(),
        space.ProductSpace(
            [space.Decision("only", ["a"], ["one"]), space.Decision("b", ["c"], ["1", "2"])]
        ),
    ):
        for searcher, _ in CASES[::2]:
            found = black_box.search(searcher, searched, lambda _: {"accuracy": 1.0}, 15, 0)
            for trial in found.trials:
                searched.encode(trial.architecture)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("cmaes",), "`sampler` must be one of tpe, nsga2: given 'cmaes'"),
        (("nsga2", 1), "`population` must be a whole number, at least 2: given 1"),
    ],
)
def test_what_it_has_not_is_refused(arguments, message):
    with pytest.raises(InvalidInput, match=message):
        black_box.Optuna(*arguments)


def test_without_optuna_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(InvalidInput, match=r'do `pip install "snas-tf\[optuna\]"`'):
        black_box.Optuna("tpe")
