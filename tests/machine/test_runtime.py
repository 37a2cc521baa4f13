# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""TensorFlow runs as the config says."""

import json
import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import config
from snas_tf.machine import environment, runtime

ROOT = pathlib.Path(__file__).parents[2]


def changed(**changes):
    other = config.get_config()
    other.runtime.update(changes)
    return other


def test_on_a_cpu_many_operations_run_side_by_side():
    cores = len(os.sched_getaffinity(0))
    assert runtime.threads(0, 0, on_cpu=True) == (cores, 1)
    assert runtime.threads(3, 0, on_cpu=True) == (3, 1)
    assert runtime.threads(0, 2, on_cpu=True) == (cores, 2)


def test_with_a_gpu_tensorflow_chooses():
    assert runtime.threads(0, 0, on_cpu=False) == (0, 0)
    assert runtime.threads(3, 2, on_cpu=False) == (3, 2)


@pytest.mark.slow
def test_threads_are_set_in_a_fresh_process():
    program = (
        "import tensorflow as tf; from snas_tf import config; from snas_tf.machine import runtime; "
        "c = config.get_config(); c.runtime.inter_op_threads = 5; runtime.configure(c); "
        "t = tf.config.threading; "
        "print(t.get_inter_op_parallelism_threads(), t.get_intra_op_parallelism_threads())"
    )
    words = [sys.executable, "-c", program]
    answer = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["5", "1"]


def test_threads_that_come_too_late_are_told(caplog):
    tf.constant(1) + 1
    runtime.configure(changed(inter_op_threads=7))
    assert "TensorFlow was in use" in caplog.text
    assert tf.config.threading.get_inter_op_parallelism_threads() != 7


def test_the_graph_optimizer_is_left_out_of_a_search_on_a_cpu():
    def used(choice, searching, on_cpu):
        return runtime.optimizes_graph(choice, searching=searching, on_cpu=on_cpu)

    assert not used("auto", searching=True, on_cpu=True)
    assert used("auto", searching=True, on_cpu=False)
    assert used("auto", searching=False, on_cpu=True)
    assert used("on", searching=True, on_cpu=True)
    assert not used("off", searching=False, on_cpu=False)


def test_the_graph_optimizer_is_set_and_set_back():
    def disabled():
        return tf.config.optimizer.get_experimental_options().get("disable_meta_optimizer", False)

    has_gpu = bool(tf.config.list_physical_devices("GPU"))
    runtime.join_workers(changed(optimize_graph="auto"), searching=True)
    assert disabled() is not has_gpu
    runtime.join_workers(changed(optimize_graph="auto"))
    assert not disabled()


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_the_policy_is_set(policy):
    runtime.configure(changed(dtype_policy=policy))
    assert keras.config.dtype_policy().name == policy


def test_the_same_seed_gives_the_same_weights():
    def weights(seed):
        other = config.get_config()
        other.seed = seed
        runtime.configure(other)
        return keras.initializers.GlorotUniform()((4, 4)).numpy()

    np.testing.assert_array_equal(weights(1), weights(1))
    assert not np.array_equal(weights(1), weights(2))


def test_one_device_or_every_device():
    one = runtime.join_workers(config.get_config())
    assert (one.number, one.is_chief, one.describe()) == (1, True, "one device")
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    every = config.get_config()
    every.distribution = "mirrored"
    mirrored = runtime.join_workers(every)
    assert isinstance(mirrored.strategy, tf.distribute.MirroredStrategy)
    assert mirrored.strategy.num_replicas_in_sync == len(devices) >= 2
    assert mirrored.describe() == f"{len(devices)} devices"
    assert runtime.join_workers(every) is mirrored  # TensorFlow bears one a process


@pytest.mark.slow
def test_a_tpu_that_is_not_there_is_told():
    program = (
        "from snas_tf import config, errors; from snas_tf.machine import runtime\n"
        "c = config.get_config(); c.distribution = 'tpu'\n"
        "try: runtime.join_workers(c)\n"
        "except errors.InvalidInput as error: print(error)\n"
    )
    words = [sys.executable, "-c", program]
    answer = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert answer.stdout.startswith("`--config.distribution=tpu` needs a TPU"), answer.stderr


def test_only_the_chief_talks(monkeypatch):
    assert not runtime.console(config.get_config()).quiet
    cluster = {"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 1}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(cluster))
    assert runtime.console(config.get_config()).quiet


def test_the_commit_is_that_of_the_checkout():
    words = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
    head = subprocess.run(words, capture_output=True, text=True).stdout.strip()
    assert environment.commit().removesuffix("-dirty") == head
