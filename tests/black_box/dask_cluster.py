# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A real scheduler of Dask on this machine, and real workers that nobody brings back."""

import contextlib
import os
import pathlib
import socket
import subprocess
import sys

import distributed

ROOT = pathlib.Path(__file__).parents[2]


@contextlib.contextmanager
def cluster(workers, *, nannies=False):
    """The address, and the process of the scheduler; its workers have one thread each.

    With nannies a worker that ends is brought back, and a trial goes to no other one by itself.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = "tcp://{}:{}".format(*free.getsockname())
    settings = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"} if nannies else {}
    processes = [_start("dask_scheduler", f"--port={address.split(':')[-1]}", **settings)]
    try:
        single = ("--nthreads=1", "--nanny" if nannies else "--no-nanny")
        processes += [_start("dask_worker", address, *single) for _ in range(workers)]
        with distributed.Client(address, timeout=120, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=120)
        yield address, processes[0]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _start(program, *words, **settings):
    command = [sys.executable, "-m", f"distributed.cli.{program}", *words]
    return subprocess.Popen(
        [*command, "--host=127.0.0.1", "--no-dashboard"],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **settings},
    )
