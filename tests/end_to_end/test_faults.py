# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What may befall a run, by the real command: each is told in a line, and nothing is lost."""

import contextlib
import pathlib
import shutil
import signal
import subprocess

import pytest

from snas_tf import serving
from tests.end_to_end.processes import (
    OFTEN,
    SEARCH,
    assert_same_bits,
    finish,
    run_to_the_end,
    start,
    stop,
    wait_for,
    wait_for_checkpoint,
    wait_until,
)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A search that was ended in its third epoch, with two checkpoints."""
    workdir = tmp_path_factory.mktemp("faults") / "stopped"
    code, _, err = stop(workdir, (*SEARCH, OFTEN), 15, "search-00002-0000002")
    assert code == 143, err
    return workdir


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 4
    path.write_bytes(content)


def truncate(path):
    path.write_bytes(path.read_bytes()[:1000])


def newest(workdir):
    return max((workdir / "checkpoints").glob("search-*"))


def test_a_damaged_checkpoint_is_told_and_the_one_before_used(uninterrupted, stopped, tmp_path):
    workdir = shutil.copytree(stopped, tmp_path / "run")
    damaged = newest(workdir)
    flip_a_bit(damaged / "variables.npz")
    out = run_to_the_end(workdir, SEARCH)
    assert f"warning: {damaged} cannot be used: its variables.npz" in out
    assert "Continuing after epoch 2" in out
    assert_same_bits(uninterrupted, workdir, "search", 5)


def test_a_checkpoint_that_is_gone_is_repeated(uninterrupted, stopped, tmp_path):
    workdir = shutil.copytree(stopped, tmp_path / "run")
    shutil.rmtree(newest(workdir))
    assert "Continuing after epoch 2" in run_to_the_end(workdir, SEARCH)
    assert_same_bits(uninterrupted, workdir, "search", 5)


def test_when_all_are_damaged_the_search_does_not_begin_anew_unasked(stopped, tmp_path):
    workdir = shutil.copytree(stopped, tmp_path / "run")
    for checkpoint in (workdir / "checkpoints").glob("search-*"):
        truncate(checkpoint / "variables.npz")
    before = sorted(path.name for path in (workdir / "checkpoints").iterdir())
    code, _, err = finish(start(workdir, SEARCH))
    assert code == 1 and err.count("\n") == 1
    assert "no checkpoint of the search is intact" in err and "--overwrite" in err
    assert before == sorted(path.name for path in (workdir / "checkpoints").iterdir())


@contextlib.contextmanager
def mounted(place, *options):
    """A file system in memory; only the administrator may make one."""
    command = ["mount", "-t", "tmpfs", "-o", ",".join(("size=6m", *options)), "tmpfs", str(place)]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("needs the right to mount")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_full_disk_is_told_and_the_search_goes_on_when_there_is_room(uninterrupted, tmp_path):
    with mounted(tmp_path) as disk:
        process = start(disk / "run", (*SEARCH, OFTEN))
        wait_for_checkpoint(process, disk / "run", "search-00001-0000002")
        with contextlib.suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))
        code, _, err = finish(process)
        assert code == 1, err
        assert err.splitlines()[-1].startswith("snas_tf: error: ")
        assert "No space left on device" in err and "the same command" in err
        (disk / "filler").unlink()
        assert "Continuing after epoch 1" in run_to_the_end(disk / "run", SEARCH)
        assert_same_bits(uninterrupted, disk / "run", "search", 5)


def test_a_folder_that_becomes_read_only_is_told(uninterrupted, tmp_path):
    workdir = tmp_path / "run"
    process = start(workdir, (*SEARCH, OFTEN))
    wait_for_checkpoint(process, workdir, "search-00001-0000002")
    with mounted(workdir / "checkpoints", "ro"):
        code, _, err = finish(process)
    assert code == 1, err
    assert "Read-only file system" in err and "the same command" in err
    assert "Continuing after epoch 1" in run_to_the_end(workdir, SEARCH)
    assert_same_bits(uninterrupted, workdir, "search", 5)


def test_a_read_only_folder_is_refused_before_anything_is_loaded(tmp_path):
    with mounted(tmp_path, "ro"):
        code, _, err = finish(start(tmp_path / "run", SEARCH))
    assert code == 2 and err.count("\n") == 1
    assert "is read-only; do use another" in err


def test_a_loss_that_is_no_number_stops_the_search(tmp_path):
    words = (*SEARCH, "--config.search.learning_rate=1e30", "--config.search.clip_norm=1e30")
    code, _, err = finish(start(tmp_path / "run", words))
    assert code == 1, err
    told = err.splitlines()[-1]
    assert told.startswith("snas_tf: error: the loss is ") and " at step " in told
    assert "the last finite values: " in told and "nothing was saved before" in told
    assert "lower learning rate" in told
    assert not (tmp_path / "run" / "genotype.json").exists()


def test_an_export_on_a_full_disk_leaves_nothing_and_is_told(uninterrupted, tmp_path):
    with mounted(tmp_path, "size=60m") as disk:
        run = shutil.copytree(uninterrupted, disk / "run")
        with contextlib.suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))
        with (disk / "filler").open("r+b") as filler:
            filler.truncate(filler.seek(0, 2) - 200_000)
        code, _, err = finish(start(run, ("--mode=export",)))
        assert code == 1 and err.count("\n") == 1, err
        assert "No space left on device" in err and "nothing was exported" in err
        assert [path.name for path in (run / "export").iterdir()] == [".lock"]
        (disk / "filler").unlink()
        assert "export/1" in run_to_the_end(run, ("--mode=export",))


def test_an_export_that_is_interrupted_leaves_nothing(uninterrupted, tmp_path):
    run = shutil.copytree(uninterrupted, tmp_path / "run")
    process = start(run, ("--mode=export",))
    draft = str(run / "export" / ".draft").encode()

    def is_loaded_by_another_process():
        for command in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):  # it has ended
                if draft in command.read_bytes():
                    return True
        return False

    wait_until(process, is_loaded_by_another_process, "the C++ loader")
    process.send_signal(signal.SIGINT)
    code, out, err = finish(process)
    assert (code, out) == (130, "") and err == (
        "snas_tf: interrupted; the same command begins anew\n"
    )
    assert [path.name for path in (run / "export").iterdir()] == [".lock"]


def test_an_export_that_is_killed_leaves_no_version(uninterrupted, tmp_path):
    """At three moments; benchmarks/export_kills.py takes twenty random ones."""
    run = shutil.copytree(uninterrupted, tmp_path / "run")
    draft = run / "export" / ".draft"
    for place in (draft, draft / "saved_model.pb", draft / "assets.extra"):
        shutil.rmtree(draft, ignore_errors=True)
        process = start(run, ("--mode=export",))
        wait_for(process, place)
        process.kill()
        assert finish(process)[0] == -signal.SIGKILL
        assert serving.versions(run / "export") == [] and draft.is_dir()
    assert "export/1" in run_to_the_end(run, ("--mode=export",))
    assert {path.name for path in (run / "export").iterdir()} == {".lock", "1"}
