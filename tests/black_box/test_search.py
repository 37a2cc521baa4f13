# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A search proposes, records, evaluates, records; it goes on from any point as if never stopped."""

import concurrent.futures
import dataclasses
import functools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf import black_box
from snas_tf.black_box.trial import evaluation_seed
from snas_tf.errors import Failure, InvalidInput
from tests.black_box import growing, toy

ONE_THREAD = functools.partial(concurrent.futures.ThreadPoolExecutor, 1)

EVOLUTION = black_box.RegularizedEvolution(population=5, tournament=3)


def untimed(trials):
    return [dataclasses.replace(trial, seconds=0.0) for trial in trials]


def run(searcher=EVOLUTION, evaluate=toy.evaluate, trials=20, seed=1, **arguments):
    return black_box.search(searcher, toy.SPACE, evaluate, trials, seed, **arguments)


def test_trials_have_metrics_and_rewards_and_the_best_has_the_greatest():
    result = run()
    assert [trial.number for trial in result.trials] == [*range(20)]
    for trial in result.trials:
        assert trial.metrics == toy.evaluate(trial.architecture)
        assert trial.rewards == (trial.metrics["accuracy"],) and trial.seconds >= 0
    assert result.best.reward == max(trial.reward for trial in result.trials)
    assert result.front == (result.best,) and not result.failed


def test_the_same_arguments_give_the_same_trials_and_another_seed_others():
    assert untimed(run().trials) == untimed(run().trials)
    assert untimed(run().trials) != untimed(run(seed=2).trials)


@settings(max_examples=20)
@given(st.lists(st.integers(0, 39), max_size=6))
def test_a_search_that_was_stopped_anywhere_ends_as_one_that_was_not(cuts):
    """A cut after an odd number of records leaves a trial that was proposed and did not end."""
    alone = toy.Memory()
    expected = run(log=alone)
    stopped = toy.Memory()
    for cut in sorted(cuts):
        run(log=stopped)
        stopped.records = stopped.records[: max(cut, 1)]
    assert untimed(run(log=stopped).trials) == untimed(expected.trials)
    assert [what for what, _ in stopped.records] == ["propose", "end"] * 20


def test_a_finished_search_goes_on_with_more_trials():
    log = toy.Memory()
    run(log=log, trials=8)
    result = run(log=log, trials=20, evaluate=toy.evaluate)
    assert untimed(result.trials) == untimed(run().trials)
    assert run(log=log, evaluate=None, trials=20).best == result.best, "nothing left to evaluate"


def test_a_proposal_is_recorded_before_it_is_evaluated_and_rewards_are_not():
    log = toy.Memory()

    def evaluate(architecture):
        what, trial = log.records[-1]
        assert (what, trial.architecture, trial.ended) == ("propose", architecture, False)
        return toy.evaluate(architecture)

    run(evaluate=evaluate, log=log)
    assert all(trial.rewards == () for _, trial in log.records)


def test_a_trial_that_fails_is_tried_once_more_told_and_counted(caplog):
    attempts = {}

    def evaluate(architecture):
        attempts[architecture] = attempts.get(architecture, 0) + 1
        return toy.fails_on_threes(architecture)

    result = run(black_box.Random(), evaluate, trials=30)
    assert len(result.trials) == 30 and len(result.succeeded) + len(result.failed) == 30
    assert result.failed and result.best.metrics
    for trial in result.trials:
        failed = toy.digits(trial.architecture)[0] == 3
        assert attempts[trial.architecture] == (2 if failed else 1)
        assert trial.failure == ("ValueError: three is" if failed else "")
        assert (trial.metrics == {}) == (trial.rewards == ()) == failed
    number = result.failed[0].number
    assert f"Trial {number} failed and is tried once more: ValueError: three is" in caplog.text
    assert f"Trial {number} failed again, and the search goes on without it" in caplog.text


def test_a_failure_that_does_not_come_again_costs_nothing():
    seen = set()

    def evaluate(architecture):
        if architecture not in seen:
            seen.add(architecture)
            raise OSError("busy")
        return toy.evaluate(architecture)

    assert untimed(run(evaluate=evaluate).trials) == untimed(run().trials)


