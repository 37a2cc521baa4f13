# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""The time, the memory and the tracing of a search step, beside PyTorch's and the least possible.

    python benchmarks/search_step.py --pytorch=torch_environment/bin/python \
        --output=benchmarks/results/search_step.json

Every variant is a process of its own with its own threads; they run a block of steps in turn, so
that what else the machine does meets all of them, and compared are medians over the blocks, and the
median of the ratios of blocks that followed one another. "of cores" is the time that the cores
spent, together: on a machine that does other things too it is the better measure. The variants of
snas_tf are told in benchmarks/tensorflow_steps.py, the yardstick in benchmarks/pytorch_yardstick.py
with how to make its environment; without --pytorch it is left out. "rise" is the most memory above
what the process held before its first step.

That all variants of snas_tf compute the same is checked, but for the one that runs one operation an
edge: for one Z and a few images the losses differ by at most 1e-5 of themselves, the gradients by
1e-2 of their norm, which is what a few ReLUs make that rounding turns, and at NAS-Bench-201, which
is 45 ReLUs deep, by 5e-2. Variants wait for one
another with their graphs and weights in memory: those of the CIFAR setting together need more than
24 GB, and --variants takes some of them. Linux.
"""

from __future__ import annotations

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
from typing import Any

import numpy as np
import rich.console
import rich.progress
import rich.table
from absl import app, flags
from timed_process import WITH_NAS_BENCH_201, Process

VARIANTS = (
    "fit",
    "bare",
    "tensorflow_operations",
    "default_threads",
    "optimized_graph",
    "rematerialized",
    "straight_through",
)
YARDSTICK = "pytorch"
LOSS_TOLERANCE, GRADIENT_TOLERANCE, DEEP_GRADIENT_TOLERANCE = 1e-5, 1e-2, 5e-2

_PYTORCH = flags.DEFINE_string("pytorch", "", "A Python with PyTorch; empty: no yardstick.")
_SETTINGS = flags.DEFINE_list("settings", list(WITH_NAS_BENCH_201), "The networks to time.")
_VARIANTS = flags.DEFINE_list("variants", list(VARIANTS), f"Some of {', '.join(VARIANTS)}.")
_BLOCKS = flags.DEFINE_integer("blocks", 5, "Timed blocks of every variant.", lower_bound=1)
_OUTPUT = flags.DEFINE_string("output", "", "A JSON file for the figures; empty for none.")

_FOLDER = pathlib.Path(__file__).resolve().parent
_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "2", "CUDA_VISIBLE_DEVICES": "-1"}
_ENVIRONMENT = {**_QUIET, **os.environ}


def measure(setting: str) -> dict[str, Any]:
    """All variants of a setting, timed in turn.

    Args:
        setting: One of `WITH_NAS_BENCH_201`.

    Returns:
        The floor, the differences between variants, and the figures of each.
    """
    processes: dict[str, Process] = {}
    with tempfile.TemporaryDirectory() as folder:
        if _PYTORCH.value:
            words = [_PYTORCH.value, str(_FOLDER / "pytorch_yardstick.py"), setting]
            processes[YARDSTICK] = Process(words, _ENVIRONMENT)
        for variant in _VARIANTS.value:
            compares = variant != "straight_through"
            file = f"{folder}/{variant}.npy" if compares else ""
            words = [*_worker(setting, variant), file]
            processes[variant] = Process(words, _ENVIRONMENT)
        differences = compared(
            {path.stem: np.load(path) for path in pathlib.Path(folder).iterdir()},
            DEEP_GRADIENT_TOLERANCE if setting == "nas_bench_201" else GRADIENT_TOLERANCE,
        )
    for _ in range(_BLOCKS.value):
        for process in processes.values():
            process.run_block()
    for process in processes.values():
        process.close()
    answer = subprocess.run(
        [*_worker(setting, "floor"), ""], capture_output=True, text=True, env=_ENVIRONMENT
    )
    if answer.returncode:
        raise RuntimeError(answer.stderr)
    figures = {name: process.figures() for name, process in processes.items()}
    if len({figure["parameters"] for figure in figures.values()}) > 1:
        raise RuntimeError(f"{setting}: the networks have different numbers of parameters")
    first = next(iter(figures.values()))
    for figure in figures.values():
        for key in ("step_ms", "core_ms"):
            pairs = zip(figure["blocks"], first["blocks"], strict=True)
            ratio = statistics.median(own[key] / other[key] for own, other in pairs)
            figure[key.replace("ms", "ratio")] = ratio
    floor = json.loads(answer.stdout.splitlines()[-1])
    return {
        **WITH_NAS_BENCH_201[setting],
        "floor": floor,
        "differences": differences,
        "variants": figures,
    }


def _worker(setting: str, variant: str) -> list[str]:
    return [sys.executable, str(_FOLDER / "tensorflow_steps.py"), setting, variant]


def compared(results: dict[str, np.ndarray], tolerance: float) -> dict[str, list[float]]:
    """How far each variant's loss and gradients are from the first one's, relatively.

    Raises:
        RuntimeError: Further than rounding takes them.
    """
    reference = next(iter(results.values()), None)
    differences = {}
    for name, own in results.items():
        loss = abs(own[0] / reference[0] - 1)
        gradient = np.linalg.norm(own[1:] - reference[1:]) / np.linalg.norm(reference[1:])
        if not (loss <= LOSS_TOLERANCE and gradient <= tolerance):
            raise RuntimeError(f"{name} computes something else: {loss:.1e}, {gradient:.1e}")
        differences[name] = [float(loss), float(gradient)]
    return differences


def table(setting: str, measured: dict[str, Any]) -> rich.table.Table:
    """A row a variant, relative to the first."""
    floor = measured["floor"]
    title = (
        f"{setting}: batch {measured['batch_size']}; at least {floor['arithmetic_ms']:,.0f} ms of "
        f"arithmetic, {floor['memory_ms']:,.0f} ms of memory"
    )
    result = rich.table.Table(title=title)
    result.add_column("variant", no_wrap=True)
    for name in ("step ms", "ratio", "of cores", "ratio", "peak MiB", "rise MiB", "first step s"):
        result.add_column(name, justify="right")
    for name, row in measured["variants"].items():
        result.add_row(
            name,
            f"{row['step_ms']:,.0f}",
            f"{row['step_ratio']:.2f}",
            f"{row['core_ms']:,.0f}",
            f"{row['core_ratio']:.2f}",
            f"{row['peak_mib']:,.0f}",
            f"{row['rise_mib']:,.0f}",
            f"{row['first_seconds']:.1f}",
        )
    return result


def main(arguments: list[str]) -> None:
    if len(arguments) > 1:
        raise app.UsageError(f"unknown argument {arguments[1]!r}")
    for given, known in ((_SETTINGS.value, WITH_NAS_BENCH_201), (_VARIANTS.value, VARIANTS)):
        if unknown := {*given} - {*known}:
            raise app.UsageError(f"unknown: {', '.join(unknown)}; there are {', '.join(known)}")
    console = rich.console.Console()
    console.width = max(console.width, 100)
    if not _PYTORCH.value:
        console.print("No --pytorch: the yardstick is left out; ratios are to the first variant.")
    measured = {}
    try:
        for name in rich.progress.track(_SETTINGS.value, "measuring", console=console):
            measured[name] = measure(name)
            console.print(table(name, measured[name]))
    except RuntimeError as error:
        sys.exit(str(error).strip())
    if _OUTPUT.value:
        command = " ".join(["python", "benchmarks/search_step.py", *sys.argv[1:]])
        record = {"command": command, "cores": len(os.sched_getaffinity(0)), "settings": measured}
        pathlib.Path(_OUTPUT.value).write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    app.run(main)
