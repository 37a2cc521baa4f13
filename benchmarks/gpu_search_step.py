# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""The time and the memory of a search step on a GPU, beside PyTorch's in its quickest ways.

    python benchmarks/export_search_step.py --folder=exported_steps
    python benchmarks/gpu_search_step.py --exported=exported_steps \
        --output=benchmarks/results/gpu_search_step.json

The first command needs snas_tf and no GPU; the second needs a GPU, JAX for `xla`, PyTorch for the
others (`pip install "jax[cuda13]" torch rich absl-py`), and no TensorFlow. `xla` is snas_tf's whole
step as TensorFlow exported it, metrics and all, in XLA's runtime; what PyTorch's ways are is told
in benchmarks/pytorch_gpu_steps.py.

Every variant is a process of its own; they run a block of steps in turn, each about --seconds
long, and compared are medians over the blocks. Steps of a block follow one another without waiting,
batch and variables stay on the device. A variant that has not done its first step within --limit
seconds is ended and reported so. With --together all variants of all settings start at once, which
saves time; but then they choose their kernels while others use the device, and the seconds to the
first step say little.

"busy" is how long kernels and copies of a step run, by the profiler of each framework; the rest of
a step the device waits for its host. "MiB" is the most that PyTorch has allocated in a step (for
`graph` what it has reserved), and what XLA's plan of the step needs, variables included.

