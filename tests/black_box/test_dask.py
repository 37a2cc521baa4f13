# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Trials on a cluster: a real scheduler and two real workers, of which some are killed."""

import os
import pathlib
import signal
import socket
import subprocess
import sys

import distributed
import pytest

from snas_tf import black_box
from snas_tf.errors import Failure, InvalidInput
from tests.black_box import toy

ROOT = pathlib.Path(__file__).parents[2]


def start(program, *words):
    command = [sys.executable, "-m", f"distributed.cli.{program}", *words]
    return subprocess.Popen(
        [*command, "--host=127.0.0.1", "--no-dashboard"], cwd=ROOT, stderr=subprocess.DEVNULL
    )


@pytest.fixture(scope="module")
def cluster():
    """A scheduler, and two workers of one thread that nobody brings back."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = "tcp://{}:{}".format(*free.getsockname())
    processes = [start("dask_scheduler", f"--port={address.split(':')[-1]}")]
    try:
        single = ("--nthreads=1", "--no-nanny")
        processes += [start("dask_worker", address, *single) for _ in range(2)]
        with distributed.Client(address, timeout=120, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=120)
        yield black_box.Dask(address, timeout=4.0), processes[0]
    finally:
        for process in processes:
            process.kill()
            process.wait()


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


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere", "http://127.0.0.1:1"])
def test_an_address_without_a_scheduler_is_told(address):
    with pytest.raises(InvalidInput, match="no Dask scheduler answers at .*do start one by"):
        _ = black_box.Dask(address, timeout=0.5).workers


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)  # an import of it fails
    with pytest.raises(InvalidInput, match=r"pip install 'snas-tf\[cluster\]'"):
        _ = black_box.Dask("tcp://127.0.0.1:1").workers
