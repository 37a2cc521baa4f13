# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How TensorFlow runs: threads, seed, arithmetic and devices, set once before its first use."""

from __future__ import annotations

import keras
import tensorflow as tf
from absl import logging
from ml_collections import ConfigDict

from snas_tf.runs.environment import usable_cores


def configure(config: ConfigDict) -> tf.distribute.Strategy:
    """Sets up TensorFlow and Keras for a run.

    Args:
        config: The run's config; reads `seed` and `runtime`.

    Returns:
        The strategy in whose scope models and optimizers are to be built.
    """
    runtime = config.runtime
    _set_threads(runtime.inter_op_threads, runtime.intra_op_threads)
    keras.utils.set_random_seed(config.seed)
    keras.config.set_dtype_policy(runtime.dtype_policy)
    if runtime.strategy == "mirrored":
        kind = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
        devices = tf.config.list_logical_devices(kind)
        return tf.distribute.MirroredStrategy([device.name for device in devices])
    return tf.distribute.get_strategy()


def devices(strategy: tf.distribute.Strategy) -> str:
    """What a strategy computes on, in words."""
    count = strategy.num_replicas_in_sync
    return "one device" if count == 1 else f"{count} devices"


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
