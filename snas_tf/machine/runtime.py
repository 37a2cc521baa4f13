# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How TensorFlow runs: threads, seed, arithmetic and devices, set once before its first use."""

from __future__ import annotations

import functools

import keras
import rich.console
import tensorflow as tf
from absl import logging
from ml_collections import ConfigDict

from snas_tf.errors import InvalidInput
from snas_tf.machine import cluster
from snas_tf.machine.environment import usable_cores
from snas_tf.machine.workers import Workers


def configure(config: ConfigDict) -> None:
    """Sets up TensorFlow and Keras.

    Args:
        config: The run's config; reads `seed` and `runtime`.
    """
    runtime = config.runtime
    _set_threads(runtime.inter_op_threads, runtime.intra_op_threads)
    # A run is the same whatever the user's own keras.json says.
    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")
    keras.utils.set_random_seed(config.seed)
    keras.config.set_dtype_policy(runtime.dtype_policy)


def join_workers(config: ConfigDict, *, searching: bool = False) -> Workers:
    """Sets up TensorFlow and Keras for what several devices or machines do together.

    Args:
        config: The run's config; reads `distribution` too.
        searching: Whether it is a supernet that is trained.

    Returns:
        This worker among the workers of the run, with the strategy under which they compute.

    Raises:
        InvalidInput: The devices that the config asks for are not there.
    """
    configure(config)
    on_cpu = not tf.config.list_physical_devices("GPU")
    optimized = optimizes_graph(config.runtime.optimize_graph, searching=searching, on_cpu=on_cpu)
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": not optimized})
    return _workers(config.distribution)


def console(config: ConfigDict) -> rich.console.Console:
    """Where a run talks: the terminal for the chief, nowhere for the other workers.

    Args:
        config: The run's config; reads `distribution`.
    """
    return rich.console.Console(quiet=not cluster.find(config.distribution).is_chief)


@functools.cache
def _workers(distribution: str) -> Workers:
    """One strategy a process: a second one would use the collective keys of the first."""
    found = cluster.find(distribution)
    if distribution == "auto":
        several = len(tf.config.list_physical_devices("GPU")) > 1
        distribution = "mirrored" if several else "one_device"
        distribution = "multi_worker" if found.num_workers > 1 else distribution
    return Workers(found, _STRATEGIES[distribution]())


def _mirrored() -> tf.distribute.Strategy:
    kind = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
    devices = tf.config.list_logical_devices(kind)
    return tf.distribute.MirroredStrategy([device.name for device in devices])


def _tpu() -> tf.distribute.Strategy:
    try:
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver.connect()
    except (ValueError, tf.errors.OpError, OSError) as error:
        cause = str(error).strip().splitlines()[0]
        raise InvalidInput(
            f"`--config.distribution=tpu` needs a TPU that TensorFlow can reach: {cause}"
        ) from error
    return tf.distribute.TPUStrategy(resolver)


_STRATEGIES = {
    "one_device": tf.distribute.get_strategy,
    "mirrored": _mirrored,
    "multi_worker": tf.distribute.MultiWorkerMirroredStrategy,
    "tpu": _tpu,
}


def threads(inter_op: int, intra_op: int, *, on_cpu: bool) -> tuple[int, int]:
    """The numbers of threads, chosen where they are 0.

    A supernet is many small operations. On a CPU they are quickest side by side, a thread each:
    half the time of a step with TensorFlow's own choice.

    Args:
        inter_op: Operations that run side by side; 0 to choose.
        intra_op: Threads inside an operation; 0 to choose.
        on_cpu: Whether the machine has no GPU; with one, TensorFlow chooses.

    Returns:
        (inter_op, intra_op); 0 leaves the choice to TensorFlow.
    """
    if not on_cpu:
        return inter_op, intra_op
    return inter_op or usable_cores(), intra_op or 1


def optimizes_graph(choice: str, *, searching: bool, on_cpu: bool) -> bool:
    """Whether TensorFlow's graph optimizer (Grappler) goes over a step before it first runs.

    A supernet's step is tens of thousands of operations. To go over them takes as long as to trace
    them, and on a CPU it gains nothing: the layers have done by hand what it would find.

    Args:
        choice: "on", "off", or "auto": not for a search on a CPU.
        searching: Whether it is a supernet that is trained.
        on_cpu: Whether the machine has no GPU.

    Returns:
        True or False.
    """
    return choice == "on" or (choice == "auto" and not (searching and on_cpu))


def _set_threads(inter_op: int, intra_op: int) -> None:
    on_cpu = not tf.config.list_physical_devices("GPU")
    inter_op, intra_op = threads(inter_op, intra_op, on_cpu=on_cpu)
    threading = tf.config.threading
    current = (
        threading.get_inter_op_parallelism_threads(),
        threading.get_intra_op_parallelism_threads(),
    )
    if current == (inter_op, intra_op):
        return
    try:
        threading.set_inter_op_parallelism_threads(inter_op)
        threading.set_intra_op_parallelism_threads(intra_op)
    except RuntimeError:
        logging.warning(
            "TensorFlow was in use before the run: threads stay (inter-op, intra-op) = %s", current
        )
