# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Two worker processes on this machine: as one device would search, also when one of them dies."""

import csv
import json
import signal
import time

import numpy as np
import pytest

from tests.end_to_end.processes import (
    OFTEN,
    SEARCH,
    assert_same_bits,
    finish,
    run_to_the_end,
    start,
    two_free_ports,
    wait_for_checkpoint,
)

pytestmark = pytest.mark.slow

AS_ONE = (
    *SEARCH,
    "--config.search.epochs=3",
    "--config.search.shared_samples=true",
    "--config.search.synchronized_batch_norm=true",
)
"""Workers that share Z and the statistics of batch normalisation, as one device has them."""


class TwoWorkers:
    """The two processes of a search."""

    def __init__(self, workdir, *words):
        addresses = [f"127.0.0.1:{port}" for port in two_free_ports()]
        self.workdir = workdir
        self._cluster = {"worker": addresses}
        self._words = (*AS_ONE, *words)
        self.processes = [self.start(index) for index in (0, 1)]

    def start(self, index):
        task = {"type": "worker", "index": index}
        return start(self.workdir, self._words, {"cluster": self._cluster, "task": task})

    def finish(self):
        """[(exit code, output, errors)] of both."""
        return [finish(process) for process in self.processes]


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A search of two workers that was let alone, and what they printed."""
    workers = TwoWorkers(tmp_path_factory.mktemp("workers") / "two")
    return workers.workdir, workers.finish()


def table(workdir):
    with (workdir / "metrics.csv").open() as file:
        rows = [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]
    return {name: [row[name] for row in rows] for name in rows[0]}


def test_the_chief_alone_writes_and_talks(two):
    workdir, ((chief_code, chief, chief_err), (code, out, err)) = two
    assert (chief_code, code) == (0, 0), chief_err + err
    assert "8 steps an epoch on 2 devices of 2 workers." in chief
    assert "The search is finished: 3 of 3 epochs." in chief
    assert out == "" and "worker 1 of 2" in err
    assert (workdir / "child.keras").exists() and (workdir / "report.html").exists()
    assert json.loads((workdir / "state.json").read_text()) == {"finished": ["search"]}
    assert len([*(workdir / "logs" / "search" / "train").iterdir()]) == 1


def test_two_workers_search_as_one_device_does(two, tmp_path):
    workdir, _ = two
    run_to_the_end(tmp_path / "one", AS_ONE)
    together, alone = table(workdir), table(tmp_path / "one")
    assert together.keys() == alone.keys()
    for name in alone:
        # Float32 sums are taken in another order, and steps make more of that with every epoch;
        # accuracies count whole images.
        for epoch, relative, images in ((0, 1e-3, 0.004), (1, 0.02, 0.02), (2, 0.05, 0.05)):
            tolerance = {"atol": images} if "accuracy" in name else {"rtol": relative}
            left, right = together[name][epoch], alone[name][epoch]
            np.testing.assert_allclose(left, right, **tolerance, err_msg=f"{name} {epoch}")


def test_a_signal_to_one_ends_all_and_a_killed_chief_comes_back_with_the_same_bits(two, tmp_path):
    workers = TwoWorkers(tmp_path / "run")
    wait_for_checkpoint(workers.processes[0], tmp_path / "run", "search-00001")
    workers.processes[1].send_signal(signal.SIGTERM)
    answers = workers.finish()
    assert [code for code, _, _ in answers] == [143, 143], answers
    assert all("the same command continues the run" in err for _, _, err in answers)

    workers = TwoWorkers(tmp_path / "run", OFTEN)
    wait_for_checkpoint(workers.processes[0], tmp_path / "run", "search-00001-0000004")
    workers.processes[0].send_signal(signal.SIGKILL)
    assert finish(workers.processes[0])[0] == -signal.SIGKILL
    time.sleep(1)  # as a machine takes a while to come back
    workers.processes[0] = workers.start(0)
    answers = workers.finish()
    assert [code for code, _, _ in answers] == [0, 0], answers
    assert "a worker was lost; going on from the last checkpoint" in answers[1][2]
    assert_same_bits(two[0], tmp_path / "run", "search", 3)
