# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""Which operations take the time of a search step: a table from TensorFlow's profiler.

    python benchmarks/step_profile.py --setting=cifar --output=benchmarks/results/profile_cifar.txt

Runs the forward and backward pass of benchmarks/tensorflow_steps.py under the profiler and adds up,
by kind of operation, the time from the start to the end of each: on a busy machine also that in
which it had no core, so that shares say more than milliseconds.
"""

from __future__ import annotations

import collections
import pathlib
import tempfile
from collections.abc import Callable

import tensorflow as tf
import tensorflow_steps
from absl import app, flags
from tensorflow.tsl.profiler.protobuf import xplane_pb2
from timed_process import WITH_NAS_BENCH_201

_SETTING = flags.DEFINE_enum("setting", "small", list(WITH_NAS_BENCH_201), "The network.")
_STEPS = flags.DEFINE_integer("steps", 3, "Steps that are profiled.", lower_bound=1)
_ROWS = flags.DEFINE_integer("rows", 30, "Kinds of operations that are shown.", lower_bound=1)
_OUTPUT = flags.DEFINE_string("output", "", "A text file for the table too; empty for none.")

_FUNCTIONS = ("__inference", "StatefulPartitionedCall", "PartitionedCall")


def profile(run: Callable[[int], object], steps: int) -> list[tuple[str, float, int]]:
    """Kinds of operations with their microseconds and their number in all steps, longest first.

    Args:
        run: Runs that many steps.
        steps: How many.
    """
    options = tf.profiler.experimental.ProfilerOptions(host_tracer_level=2, python_tracer_level=0)
    with tempfile.TemporaryDirectory() as folder:
        with tf.profiler.experimental.Profile(folder, options):
            run(steps)
        (file,) = pathlib.Path(folder).rglob("*.xplane.pb")
        space = xplane_pb2.XSpace.FromString(file.read_bytes())
    durations: collections.Counter[str] = collections.Counter()
    numbers: collections.Counter[str] = collections.Counter()
    for plane in space.planes:
        for event in (event for line in plane.lines for event in line.events):
            # An operation is told as its name and its kind.
            name, colon, kind = plane.event_metadata[event.metadata_id].name.rpartition(":")
            if colon and not name.endswith(":") and not kind.strip().startswith(_FUNCTIONS):
                durations[kind.strip()] += event.duration_ps / 1e6
                numbers[kind.strip()] += 1
    return [(kind, duration, numbers[kind]) for kind, duration in durations.most_common()]


def text(rows: list[tuple[str, float, int]], steps: int) -> str:
    """The table."""
    total = sum(duration for _, duration, _ in rows)
    count = sum(number for _, _, number in rows)
    lines = [
        f"python benchmarks/step_profile.py --setting={_SETTING.value} --steps={steps}",
        f"{total / 1e3 / steps:,.1f} ms of operations a step, {count / steps:,.0f} operations",
        f"{'operation':44} {'ms':>9} {'share':>7} {'number':>7} {'us each':>9}",
    ]
    lines += [
        f"{kind:44} {duration / 1e3 / steps:9.1f} {duration / total:7.1%} "
        f"{number / steps:7.0f} {duration / number:9.1f}"
        for kind, duration, number in rows[: _ROWS.value]
    ]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> None:
    if len(arguments) > 1:
        raise app.UsageError(f"unknown argument {arguments[1]!r}")
    setting = WITH_NAS_BENCH_201[_SETTING.value]
    tensorflow_steps.set_up("bare")
    run = tensorflow_steps.bare(tensorflow_steps.build(setting, "bare"), setting)
    run(2)  # traces, and warms up
    printed = text(profile(run, _STEPS.value), _STEPS.value)
    print(printed)
    if _OUTPUT.value:
        pathlib.Path(_OUTPUT.value).write_text(printed)


if __name__ == "__main__":
    app.run(main)
