# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A search by morphs that is killed again and again has the history of one that was let alone."""

import multiprocessing
import signal
import time

import pytest

from tests.fitting.morphs import killed_search


@pytest.fixture(scope="module")
def context():
    """Processes from one that has the imports already."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload([killed_search.__name__])
    return found


def test_kills_change_nothing(context, tmp_path):
    """While it proposes, records or evaluates: every 30 ms another place of a trial."""
    alone = killed_search.search(tmp_path / "alone.jsonl").trials
    path, ended = tmp_path / "killed.jsonl", []
    for kill in range(5):
        receiving, sending = context.Pipe(duplex=False)
        process = context.Process(target=killed_search.search, args=(path, sending))
        process.start()
        sending.close()
        ended.append(receiving.recv())
        time.sleep(0.03 * kill)
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
    assert ended == sorted({*ended}), "none is done again"
    found = killed_search.search(path).trials
    assert [facts(trial) for trial in found] == [facts(trial) for trial in alone]
    assert any(trial.parent not in (None, trial.number - 1) for trial in found)
    lines = path.read_text().splitlines()
    assert len(lines) == len((tmp_path / "alone.jsonl").read_text().splitlines())


def facts(trial):
    """All of a trial but the time that it took."""
    return trial.number, trial.architecture, trial.parent, trial.metrics, trial.rewards
