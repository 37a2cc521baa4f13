# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A search of NAS-Bench-201's space by the real command, and what a table says of its cell."""

from __future__ import annotations

import json
import pathlib
import resource
import subprocess
import sys
import time
from collections.abc import Iterable

ROOT = pathlib.Path(__file__).resolve().parents[1]
_SUPERNET, _CHILD = "supernet, sampled", "child without retraining"


def run(
    workdir: pathlib.Path, table: str, settings: Iterable[str], words: Iterable[str] = ()
) -> pathlib.Path:
    """Runs one search to its end, or nothing if it is finished; gives back its run directory.

    What it took is kept beside the directory, unless it went on where another had stopped.

    Args:
        workdir: The run directory.
        table: The file of true accuracies.
        settings: Keys of the config with their values, "seed=4".
        words: Further words of the command line; a setting of the same key goes before them.
    """
    workdir = workdir.resolve()
    command = [
        *(sys.executable, "-m", "snas_tf.main", "--mode=search", f"--workdir={workdir}"),
        "--config=configs/nas_bench_201.py",
        *words,
        *(f"--config.{setting}" for setting in settings),
        f"--config.evaluation.table={pathlib.Path(table).resolve()}",
    ]
    new = not workdir.exists()
    start = time.perf_counter(), _core_seconds()
    answer = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if answer.returncode:
        sys.exit(answer.stderr)
    if new:
        taken = time.perf_counter() - start[0], _core_seconds() - start[1]
        times = dict(zip(("seconds", "core_seconds"), taken, strict=True))
        beside(workdir, "times").write_text(json.dumps(times))
    return workdir


def found(workdir: pathlib.Path) -> dict[str, object]:
    """What a finished search found: the cell, its true values and rank, and how it came there."""
    results = json.loads((workdir / "results.json").read_text())
    measured = {entry["name"]: entry["accuracy"] for entry in results}
    truth = json.loads((workdir / "true_accuracy.json").read_text())
    last = truth["trajectory"][-1]
    times = beside(workdir, "times")
    return {
        "architecture": last["architecture"],
        **last["values"],
        "rank": last["rank"],
        "trajectory": [one["values"]["test_accuracy"] for one in truth["trajectory"]],
        "supernet": measured[_SUPERNET],
        "child": measured[_CHILD],
        **(json.loads(times.read_text()) if times.exists() else {}),
    }


def beside(workdir: pathlib.Path, what: str) -> pathlib.Path:
    """A file of figures of a run, which is no part of the run."""
    return workdir.with_name(f"{workdir.name}.{what}.json")


def _core_seconds() -> float:
    """Of all processes that were started and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
