# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How long a network, or any function of tensors, takes on this device.

Other work on the machine only ever makes a call slower, so the fastest of some calls in a row, as
under steady load, and the fastest tenth of the repetitions count.
"""

from __future__ import annotations

import pathlib
import platform
import time
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from snas_tf.version import __version__

_WARM_UP = 5
_IN_A_ROW = 3

Call = tuple[Callable[..., Any], Sequence[tf.Tensor]]
"""A graph and what it is called with."""


def device_name() -> str:
    """The device that TensorFlow computes on, as latency tables name it.

    Returns:
        The GPU's name, or the processor's with the number of threads inside an operation. The
        number of operations side by side is no part of it: it is one wherever latency is measured.
    """
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        details = tf.config.experimental.get_device_details(gpus[0])
        return details.get("device_name", gpus[0].name)
    threads = tf.config.threading.get_intra_op_parallelism_threads()
    words = {0: "all threads", 1: "1 thread"}
    return f"{_processor()}, {words.get(threads, f'{threads} threads')}"


def circumstances(batch_size: int, repetitions: int) -> dict[str, Any]:
    """How latencies are measured here: what every `LatencyRecord` says of that."""
    return {
        "device": device_name(),
        "batch_size": batch_size,
        "dtype_policy": keras.config.dtype_policy().name,
        "repetitions": repetitions,
        "versions": {
            "snas_tf": __version__,
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "python": platform.python_version(),
        },
    }


def rounded(milliseconds: float) -> float:
    """To nanoseconds; what takes nothing, as a skip connection, may be below zero by chance."""
    return max(0.0, round(milliseconds, 6))


def network_milliseconds(network: keras.Model, batch_size: int, repetitions: int) -> float:
    """Times a whole network in inference mode.

    Args:
        network: Images (batch, height, width, channels), of a known size, to any outputs.
        batch_size: Images that it answers at once, positive.
        repetitions: How often it is timed, positive.

    Returns:
        The milliseconds of a call.
    """
    call = network_call(network, batch_size)
    return float(undisturbed([milliseconds(*call) for _ in range(repetitions)]))


def network_call(network: keras.Model, batch_size: int) -> Call:
    """A network in inference mode, compiled, and noise in place of a batch of images.

    Of a network that has `typical_inputs`, which depend on the batch size, it is called with these.
    """
    if hasattr(network, "typical_inputs"):
        batch = network.typical_inputs(batch_size)
    else:
        shape, dtype = (batch_size, *network.input_shape[1:]), network.inputs[0].dtype
        names = dtype.startswith("int")  # such as words, of which 0 is one in every vocabulary
        batch = tf.zeros(shape, dtype) if names else tf.random.normal(shape)
    inputs = tf.nest.flatten(batch)

    def answer(tensors: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        given = tf.nest.pack_sequence_as(batch, tensors)
        return tf.nest.flatten(network(given, training=False))

    return compiled(answer, inputs), inputs


def compiled(
    function: Callable[[Sequence[tf.Tensor]], Sequence[tf.Tensor]], inputs: Sequence[tf.Tensor]
) -> Callable[..., Any]:
    """A function of tensors as a graph that has run often enough to be quick."""
    specs = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in inputs]
    graph = tf.function(lambda *tensors: function(tensors)).get_concrete_function(*specs)
    for _ in range(_WARM_UP):
        graph(*inputs)
    return graph


def milliseconds(graph: Callable[..., Any], inputs: Sequence[tf.Tensor]) -> float:
    """The time of the fastest of some calls in a row, as under steady load."""
    graph(*inputs)  # after other graphs, the first is half as slow again
    tf.test.experimental.sync_devices()
    seconds = []
    for _ in range(_IN_A_ROW):
        start = time.perf_counter()
        outputs = graph(*inputs)
        tf.test.experimental.sync_devices()  # a GPU answers before it is done
        seconds.append(time.perf_counter() - start)
        del outputs  # to free them is no part of the network
    return 1000.0 * min(seconds)


def undisturbed(samples: Sequence[Any]) -> np.ndarray:
    """The fastest tenth of the repetitions, which are the first axis."""
    return np.quantile(np.array(samples), 0.1, axis=0)


def _processor() -> str:
    """The processor's model; /proc knows it where the platform does not."""
    cpuinfo = pathlib.Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name" and value.strip():
                return value.strip()
    return platform.processor() or platform.machine() or "CPU"