def test_a_search_without_any_success_says_why():
    result = run(evaluate=lambda architecture: 1 / 0, trials=3)
    assert len(result.failed) == 3 and result.front == ()
    with pytest.raises(Failure, match="none of 3 trials succeeded; the first: ZeroDivisionError"):
        _ = result.best


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (0.5, "must give {metric: number}: given 0.5"),
        ({}, "must give {metric: number}: given {}"),
        ({"accuracy": float("nan")}, "given nan for 'accuracy'"),
        ({"accuracy": "good"}, "given 'good' for 'accuracy'"),
        ({7: 1.0}, "given 1.0 for 7"),
    ],
)
def test_what_is_no_metrics_is_a_failure(given, told):
    (trial,) = run(evaluate=lambda architecture: given, trials=1).trials
    assert told in trial.failure


def test_what_interrupts_an_evaluation_ends_the_search_and_loses_nothing():
    log = toy.Memory()

    def evaluate(architecture):
        if len(log.records) == 11:
            raise KeyboardInterrupt
        return toy.evaluate(architecture)

    with pytest.raises(KeyboardInterrupt):
        run(evaluate=evaluate, log=log)
    assert [what for what, _ in log.records] == ["propose", "end"] * 5 + ["propose"]
    assert untimed(run(log=log).trials) == untimed(run().trials)


def test_an_evaluator_gets_the_seed_of_the_trial_and_the_nearest_ended_one_as_parent():
    evaluator = toy.Inheriting()
    trials = run(evaluate=evaluator).trials
    assert trials[0].parent is None and evaluator.asked[0][2] is None
    for trial, (architecture, seed, parent) in zip(trials, evaluator.asked, strict=True):
        assert (architecture, seed) == (trial.architecture, evaluation_seed(1, trial.number))
        if trial.number:
            chosen = trials[trial.parent]
            assert parent == (chosen.architecture, evaluation_seed(1, chosen.number))
            own = toy.digits(architecture)

            def far(other, own=own):
                pairs = zip(toy.digits(other.architecture), own, strict=True)
                return sum(one != two for one, two in pairs), -other.reward, other.number

            assert chosen == min(trials[: trial.number], key=far)


def test_parents_are_the_same_after_a_stop():
    whole, stopped = toy.Inheriting(), toy.Inheriting()
    run(evaluate=whole)
    log = toy.Memory()
    run(evaluate=stopped, log=log, trials=11)
    log.records.pop()
    run(evaluate=stopped, log=log)
    again = stopped.asked.pop(10)
    assert again == stopped.asked[10], "the trial that was stopped"
    assert stopped.asked == whole.asked


def test_where_networks_grow_the_parent_is_the_nearest_that_the_new_one_descends_from():
    searched = growing.Words()
    evaluator = toy.Inheriting(growing.evaluate)
    searcher = black_box.RegularizedEvolution(population=4, tournament=2)
    trials = black_box.search(searcher, searched, evaluator, 16, 1).trials
    parents = 0
    for trial in trials:
        before = trials[: trial.number]
        able = [one for one in before if searched.descends(one.architecture, trial.architecture)]
        if not able:
            assert trial.parent is None
            continue
        parents += 1
        nearest = min(searched.distance(one.architecture, trial.architecture) for one in able)
        assert trials[trial.parent] in able
        assert searched.distance(trials[trial.parent].architecture, trial.architecture) == nearest
    assert 8 < parents < 16, "some trial has none"


class Knowing:
    """Random search that keeps what it knew."""

    def __init__(self):
        self.knew = []

    def propose(self, trials, rng, space):
        self.knew.append(([t.number for t in trials if t.ended], len(trials)))
        return black_box.Random().propose(trials, rng, space)


def test_a_proposal_ahead_is_made_and_recorded_while_the_last_trial_runs():
    log, searcher = toy.Memory(), Knowing()
    black_box.search(
        searcher, toy.SPACE, toy.evaluate, 6, 0, executor=ONE_THREAD, log=log, ahead=True
    )
    assert searcher.knew == [([*range(max(number - 1, 0))], number) for number in range(6)], (
        "all but one that runs"
    )
    order = [(what, trial.number) for what, trial in log.records]
    for number in range(1, 6):
        assert order.index(("propose", number)) < order.index(("end", number - 1))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 39), max_size=4))
