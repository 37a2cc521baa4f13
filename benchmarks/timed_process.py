# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A process that times blocks of steps when it is asked to, beside others that wait meanwhile.

Of Python's own library alone: what is compared need not share an environment.
"""

from __future__ import annotations

import collections
import contextlib
import ctypes
import json
import math
import os
import pathlib
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

SETTINGS = {
    "small": {"num_cells": 3, "init_channels": 8, "side": 16, "batch_size": 64, "steps": 10},
    "cifar": {"num_cells": 8, "init_channels": 16, "side": 32, "batch_size": 64, "steps": 3},
}
"""The networks of the paper that are timed; steps: of a block."""

WITH_NAS_BENCH_201 = {
    **SETTINGS,
    "nas_bench_201": {
        "cells_per_stage": 5,
        "init_channels": 16,
        "side": 32,
        "batch_size": 64,
        "steps": 2,
    },
}
"""And that of NAS-Bench-201, which has so many cells in each of its three stages."""

WITH_TINY = {
    "tiny": {"num_cells": 3, "init_channels": 4, "side": 8, "batch_size": 8, "steps": 2},
    **SETTINGS,
}
"""And one that is not worth timing, to try with whether all runs."""

PRIMITIVES = (
    "none",
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
)


_WARM_UP = 3  # steps, before any that are timed on a device
_PROFILE = "profile"


def resident_mib(key: str) -> float:
    """VmRSS, what this process holds in memory, or VmHWM, the most it held."""
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith(key)]
    return int(line.split()[1]) / 1024


def now() -> tuple[float, float]:
    """Seconds on the clock, and those that this process has had of the cores together."""
    return time.perf_counter(), time.process_time()


def serve(block: Callable[[int], list[tuple[float, float]]], steps: int, **facts: Any) -> None:
    """Runs the first step, tells of it, and then a block for every line of the standard input.

    Between blocks it gives the memory back, of which others may need as much.

    Args:
        block: Runs that many steps; gives `now()` before the first and after each.
        steps: Steps of a block; one more goes before them, untimed.
        **facts: What else to tell of the variant, as plain data.
    """
    held = resident_mib("VmRSS")
    start = now()
    block(1)
    first = [end - begin for begin, end in zip(start, now(), strict=True)]
    _tell(first_seconds=first[0], first_core_seconds=first[1], **facts)
    for _ in sys.stdin:
        pathlib.Path("/proc/self/clear_refs").write_text("5")  # forgets the peak
        moments = block(steps + 1)[1:]
        spans = [
            [1e3 * (end - begin) for begin, end in zip(*pair, strict=True)]
            for pair in zip(moments, moments[1:], strict=False)
        ]
        step_ms, core_ms = map(statistics.median, zip(*spans, strict=True))
        peak = resident_mib("VmHWM")
        _tell(step_ms=step_ms, core_ms=core_ms, peak_mib=peak, rise_mib=peak - held)
        ctypes.CDLL(None).malloc_trim(0)


def serve_device(
    run: Callable[[int], None],
    seconds: float,
    measure: Callable[[], dict[str, float]],
    profile: Callable[[], dict[str, Any]],
    **facts: Any,
) -> None:
    """`serve` for steps on a device, which run one after another while Python is ahead of them.

    Args:
        run: Runs that many steps, of which the first is done, and waits until the device is ready.
        seconds: How long a block takes, about.
        measure: What else to tell of a block, called after it.
        profile: What to tell when a line of the standard input asks for it.
        **facts: What else to tell of the variant, as plain data.
    """
    run(_WARM_UP)
    start = time.perf_counter()
    run(_WARM_UP)
    steps = max(_WARM_UP, math.ceil(seconds * _WARM_UP / (time.perf_counter() - start)))
    _tell(steps_of_block=steps, **facts)
    for line in sys.stdin:
        if line.strip() == _PROFILE:
            _tell(**profile())
            continue
        run(_WARM_UP)
        start = time.perf_counter()
        run(steps)
        _tell(step_ms=1e3 * (time.perf_counter() - start) / steps, **measure())


def summary(events: list[tuple[str, float]], steps: int) -> dict[str, Any]:
    """What a device did in some steps.

    Args:
        events: Name and nanoseconds of every kernel and copy.
        steps: The steps.

    Returns:
        `busy_ms` and `kernels` of a step, and `longest`, the milliseconds of the kernels that take
        most, together, by their names.
    """
    totals: collections.Counter[str] = collections.Counter()
    for name, nanoseconds in events:
        totals[name[:80]] += nanoseconds / 1e6 / steps
    longest = {name: round(total, 3) for name, total in totals.most_common(20)}
    return {"busy_ms": totals.total(), "kernels": len(events) / steps, "longest": longest}


def _tell(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


class Process:
    """The other end of `serve` and of `serve_device`.

    Args:
        words: The command line that calls it.
        environment: The environment of the process.
        limit: Seconds to its first answer, and to any other; it is ended when they have passed.

    Raises:
        TimeoutError: They have.
        RuntimeError: The process failed; with what it wrote to its standard error.
    """

    def __init__(
        self, words: list[str], environment: dict[str, str], limit: float | None = None
    ) -> None:
        self._limit = limit
        # A file: nobody reads along, and a pipe that is full would stop the process.
        self._errors = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            words,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            start_new_session=True,
        )
        self.blocks: list[dict[str, Any]] = []
        self.facts = self._answer()

    def run_block(self) -> None:
        """Lets it run a block."""
        self._ask("")
        self.blocks.append(self._answer())

    def run_profile(self) -> None:
        """Lets a process of `serve_device` tell where its time goes."""
        self._ask(_PROFILE)
        self.facts.update(self._answer())

    def _ask(self, line: str) -> None:
        # A process that has ended is found out when it does not answer.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()

    def close(self) -> None:
        """Ends it."""
        if not self._errors.closed:
            self._process.communicate()
            self._errors.close()

    def _answer(self) -> dict[str, Any]:
        # One line at a time is on its way, so none waits in Python's buffer.
        if not select.select([self._process.stdout], [], [], self._limit)[0]:
            os.killpg(self._process.pid, signal.SIGKILL)  # with the compilers that it started
            self.close()
            raise TimeoutError(f"more than {self._limit:.0f} s")
        answer = self._process.stdout.readline()
        if not answer:
            self._process.wait()
            self._errors.seek(0)
            raise RuntimeError(self._errors.read())
        return json.loads(answer)

    def figures(self) -> dict[str, Any]:
        """Every block, and the medians over them."""
        keys = self.blocks[0]
        medians = {key: statistics.median(block[key] for block in self.blocks) for key in keys}
        return {**self.facts, **medians, "blocks": self.blocks}
