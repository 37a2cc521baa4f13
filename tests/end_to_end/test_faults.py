# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What may befall a run, by the real command: each is told in a line, and nothing is lost."""

import contextlib
import pathlib
import shutil
import signal
import subprocess
import threading

import pytest

from snas_tf import serving
from tests.end_to_end.processes import (
    OFTEN,
    SEARCH,
    assert_same_bits,
    finish,
    run_here,
    run_to_the_end,
    start,
    wait_for,
    wait_until,
)

pytestmark = pytest.mark.slow


def search_that_meets(fault, workdir, checkpoint):
    """A search in this process to which something happens after a checkpoint; its errors."""
    has_ended = threading.Event()

    def strike():
        while not has_ended.wait(0.02):
            if (workdir / "checkpoints" / checkpoint).exists():
                return fault()

    watcher = threading.Thread(target=strike)
    watcher.start()
    try:
        code, _, err = run_here(workdir, (*SEARCH, OFTEN))
    finally:
        has_ended.set()
        watcher.join()
    assert code == 1, err
    return err


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


def fill(place, keep=0):
    """Writes a file until the disk is full, and gives some bytes back."""
    with contextlib.suppress(OSError), place.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    with place.open("r+b") as file:
        file.truncate(file.seek(0, 2) - keep)


def test_a_full_disk_and_a_read_only_folder_are_told_and_the_search_goes_on_when_they_are_mended(
    uninterrupted, tmp_path
):
    with mounted(tmp_path) as disk, contextlib.ExitStack() as read_only:
        filler, run = disk / "filler", disk / "run"
        err = search_that_meets(lambda: fill(filler), run, "search-00001-0000002")
        assert err.splitlines()[-1].startswith("snas_tf: error: ")
        assert "No space left on device" in err and "the same command" in err
        filler.unlink()

        def forbid():
            read_only.enter_context(mounted(run / "checkpoints", "ro"))

        err = search_that_meets(forbid, run, "search-00002-0000002")
        assert "Read-only file system" in err and "the same command" in err
        read_only.close()
        assert "Continuing after epoch 2" in run_to_the_end(run, SEARCH)
        assert_same_bits(uninterrupted, run, "search", 5)


def test_a_read_only_folder_is_refused_before_anything_is_loaded(tmp_path):
    with mounted(tmp_path, "ro"):
        code, _, err = run_here(tmp_path / "run", SEARCH)
    assert code == 2 and err.count("\n") == 1
    assert "is read-only; do use another" in err


def test_a_loss_that_is_no_number_stops_the_search(tmp_path):
    words = (*SEARCH, "--config.search.learning_rate=1e30", "--config.search.clip_norm=1e30")
    code, _, err = run_here(tmp_path / "run", words)
    assert code == 1, err
    told = err.splitlines()[-1]
    assert told.startswith("snas_tf: error: the loss is ") and " at step " in told
    assert "the last finite values: " in told and "nothing was saved before" in told
    assert "lower learning rate" in told
    assert not (tmp_path / "run" / "genotype.json").exists()


def test_an_export_on_a_full_disk_leaves_nothing_and_is_told(uninterrupted, tmp_path):
    with mounted(tmp_path, "size=60m") as disk:
        run = shutil.copytree(uninterrupted, disk / "run")
        fill(disk / "filler", keep=200_000)
        code, _, err = run_here(run, ("--mode=export",))
        assert code == 1 and err.count("\n") == 1, err
        assert "No space left on device" in err and "nothing was exported" in err
        assert [path.name for path in (run / "export").iterdir()] == [".lock"]


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
    """When it is written whole, but for its metadata; benchmarks/export_kills.py takes twenty
    random moments."""
    run = shutil.copytree(uninterrupted, tmp_path / "run")
    draft = run / "export" / ".draft"
    process = start(run, ("--mode=export",))
    wait_for(process, draft / "assets.extra")
    process.kill()
    assert finish(process)[0] == -signal.SIGKILL
    assert serving.versions(run / "export") == [] and draft.is_dir()
    assert "export/1" in run_to_the_end(run, ("--mode=export",))
    assert {path.name for path in (run / "export").iterdir()} == {".lock", "1"}