What the exported step computes is compared with TensorFlow's own kernels on a CPU: the losses of
the first step, and by the norm the change of every group of variables, which for the states of the
optimizers is linear in the gradients. In full float32 the loss may differ by 1e-4 of itself, the
velocities, moments and statistics by 1e-2 of their change; for other precisions the differences are
reported only.
"""

from __future__ import annotations

import concurrent.futures
import itertools
import json
import os
import pathlib
import sys
from collections.abc import Callable
from typing import Any

import rich.console
import rich.table
from absl import app, flags
from timed_process import SETTINGS, WITH_TINY, Process

VARIANTS = ("xla", "eager", "contiguous", "graph", "compile", "compile_graph")
PRECISIONS = ("float32", "tf32", "bfloat16")
LOSS_TOLERANCE, CHANGE_TOLERANCE = 1e-4, 1e-2
CHECKED = ("velocities", "moments", "statistics")

_EXPORTED = flags.DEFINE_string("exported", "exported_steps", "What the export wrote.")
_SETTINGS = flags.DEFINE_list("settings", list(SETTINGS), "The networks to time.")
_PRECISIONS = flags.DEFINE_list("precisions", list(PRECISIONS), "How products are computed.")
_VARIANTS = flags.DEFINE_list("variants", list(VARIANTS), f"Some of {', '.join(VARIANTS)}.")
_XLA = flags.DEFINE_string("xla", sys.executable, "A Python with JAX.")
_PYTORCH = flags.DEFINE_string("pytorch", sys.executable, "A Python with PyTorch.")
_BLOCKS = flags.DEFINE_integer("blocks", 7, "Timed blocks of every variant.", lower_bound=1)
_SECONDS = flags.DEFINE_float("seconds", 1.0, "Of a block.", lower_bound=0.0)
_LIMIT = flags.DEFINE_float("limit", 600.0, "Seconds to the first step, at most.", lower_bound=1.0)
_TOGETHER = flags.DEFINE_bool("together", False, "Start all variants at once.")
_OUTPUT = flags.DEFINE_string("output", "", "A JSON file for the figures; empty for none.")

_FOLDER = pathlib.Path(__file__).resolve().parent


def started(variant: str, setting: str, precision: str) -> Process | str:
    """Starts a variant, and waits for its first steps.

    Returns:
        The process, or in words why there is none.
    """
    seconds = str(_SECONDS.value)
    if variant == "xla":
        words = [_XLA.value, str(_FOLDER / "xla_steps.py"), _EXPORTED.value, setting, precision]
    else:
        words = [_PYTORCH.value, str(_FOLDER / "pytorch_gpu_steps.py"), setting, precision, variant]
    try:
        return Process([*words, seconds], dict(os.environ), _LIMIT.value)
    except TimeoutError as error:
        return f"no first step: {error}"
    except RuntimeError as error:
        lines = str(error).strip().splitlines() or ["ended without a word"]
        print("\n".join(lines[-30:]), file=sys.stderr)
        return next((line for line in reversed(lines) if "Error" in line), lines[-1])


Case = tuple[str, str]
"""A setting and a precision."""


def measure(
    cases: list[Case], tell: Callable[[dict[Case, dict[str, Any]]], None]
) -> dict[Case, dict[str, Any]]:
    """All variants of some cases, timed in turn, case by case.

    Args:
        cases: What to measure.
        tell: Is given what is known, after the blocks; profiles follow, and may fail.

    Returns:
        The figures of each variant, or {"failed": why} of one that did not run.
    """
    names = [(variant, *case) for case in cases for variant in _VARIANTS.value]
    with concurrent.futures.ThreadPoolExecutor(len(names) if _TOGETHER.value else 1) as pool:
        answers = dict(zip(names, pool.map(lambda name: started(*name), names), strict=True))
    processes = {name: one for name, one in answers.items() if isinstance(one, Process)}
    failed = {name: {"failed": one} for name, one in answers.items() if isinstance(one, str)}

    def figures() -> dict[Case, dict[str, Any]]:
        known = {**failed, **{name: one.figures() for name, one in processes.items()}}
        return {case: {v: known[v, *case] for v in _VARIANTS.value} for case in cases}

    for case in cases:
        for _ in range(_BLOCKS.value):
            for name in [name for name in processes if name[1:] == case]:
                try:
                    processes[name].run_block()
                except (RuntimeError, TimeoutError) as error:
                    failed[name] = {"failed": str(error)[-500:]}
                    del processes[name]
    tell(figures())
    for process in processes.values():
        try:
            process.run_profile()
        except (RuntimeError, TimeoutError) as error:
            process.facts["unprofiled"] = str(error)[-500:]
        process.close()
    return figures()


def check(setting: str, precision: str, figures: dict[str, Any]) -> None:
    """Holds that all variants compute the same, as far as it is known of each.

    Raises:
        RuntimeError: They do not, or the exported step is further from TensorFlow's than rounding
            takes it.
    """
    if len({row["parameters"] for row in figures.values() if "parameters" in row}) > 1:
        raise RuntimeError(f"{setting}: the networks have different numbers of parameters")
    differences = figures.get("xla", {}).get("differences", {})
    limits = {"loss": LOSS_TOLERANCE, **dict.fromkeys(CHECKED, CHANGE_TOLERANCE)}
    for name in differences.keys() & limits.keys() if precision == "float32" else ():
        if not differences[name] <= limits[name]:
            raise RuntimeError(f"the exported step differs: {name} by {differences[name]:.1e}")


def table(setting: str, precision: str, figures: dict[str, Any]) -> rich.table.Table:
    """A row a variant; ratios are to the first."""
    devices = {row["device"] for row in figures.values() if "device" in row}
    size = WITH_TINY[setting]["batch_size"]
    title = f"{setting}, {precision}: batch {size}; {', '.join(sorted(devices))}"
    result = rich.table.Table(title=title)
    result.add_column("variant", no_wrap=True)
    for name in ("step ms", "from", "to", "ratio", "busy ms", "kernels", "MiB", "first step s"):
        result.add_column(name, justify="right")
    first = next((row["step_ms"] for row in figures.values() if "step_ms" in row), 1.0)
    for name, row in figures.items():
        if "failed" in row:
            result.add_row(name, *"--------")
            continue
        times = [block["step_ms"] for block in row["blocks"]]
        result.add_row(
            f"{name} {row['version']}",
            f"{row['step_ms']:,.2f}",
            f"{min(times):,.2f}",
            f"{max(times):,.2f}",
            f"{row['step_ms'] / first:.2f}",
            f"{row.get('busy_ms', 0):,.2f}",
            f"{row.get('kernels', 0):,.0f}",
            f"{row.get('device_mib', 0):,.0f}",
            f"{row['first_seconds']:.1f}",
        )
    return result


def main(arguments: list[str]) -> None:
    if len(arguments) > 1:
        raise app.UsageError(f"unknown argument {arguments[1]!r}")
    for given, known in (
        (_SETTINGS.value, WITH_TINY),
        (_VARIANTS.value, VARIANTS),
        (_PRECISIONS.value, PRECISIONS),
    ):
        if unknown := {*given} - {*known}:
            raise app.UsageError(f"unknown: {', '.join(unknown)}; there are {', '.join(known)}")
    console = rich.console.Console()
    console.width = max(console.width, 100)
    command = " ".join(["python", "benchmarks/gpu_search_step.py", *sys.argv[1:]])
    record: dict[str, Any] = {"command": command, "together": _TOGETHER.value, "settings": {}}

    def tell(figures: dict[Case, dict[str, Any]]) -> None:
        for (setting, precision), found in figures.items():
            known = record["settings"].setdefault(setting, {**WITH_TINY[setting], "precisions": {}})
            known["precisions"][precision] = found
        if _OUTPUT.value:
            pathlib.Path(_OUTPUT.value).write_text(json.dumps(record, indent=2) + "\n")

    cases = list(itertools.product(_SETTINGS.value, _PRECISIONS.value))
    for some in [cases] if _TOGETHER.value else [[case] for case in cases]:
        try:
            figures = measure(some, tell)
            tell(figures)
            for case, found in figures.items():
                show(console, *case, found)
                check(*case, found)
        except (RuntimeError, TimeoutError) as error:
            sys.exit(str(error).strip())


def show(
    console: rich.console.Console, setting: str, precision: str, figures: dict[str, Any]
) -> None:
    """Prints the table, and what does not fit in."""
    console.print(table(setting, precision, figures))
    for name, row in figures.items():
        if "failed" in row:
            console.print(f"{name}: {row['failed']}", markup=False)
        if "differences" in row:
            found = " ".join(f"{part} {value:.1e}" for part, value in row["differences"].items())
            console.print(f"{name} differs by {found}")


if __name__ == "__main__":
    app.run(main)
