# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A real scheduler of Dask on this machine, and real workers that nobody brings back."""

import contextlib
import pathlib
import socket
import subprocess
import sys

import distributed

ROOT = pathlib.Path(__file__).parents[2]


@contextlib.contextmanager
def cluster(workers):
    """The address, and the process of the scheduler; its workers have one thread each."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = "tcp://{}:{}".format(*free.getsockname())
    processes = [_start("dask_scheduler", f"--port={address.split(':')[-1]}")]
    try:
        single = ("--nthreads=1", "--no-nanny")
        processes += [_start("dask_worker", address, *single) for _ in range(workers)]
        with distributed.Client(address, timeout=120, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=120)
        yield address, processes[0]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _start(program, *words):
    command = [sys.executable, "-m", f"distributed.cli.{program}", *words]
    return subprocess.Popen(
        [*command, "--host=127.0.0.1", "--no-dashboard"], cwd=ROOT, stderr=subprocess.DEVNULL
    )
