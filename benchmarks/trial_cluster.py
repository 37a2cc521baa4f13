# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""How many trials a minute two workers of a Dask cluster evaluate, beside one.

    python benchmarks/trial_cluster.py

Starts a scheduler on this machine, then one worker of one thread, then a second one. Evaluations
are products of matrices on one core, --milliseconds of its time each, so that two workers need two
cores. The load of the machine is told beside: what else runs takes its share.
"""

from __future__ import annotations

import os
import pathlib
import socket
import subprocess
import sys
import time

import distributed
import numpy as np
import rich.console
import rich.table
from absl import app, flags

from snas_tf import black_box, space

_TRIALS = flags.DEFINE_integer("trials", 60, "Trials of each search.", lower_bound=4)
_MILLISECONDS = flags.DEFINE_integer("milliseconds", 300, "Core time of a trial.", lower_bound=1)

_SPACE = space.ProductSpace((space.Decision("digits", tuple("abcdefgh"), tuple("0123")),))


class Work:
    """An evaluator that does nothing but to take time of a core; Dask sends it as it stands."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def evaluate(self, architecture: space.Selection, *, seed: int, parent=None):
        """Multiplies until the time is taken."""
        del parent
        matrix = np.random.default_rng(seed).random((64, 64))
        end = time.thread_time() + self._seconds
        while time.thread_time() < end:
            matrix = matrix @ matrix / np.abs(matrix).max() ** 2
        return {"accuracy": float(sum(map(int, architecture["digits"])))}


def start(program: str, *words: str) -> subprocess.Popen:
    """A program of Dask on this machine, quiet, on one core."""
    command = [sys.executable, "-m", f"distributed.cli.{program}", *words, "--no-dashboard"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    environment["PYTHONPATH"] = str(pathlib.Path(__file__).resolve().parents[1])
    return subprocess.Popen(
        [*command, "--host=127.0.0.1"], env=environment, stderr=subprocess.DEVNULL
    )


def trials_a_minute(address: str, workers: int) -> float:
    """By a search on the cluster, once it has so many workers."""
    with distributed.Client(address, timeout=120, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=120)
    work = Work(_MILLISECONDS.value / 1000)
    arguments = (black_box.Random(), _SPACE, work)
    black_box.search(*arguments, 2 * workers, executor=black_box.Dask(address))  # to import
    begun = time.perf_counter()
    black_box.search(*arguments, _TRIALS.value, executor=black_box.Dask(address))
    return 60 * _TRIALS.value / (time.perf_counter() - begun)


def main(arguments: list[str]) -> None:
    """Measures one worker, then two."""
    del arguments
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    load = os.getloadavg()[0]
    processes = [start("dask_scheduler", f"--port={port}")]
    found = []
    try:
        for workers in (1, 2):
            processes.append(start("dask_worker", address, "--nthreads=1", "--no-nanny"))
            found.append(trials_a_minute(address, workers))
    finally:
        for process in processes:
            process.kill()
            process.wait()
    table = rich.table.Table("workers", "trials a minute", "of one worker", box=None)
    for workers, rate in enumerate(found, start=1):
        table.add_row(str(workers), f"{rate:.0f}", f"{rate / found[0]:.2f}")
    console = rich.console.Console()
    console.print(table)
    console.print(f"{os.cpu_count()} cores; load before: {load:.1f}")


if __name__ == "__main__":
    app.run(main)
