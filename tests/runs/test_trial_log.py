# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A log of trials holds what was written to it, whatever ended its writer."""

import dataclasses
import json
import pathlib
import random
import resource
import signal
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf import black_box, space
from snas_tf.black_box.trial import Trial
from snas_tf.errors import Failure, InvalidInput
from snas_tf.runs.trial_log import TrialLogFile
from tests.black_box import toy
from tests.runs import search_by_trials

ROOT = pathlib.Path(__file__).parents[2]
ARCHITECTURE = toy.SPACE.from_json(
    json.dumps({"schema_version": 1, "chosen": {"first": ["0", "1", "2"], "second": ["3", "0"]}})
)
FIRST = Trial(0, ARCHITECTURE, metrics={"accuracy": 0.1 + 0.2}, seconds=1 / 3)
SECOND = Trial(1, ARCHITECTURE, parent=0, failure="OSError: no “space”", seconds=2.5)
THIRD = Trial(2, ARCHITECTURE)


def begun(trial):
    return Trial(trial.number, trial.architecture, trial.parent)


def written(path):
    """Proposed: all three; ended: the second, then the first."""
    log = TrialLogFile(path, toy.SPACE)
    assert log.read() == []
    for trial in (FIRST, SECOND, THIRD):
        log.propose(begun(trial))
    log.end(SECOND)
    log.end(FIRST)
    return log


@pytest.fixture
def path(tmp_path):
    return tmp_path / "trials.jsonl"


def read(path):
    return TrialLogFile(path, toy.SPACE).read()


def test_trials_are_read_as_they_were_written_in_the_order_of_their_ends(path):
    log = written(path)
    assert read(path) == log.read() == [SECOND, FIRST, THIRD]
    assert all(json.loads(line)["crc32"] for line in path.read_text().splitlines())


def test_a_writer_goes_on_where_another_ended(path):
    written(path)
    TrialLogFile(path, toy.SPACE).end(dataclasses.replace(THIRD, failure="late"))
    assert [trial.number for trial in read(path)] == [1, 0, 2]


@pytest.mark.slow
@settings(max_examples=25)
@given(data=st.data())
def test_a_file_cut_anywhere_has_all_whole_records_and_is_gone_on_with(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("cut") / "trials.jsonl"
    written(path)
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    rest = data.draw(st.binary(max_size=40)) if data.draw(st.booleans()) else b""
    path.write_bytes(whole[:cut] + (rest if cut > whole.index(b"\n") else b""))
    records = max(whole[:cut].count(b"\n") - 1, 0)
    left = [FIRST, SECOND, THIRD][: min(records, 3)]
    over = [SECOND, FIRST][: max(records - 3, 0)]
    assert read(path) == [*over, *(begun(trial) for trial in left if trial not in over)]
    log = TrialLogFile(path, toy.SPACE)
    log.read()
    for trial in (FIRST, SECOND, THIRD)[len(left) :]:
        log.propose(begun(trial))
    for trial in (SECOND, FIRST)[len(over) :]:
        log.end(trial)
    assert path.read_bytes() == whole


def test_a_torn_record_is_told(path, caplog):
    written(path)
    read(path)
    assert not caplog.text
    path.write_bytes(path.read_bytes()[:-5])
    assert [trial.number for trial in read(path)] == [1, 0, 2]
    assert f"The last record of {path} is not whole and is left out" in caplog.text


def test_a_record_that_was_changed_is_told_and_not_passed_over(path):
    written(path)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b'"0"', b'"1"', 1)
    path.write_bytes(b"".join(lines))
    with pytest.raises(
        InvalidInput, match=r"line 3 of .* is damaged, though others follow: .* 2 lines"
    ):
        read(path)


@pytest.mark.parametrize(
    "content", ["number,accuracy\n0,0.5\n", "a line", '{"schema_version": 1}\n']
)
def test_a_file_of_something_else_is_refused_and_left_alone(path, content):
    path.write_text(content)
    log = TrialLogFile(path, toy.SPACE)
    for use in (log.read, lambda: log.propose(THIRD)):
        with pytest.raises(InvalidInput, match="must begin with its schema"):
            use()
    assert path.read_text() == content


def test_trials_of_another_space_are_told(path):
    written(path)
    other = space.nas_bench_201_cells()
    with pytest.raises(InvalidInput, match="line 2 of .* no record of a trial of this space"):
        TrialLogFile(path, other).read()


def test_two_writers_are_told(path):
    log = written(path)
    TrialLogFile(path, toy.SPACE).end(dataclasses.replace(THIRD, failure="late"))
    with pytest.raises(Failure, match="another process writes"):
        log.end(dataclasses.replace(THIRD, metrics={"accuracy": 1.0}))
    assert [trial.failure for trial in read(path)] == [SECOND.failure, "", "late"]


def test_what_does_not_fit_the_disk_leaves_what_was_there(path):
    """A limit of the size of files is a disk that takes the first bytes and no more."""
    log = written(path)
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 10, limits[1]))
    try:
        with pytest.raises(OSError) as told:
            log.end(dataclasses.replace(THIRD, failure="late"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert told.value.filename == str(path) and path.read_bytes() == before
    log.end(dataclasses.replace(THIRD, failure="late"))
    assert len(read(path)) == 3


def kill(path, workers, trials, moments):
    """Runs the search until it is killed a little after a trial ended."""
    command = [sys.executable, "-m", "tests.runs.search_by_trials", str(path), str(workers)]
    process = subprocess.Popen([*command, str(trials)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    time.sleep(moments.uniform(0.0, 4 * search_by_trials.SECONDS))
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)  # its workers hold its output: they end too
    assert process.returncode == -signal.SIGKILL


def untimed(trials):
    return [dataclasses.replace(trial, seconds=0.0) for trial in trials]


@pytest.mark.slow
def test_a_search_that_is_killed_again_and_again_ends_as_one_that_was_let_alone(path, tmp_path):
    expected = search_by_trials.run(tmp_path / "alone.jsonl", 1, 60)
    for seed in range(3):
        kill(path, 1, 60, random.Random(seed))
    assert 3 <= sum(trial.ended for trial in read(path)) < 60
    found = search_by_trials.run(path, 1, 60)
    assert untimed(found.trials) == untimed(expected.trials)
    assert untimed(read(path)) == untimed(read(tmp_path / "alone.jsonl"))


@pytest.mark.slow
def test_with_several_workers_every_trial_is_there_once_and_no_process_stays(path):
    for seed in range(2):
        kill(path, 2, 500, random.Random(seed))
    known = len(read(path))
    found = search_by_trials.run(path, 2, known + 5)
    assert [trial.number for trial in found.trials] == [*range(known + 5)]
    assert not found.failed
    records = [json.loads(line) for line in path.read_text().splitlines()]
    for what in ("proposed", "ended"):
        numbers = [record[what] for record in records if what in record]
        assert sorted(numbers) == [*range(known + 5)]


def test_the_log_is_what_a_search_goes_on_with(path):
    arguments = (black_box.Random(), toy.SPACE, toy.evaluate)
    black_box.search(*arguments, 5, log=TrialLogFile(path, toy.SPACE))
    found = black_box.search(*arguments, 9, log=TrialLogFile(path, toy.SPACE))
    assert untimed(found.trials) == untimed(black_box.search(*arguments, 9).trials)
