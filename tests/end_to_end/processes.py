# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Runs of the real command, in processes of their own or in this one, and what two of them left,
compared."""

import contextlib
import io
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

import numpy as np
from etils import epath

from snas_tf import main
from snas_tf.fitting import history, model_state
from snas_tf.runs import network_files

ROOT = pathlib.Path(__file__).parents[2]
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
FEW_OPERATIONS = "--config.space.primitives=('none','skip_connect','sep_conv_3x3')"
"""Each is traced by every command, for every replica and every edge: eight take thrice as long."""

SEARCH = (
    "--mode=search",
    "--config.space.num_nodes=1",
    FEW_OPERATIONS,
    "--config.network.num_cells=2",
    "--config.network.init_channels=4",
    "--config.search.epochs=5",
    "--config.data.batch_size=128",
)
"""A search of 5 epochs with 8 steps each."""

OFTEN = "--config.runtime.checkpoint_seconds=0.01"
"""A checkpoint at every step."""


def start(workdir, words, cluster=None, prefix=(), folder=None):
    """Starts a command.

    Args:
        workdir: Its run directory.
        words: The rest of its command line.
        cluster: TF_CONFIG as plain data, or None.
        prefix: Words before the command.
        folder: Where it runs, this process's by default.
    """
    # A job in a shell's background ignores Ctrl-C, and what it starts inherits that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    environment = {**ENVIRONMENT, "PYTHONPATH": str(ROOT)}
    if cluster is not None:
        environment["TF_CONFIG"] = json.dumps(cluster)
    return subprocess.Popen(
        [*prefix, sys.executable, "-m", "snas_tf.main", f"--workdir={workdir}", *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    """Waits for a command's end; returns its exit code and what it printed."""
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def run_here(workdir, words):
    """Runs a command in this process, where TensorFlow is loaded: (exit code, out, err)."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main.run([f"--workdir={workdir}", *words])
    return code, out.getvalue(), err.getvalue()


def run_to_the_end(workdir, words):
    """Runs a command in this process, which must succeed; returns what it printed."""
    code, out, err = run_here(workdir, words)
    assert code == 0, err
    return out


def on_two_replicas(folder, *words):
    """Runs a command in a process with two logical devices, as TensorFlow bears one strategy.

    Args:
        folder: Where it runs; its run directory is `run` in it.
        words: The rest of its command line.

    Returns:
        What it printed.
    """
    program = (
        "import sys, tensorflow as tf; from snas_tf import main;"
        "(cpu,) = tf.config.list_physical_devices('CPU');"
        "two = [tf.config.LogicalDeviceConfiguration()] * 2;"
        "tf.config.set_logical_device_configuration(cpu, two);"
        "sys.exit(main.run(sys.argv[1:]))"
    )
    words = (*words, "--workdir=run", "--config.distribution=mirrored")
    answer = subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=folder,
        env={**ENVIRONMENT, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def wait_for(process, path):
    """Waits until a file is there or the process has ended."""
    wait_until(process, path.exists, path)


def wait_for_checkpoint(process, workdir, name):
    """Waits until a checkpoint, or a newer one, is there or the process has ended."""
    stage = name.partition("-")[0]

    def is_there():
        found = [path.name for path in (workdir / "checkpoints").glob(f"{stage}-*")]
        return bool(found) and max(found) >= name

    wait_until(process, is_there, name)


def wait_until(process, is_there, what):
    """Waits until something is so or the process has ended."""
    for _ in range(6000):
        if is_there() or process.poll() is not None:
            return
        time.sleep(0.02)
    raise AssertionError(f"{what} did not come")


def stop(workdir, words, number, checkpoint):
    """Starts a run and sends it a signal after a checkpoint."""
    process = start(workdir, words)
    wait_for_checkpoint(process, workdir, checkpoint)
    process.send_signal(number)
    return finish(process)


def newest(workdir, stage):
    """The last checkpoint of a stage."""
    return max((workdir / "checkpoints").glob(f"{stage}-*"))


def damage(path):
    """Flips a bit of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 4
    path.write_bytes(content)


def two_free_ports():
    """Ports that nobody listens on."""
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def variables(workdir, checkpoint):
    """{name: array} of everything in a checkpoint, both optimizers' state included."""
    return model_state.read(epath.Path(workdir) / "checkpoints" / checkpoint / "variables.npz")


def assert_same_bits(one, other, stage, last):
    """Tables, genotypes, networks and the last checkpoint of two runs are the same."""
    tables = {
        "search": ("metrics.csv", "genotype.json"),
        "train": ("training_metrics.csv", "training_results.json"),
    }
    for name in tables[stage]:
        assert (one / name).read_bytes() == (other / name).read_bytes()
    left, right = (variables(path, f"{stage}-{last:05d}") for path in (one, other))
    assert left.keys() == right.keys() and len(left) > 20
    for name in left:
        np.testing.assert_array_equal(left[name], right[name], err_msg=name)
    if stage == "search":
        left, right = (
            history.newest(epath.Path(path) / "checkpoints", stage) for path in (one, other)
        )
        np.testing.assert_equal(left.probabilities, right.probabilities)  # of every epoch
    kept = {"search": ("child.keras",), "train": ("trained.keras", "best.keras")}[stage]
    for name in kept:
        left, right = (network_files.load(path / name) for path in (one, other))
        for pair in zip(left.weights, right.weights, strict=True):
            np.testing.assert_array_equal(*pair)