def test_a_search_that_proposes_ahead_ends_as_one_that_was_not_stopped(cuts):
    ahead = functools.partial(run, executor=ONE_THREAD, ahead=True)
    expected, stopped = ahead(), toy.Memory()
    assert untimed(expected.trials) != untimed(run().trials)
    for cut in sorted(cuts):
        ahead(log=stopped)
        stopped.records = stopped.records[: max(cut, 1)]
    assert untimed(ahead(log=stopped).trials) == untimed(expected.trials)
    assert len(stopped.records) == 40


def test_a_plain_function_gets_no_parent():
    assert all(trial.parent is None for trial in run().trials)


def test_time_that_is_up_ends_the_search_and_counts_what_was_recorded():
    log = toy.Memory()
    assert len(run(log=log, seconds=1e-9).trials) == 0
    run(log=log, trials=3)
    log.records = [(w, dataclasses.replace(t, seconds=100.0)) for w, t in log.records]
    assert len(run(log=log, seconds=200.0).trials) == 3
    assert len(run(log=log, seconds=1000.0).trials) == 20


def test_an_evaluator_that_keeps_time_is_told_what_is_left():
    told = []

    class Timed:
        keeps_time = True

        def evaluate(self, architecture, *, seed, parent=None, seconds=None):
            told.append(seconds)
            return toy.evaluate(architecture)

    log = toy.Memory()
    run(evaluate=Timed(), trials=2, log=log)
    log.records = [(w, dataclasses.replace(t, seconds=100.0)) for w, t in log.records]
    run(evaluate=Timed(), trials=3, log=log, seconds=1000.0)
    assert told[:2] == [None, None] and 0 < told[2] <= 800.0


def test_progress_is_told_of_every_trial_that_ended():
    told = []
    log = toy.Memory()
    run(log=log, trials=5)
    run(log=log, progress=lambda trial, result: told.append((trial, len(result.trials))))
    assert [(trial.number, count) for trial, count in told] == [(n, n + 1) for n in range(5, 20)]
    assert all(trial.rewards for trial, _ in told)


def test_the_front_is_over_what_matters_among_what_is_allowed():
    objective = black_box.Constrained(
        black_box.WeightedSum({"accuracy": 1.0, "size": -1.0}), {"size": (0, 3)}
    )
    result = run(black_box.Random(), objective=objective, trials=60)
    points = [(trial.metrics["accuracy"], trial.metrics["size"]) for trial in result.front]
    allowed = [trial for trial in result.trials if trial.metrics["size"] <= 3]
    assert {*result.feasible} == {*allowed} and result.best in allowed
    assert points == sorted(points, reverse=True) and len(points) > 1
    for trial in allowed:
        accuracy, size = trial.metrics["accuracy"], trial.metrics["size"]
        assert any(one >= accuracy and other <= size for one, other in points)


def test_without_a_feasible_trial_the_best_is_among_all():
    objective = black_box.Constrained("accuracy", {"size": (9, 10)}, otherwise=-1.0)
    result = run(objective=objective, trials=4)
    assert result.front == result.feasible == () and result.best == result.trials[0]


def test_a_metric_that_is_not_given_is_told_at_once():
    with pytest.raises(InvalidInput, match="needs the metric latency_ms"):
        run(objective="latency_ms")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"trials": 0}, "`trials` must be a whole number, at least 1: given 0"),
        ({"seed": -1}, "`seed` must be a whole number, at least 0: given -1"),
        ({"workers": 0}, "`workers` must be .*: given 0"),
        ({"workers": 4}, "`workers` must be 1 in this process: given 4; .*Processes\\(4\\)"),
        ({"seconds": 0.0}, "`seconds` must be positive, or None: given 0.0"),
        ({"limit": -1.0}, "`limit` must be positive, or None: given -1.0"),
        ({"ahead": True}, "`ahead` must be false in this process.*: given True; do give"),
        ({"limit": 9.0}, "`limit` must be None in this process, which it would end: given 9.0"),
    ],
)
def test_arguments_out_of_range_are_told(arguments, message):
    with pytest.raises(InvalidInput, match=message):
        run(**arguments)
