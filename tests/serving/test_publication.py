# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A version is there whole or not at all, and old ones go when they are told to."""

import os
import pathlib
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from snas_tf.serving.publication import next_version, remove_old, versions

ROOT = pathlib.Path(__file__).parents[2]


def publish(folder, content="model"):
    with next_version(folder) as (version, draft):
        draft.mkdir()
        (draft / "saved_model.pb").write_text(content)
    return version


def test_versions_count_up_from_the_greatest(tmp_path):
    folder = tmp_path / "export"
    assert versions(folder) == []
    assert [publish(folder), publish(folder)] == [1, 2]
    (folder / "9").mkdir()
    for name in ("notes", "1a", ".7", "-3", "²", "٣"):
        (folder / name).mkdir()
    assert publish(folder) == 10
    assert versions(folder) == [1, 2, 9, 10]


def test_a_draft_is_no_version_until_it_is_whole(tmp_path):
    with next_version(tmp_path) as (version, draft):
        assert version == 1 and not draft.exists()
        draft.mkdir()
        assert versions(tmp_path) == [] and not draft.name.isdecimal()
    assert versions(tmp_path) == [1] and not draft.exists()


def test_nothing_is_left_of_a_block_that_fails(tmp_path):
    with pytest.raises(KeyboardInterrupt), next_version(tmp_path) as (_, draft):
        draft.mkdir()
        (draft / "half").touch()
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]
    assert publish(tmp_path) == 1


def test_what_a_killed_process_left_is_cleared(tmp_path):
    publish(tmp_path)
    for name in (".draft", ".removed"):
        (tmp_path / name / "variables").mkdir(parents=True)
    assert publish(tmp_path) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "1", "2"]


@pytest.mark.parametrize(("keep", "left"), [(0, [1, 2, 3]), (1, [3]), (2, [2, 3]), (5, [1, 2, 3])])
def test_the_newest_versions_stay(tmp_path, keep, left):
    for _ in range(3):
        publish(tmp_path)
    removed = remove_old(tmp_path, keep)
    assert versions(tmp_path) == left and removed == [v for v in (1, 2, 3) if v not in left]
    assert not (tmp_path / ".removed").exists()


def test_several_at_once_get_versions_of_their_own(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda k: (publish(tmp_path, str(k)), str(k)), range(24)))
    assert sorted(version for version, _ in found) == list(range(1, 25))
    for version, content in found:
        assert (tmp_path / str(version) / "saved_model.pb").read_text() == content


@pytest.mark.slow
def test_a_killed_process_gives_its_lock_back(tmp_path):
    program = (
        "import pathlib, sys, time\n"
        "from snas_tf.serving.publication import next_version\n"
        "with next_version(pathlib.Path(sys.argv[1])) as (_, draft):\n"
        "    draft.mkdir(); print('drafted', flush=True); time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "drafted\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert (tmp_path / ".draft").is_dir() and versions(tmp_path) == []
    assert publish(tmp_path) == 1 and not (tmp_path / ".draft").exists()
