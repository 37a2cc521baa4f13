# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Trials in processes of this machine, which end now and then, when told to, or are killed."""

import collections
import concurrent.futures
import functools
import multiprocessing
import os
import time

import pytest

from snas_tf import black_box
from snas_tf.errors import Failure, InvalidInput
from tests.black_box import toy


def run(executor, evaluate, trials=8, **arguments):
    return black_box.search(
        black_box.Random(), toy.SPACE, evaluate, trials, 2, executor=executor, **arguments
    )


@pytest.mark.slow
def test_processes_evaluate_and_are_replaced_now_and_then():
    result = run(black_box.Processes(2, 3, toy.prepare), toy.says_where)
    assert not result.failed and [trial.number for trial in result.trials] == [*range(8)]
    for trial in result.trials:
        assert trial.metrics["accuracy"] == sum(toy.digits(trial.architecture))
        assert trial.metrics["deaf to Ctrl-C"] == trial.metrics["prepared"] == 1.0
    places = [trial.metrics["process"] for trial in result.trials]
    assert os.getpid() not in places and len({*places}) >= 3
    assert max(map(places.count, places)) <= 3
    assert not multiprocessing.active_children()


def pool_of_two():
    """One that breaks as a whole, which is made anew."""
    return concurrent.futures.ProcessPoolExecutor(2, multiprocessing.get_context("spawn"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("executor", "evaluate", "limit", "failure"),
    [
        (pool_of_two, toy.dies_on_threes, None, "the process that evaluated it ended: it was kill"),
        (black_box.Processes(2), toy.dies_on_threes, None, "the process that evaluated it ended: "),
        (black_box.Processes(2), toy.hangs_on_threes, 2.0, "it took longer than the limit of 2 s"),
    ],
)
def test_a_process_that_dies_or_hangs_costs_its_own_trial_alone(
    tmp_path, executor, evaluate, limit, failure
):
    expected = run(None, toy.fails_on_threes, trials=4)
    assert len(expected.failed) == 1, "the seed is chosen so"
    begun = tmp_path / "begun"
    judge = functools.partial(toy.counted, begun, evaluate)
    start = time.monotonic()
    found = run(executor, judge, trials=4, workers=2, limit=limit)
    assert time.monotonic() - start < toy.LONG
    (failed,) = found.failed
    assert failed.number == expected.failed[0].number and failed.failure.startswith(failure)
    for one, other in zip(found.succeeded, expected.succeeded, strict=True):
        assert one.metrics == other.metrics
    if executor is not pool_of_two:
        times = collections.Counter(begun.read_text().splitlines())
        failing = " ".join(map(str, toy.digits(failed.architecture)))
        assert times.pop(failing) == 2 and {*times.values()} == {1}


@pytest.mark.slow
def test_what_interrupts_a_search_ends_its_processes_at_once():
    def interrupt(trial, result):
        raise KeyboardInterrupt

    (first,) = run(None, toy.evaluate, trials=1).trials
    evaluate = functools.partial(toy.waits_unless, first.architecture)
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(black_box.Processes(2), evaluate, progress=interrupt)
    for process in multiprocessing.active_children():
        process.join(30)
    assert not multiprocessing.active_children()
    assert time.monotonic() - start < toy.LONG


def test_what_does_not_pickle_is_told_at_once():
    with pytest.raises(
        InvalidInput, match="must pickle, such as a function of a module, no lambda"
    ):
        run(black_box.Processes(1), lambda architecture: {"accuracy": 1.0})


def test_an_executor_that_never_works_ends_the_search():
    class Broken(concurrent.futures.Executor):
        def submit(self, function, /, *args, **kwargs):
            raise concurrent.futures.BrokenExecutor("out of order")

    with pytest.raises(Failure, match="takes no trials .*out of order"):
        run(Broken, toy.evaluate)


def test_an_executor_that_breaks_between_trials_is_made_anew():
    made = []

    class OfTwoTrials(black_box.executors.InThisProcess):
        def __init__(self):
            made.append(self)
            self.left = 2

        def submit(self, function, /, *args, **kwargs):
            if not self.left:
                raise concurrent.futures.BrokenExecutor("used up")
            self.left -= 1
            return super().submit(function, *args, **kwargs)

    assert len(run(OfTwoTrials, toy.evaluate).succeeded) == 8 and len(made) == 4


@pytest.mark.parametrize("arguments", [{"workers": 0}, {"workers": 1, "tasks_per_process": 0}])
def test_counts_out_of_range_are_told(arguments):
    name = [*arguments][-1]
    with pytest.raises(InvalidInput, match=f"`{name}` must be a whole number, at least 1: given 0"):
        black_box.Processes(**arguments)
