# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""The memory of a step: as it is estimated, as it is, and what it costs to need less of it.

    python benchmarks/step_memory.py --output=benchmarks/results/step_memory.json

Runs the forward and backward pass of searches, without and with rematerialisation, and of the
training of a child network, on the CPU, by TensorFlow's operations and by custom C++ ops, each in
a process of its own, in turns. Prints a table and writes it: the peak by `space.step_memory` and
measured, the error of the estimate, and the time of a step, medians over the rounds: on the clock,
which counts where the machine does nothing else, and summed over the cores. In ten minutes, with
7 GB, on Linux with a C++ compiler.

Measured is how far the resident memory of the process rises above what it is once the weights are
made and the graph has run with two images; the estimate beside it is therefore without weights and
optimizer. What making the graph takes before that, on the host, is told with its own estimate.
"""

from __future__ import annotations

import json
import os
import pathlib
import statistics
import subprocess
import sys
import time
from typing import Any

import rich.console
import rich.progress
import rich.table
from absl import app, flags

_OUTPUT = flags.DEFINE_string("output", "", "A JSON file for the figures; empty for none.")
_SETTINGS = flags.DEFINE_list("settings", [], "Names of the settings to run; all by default.")
_WORKER = flags.DEFINE_string("worker", "", "A variant, which this process is to measure.")

_ROOT = pathlib.Path(__file__).resolve().parents[1]
_MIB = 2**20
# rounds: processes of each variant; steps: timed in each.
_SMALL = {"num_cells": 3, "init_channels": 8, "num_nodes": 4, "rounds": 2, "steps": 10}
_CIFAR = {"num_cells": 8, "init_channels": 16, "num_nodes": 4, "side": 32, "rounds": 1, "steps": 3}
SETTINGS = {
    "digits": {**_SMALL, "side": 8},
    "small": {**_SMALL, "side": 16},
    "two_nodes": {**_SMALL, "side": 16, "num_nodes": 2},
    "cifar": _CIFAR,
    "cifar_child": {**_CIFAR, "genotype": "SNAS_MILD", "steps": 5},
}
BATCH_SIZE = 64


def measure(variant: dict[str, Any]) -> dict[str, float]:
    """Peak, time and estimate of one variant, in this process.

    Args:
        variant: One of `SETTINGS` with `rematerialize` and `native`.

    Returns:
        estimate_mib, peak_mib, graph_estimate_mib, graph_mib, and the median of a step's
        milliseconds and core_milliseconds.
    """
    sys.path.insert(0, str(_ROOT))
    import tensorflow as tf

    from snas_tf import native, space

    native.use(variant["native"])
    tf.config.threading.set_inter_op_parallelism_threads(os.cpu_count())
    tf.config.threading.set_intra_op_parallelism_threads(1)
    if "genotype" not in variant:  # as a search on a CPU does
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    skeleton = space.Skeleton(
        num_cells=variant["num_cells"],
        init_channels=variant["init_channels"],
        num_classes=10,
        image_shape=(variant["side"], variant["side"], 3),
    )
    build = _child_step if "genotype" in variant else _search_step
    step, estimate = build(variant, skeleton)

    def run(batch_size: int) -> tuple[float, float]:
        images = tf.random.stateless_normal((batch_size, *skeleton.image_shape), (1, 2))
        labels = tf.range(batch_size, dtype=tf.int64) % 10
        clocks = (time.perf_counter, time.process_time)
        start = [clock() for clock in clocks]
        float(step(images, labels)[0])
        return tuple(1e3 * (clock() - then) for clock, then in zip(clocks, start, strict=True))

    at_start = _resident_mib("VmRSS")
    for _ in range(2):
        run(2)
    before = _resident_mib("VmRSS")
    pathlib.Path("/proc/self/clear_refs").write_text("5")  # forgets the peak
    _, *times = [run(BATCH_SIZE) for _ in range(variant["steps"] + 1)]
    milliseconds, of_cores = map(statistics.median, zip(*times, strict=True))
    return {
        "estimate_mib": (estimate.gradients + estimate.activations + estimate.workspace) / _MIB,
        "peak_mib": _resident_mib("VmHWM") - before,
        "graph_estimate_mib": estimate.graph / _MIB,
        "graph_mib": before - at_start,
        "milliseconds": milliseconds,
        "core_milliseconds": of_cores,
    }


def _search_step(variant: dict[str, Any], skeleton: Any) -> tuple[Any, Any]:
    """A compiled step of the search, to be called with images and labels, and its estimate."""
    import keras
    import tensorflow as tf

    from snas_tf import ArchitectureDistribution, Snas, Supernet, space

    cells = space.CellSpace(variant["num_nodes"])
    again = variant["rematerialize"]
    supernet = Supernet(cells, skeleton, rematerialize=again)
    model = Snas(supernet, ArchitectureDistribution(cells))
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    samples = model.draw(tf.constant([1, 2]))

    @tf.function(input_signature=_signature(skeleton))
    def step(images: tf.Tensor, labels: tf.Tensor) -> list[tf.Tensor]:
        return tf.nest.flatten(model.forward_and_backward(images, labels, None, samples))

    native = variant["native"]
    return step, space.step_memory(cells, skeleton, BATCH_SIZE, rematerialize=again, native=native)


def _child_step(variant: dict[str, Any], skeleton: Any) -> tuple[Any, Any]:
    """As `_search_step`, of the training of a child network."""
    import keras
    import tensorflow as tf

    from snas_tf import ChildNetwork, space

    genotype = space.PUBLISHED[variant["genotype"]]
    child = ChildNetwork(genotype, skeleton)
    loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    @tf.function(input_signature=_signature(skeleton))
    def step(images: tf.Tensor, labels: tf.Tensor) -> list[tf.Tensor]:
        weights = [weight.value for weight in child.trainable_variables]
        with tf.GradientTape() as tape:
            loss = loss_of(labels, child(images, training=True))
        return [loss, *tape.gradient(loss, weights, unconnected_gradients="zero")]

    native = variant["native"]
    return step, space.child_step_memory(genotype, skeleton, BATCH_SIZE, native=native)


def _signature(skeleton: Any) -> list[Any]:
    """One graph for every batch size."""
    import tensorflow as tf

    return [tf.TensorSpec((None, *skeleton.image_shape)), tf.TensorSpec((None,), tf.int64)]


def _resident_mib(key: str) -> float:
    """VmRSS, what this process holds in memory, or VmHWM, the most it held."""
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith(key)]
    return int(line.split()[1]) / 1024


def in_a_process(variant: dict[str, Any]) -> dict[str, float]:
    """`measure` in a fresh process."""
    words = [sys.executable, __file__, f"--worker={json.dumps(variant)}"]
    environment = {"TF_CPP_MIN_LOG_LEVEL": "2", **os.environ, "CUDA_VISIBLE_DEVICES": "-1"}
    answer = subprocess.run(words, capture_output=True, text=True, env=environment)
    if answer.returncode:
        sys.exit(answer.stderr)
    return json.loads(answer.stdout.splitlines()[-1])


def table(measured: dict[str, list[dict[str, float]]]) -> rich.table.Table:
    """A row a variant; a setting without the choice to compute cells again has no word on it."""
    result = rich.table.Table(title=f"A step on {BATCH_SIZE} images on {os.cpu_count()} cores")
    result.add_column("setting", no_wrap=True)
    for name in ("native", "again", "estimate MiB", "peak MiB", "error", "step ms", "of cores"):
        result.add_column(name, justify="right")
    for name, rows in measured.items():
        for row in rows:
            choices = [
                {True: "yes", False: "no", None: ""}[row[key]]
                for key in ("native", "rematerialize")
            ]
            figures = [f"{row[key]:,.0f}" for key in ("estimate_mib", "peak_mib")]
            rest = ("milliseconds", "core_milliseconds")
            more = [f"{row[key]:,.0f}" for key in rest]
            result.add_row(name, *choices, *figures, f"{row['error']:+.0%}", *more)
    return result


def main(arguments: list[str]) -> None:
    if len(arguments) > 1:
        raise app.UsageError(f"unknown argument {arguments[1]!r}")
    if _WORKER.value:
        print(json.dumps(measure(json.loads(_WORKER.value))))
        return
    unknown = {*_SETTINGS.value} - {*SETTINGS}
    if unknown:
        raise app.UsageError(f"unknown settings {unknown}; there are {list(SETTINGS)}")
    console, measured = rich.console.Console(), {}
    names = _SETTINGS.value or list(SETTINGS)
    for name in rich.progress.track(names, "measuring", console=console):
        setting = SETTINGS[name]
        choices = (None,) if "genotype" in setting else (False, True)
        variants = [
            {"native": native, "rematerialize": choice}
            for native in (False, True)
            for choice in choices
        ]
        found = [[] for _ in variants]
        for _ in range(setting["rounds"]):
            for variant, rounds in zip(variants, found, strict=True):
                rounds.append(in_a_process({**setting, **variant}))
        measured[name] = [
            {**variant, **_medians(rounds)} for variant, rounds in zip(variants, found, strict=True)
        ]
    console.print(table(measured))
    if _OUTPUT.value:
        variants = {name: {**SETTINGS[name], "variants": measured[name]} for name in measured}
        record = {"batch_size": BATCH_SIZE, "cores": os.cpu_count(), "settings": variants}
        pathlib.Path(_OUTPUT.value).write_text(json.dumps(record, indent=2) + "\n")


def _medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    medians = {key: statistics.median(row[key] for row in rounds) for key in rounds[0]}
    medians["error"] = medians["estimate_mib"] / medians["peak_mib"] - 1
    return {key: round(value, 3) for key, value in medians.items()}


if __name__ == "__main__":
    app.run(main)
