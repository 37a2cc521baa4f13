# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Trials on a cluster: a real scheduler and two real workers, of which some are killed."""

import functools
import os
import signal
import sys

import pytest

from snas_tf import black_box
from snas_tf.errors import Failure, InvalidInput
from tests.black_box import dask_cluster, toy


@pytest.fixture(scope="module")
def cluster():
    """A connection to two workers, and the scheduler."""
    with dask_cluster.cluster(2) as (address, scheduler):
        yield black_box.Dask(address, timeout=4.0), scheduler


@pytest.mark.slow
def test_trials_survive_a_killed_worker_and_a_search_its_scheduler(cluster):
    executor, scheduler = cluster
    assert executor.workers == 2
    killed = []

    def kill(trial, result):
        if not killed and trial.number == 2:
            killed.append(trial.metrics["process"])
            os.kill(int(trial.metrics["process"]), signal.SIGKILL)

    arguments = (black_box.Random(), toy.SPACE, toy.says_where, 12, 0)
    result = black_box.search(*arguments, executor=executor, progress=kill)
    assert [trial.number for trial in result.trials] == [*range(12)] and not result.failed
    for trial in result.trials:
        assert trial.metrics["accuracy"] == sum(toy.digits(trial.architecture))
    places = {trial.metrics["process"] for trial in result.trials}
    assert len(places) == 2 and os.getpid() not in places
    assert {trial.metrics["process"] for trial in result.trials[6:]} == places - {*killed}
    assert executor.workers == 1

    def end(trial, result):
        if trial.number == 3:
            scheduler.kill()
            scheduler.wait()

    log = toy.Memory()
    with pytest.raises(Failure, match=f"no Dask scheduler answers at '{executor.address}'"):
        black_box.search(*arguments, executor=executor, log=log, progress=end)
    here = black_box.search(*arguments, log=log)
    assert [trial.architecture for trial in here.trials] == [
        trial.architecture for trial in result.trials
    ]


@pytest.mark.slow
def test_a_trial_beyond_the_limit_is_ended_on_its_worker_which_goes_on(tmp_path):
    judge = functools.partial(toy.counted, tmp_path / "begun", toy.hangs_on_threes)
    with dask_cluster.cluster(1, nannies=True) as (address, _):
        result = black_box.search(
            black_box.Random(),
            toy.SPACE,
            judge,
            trials=4,
            seed=2,
            executor=black_box.Dask(address),
            limit=2.0,
        )
    threes = [trial.number for trial in result.trials if toy.digits(trial.architecture)[0] == 3]
    assert threes and threes[-1] < 3  # others follow on the same worker
    assert [trial.number for trial in result.failed] == threes
    for trial in result.failed:
        assert trial.failure.startswith("it took longer than the limit of 2 s")
        assert 2.0 <= trial.seconds < toy.LONG
    begun = (tmp_path / "begun").read_text().splitlines()
    assert len(begun) == 4 + len(threes)  # each is tried once more, and no oftener


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere", "http://127.0.0.1:1"])
def test_an_address_without_a_scheduler_is_told(address):
    with pytest.raises(InvalidInput, match="no Dask scheduler answers at .*do start one by"):
        _ = black_box.Dask(address, timeout=0.5).workers


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)  # an import of it fails
    with pytest.raises(InvalidInput, match=r"pip install 'snas-tf\[cluster\]'"):
        _ = black_box.Dask("tcp://127.0.0.1:1").workers
