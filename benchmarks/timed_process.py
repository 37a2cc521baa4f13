# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A process that times blocks of steps when it is asked to, beside others that wait meanwhile.

Of Python's own library alone: what is compared need not share an environment.
"""

from __future__ import annotations

import ctypes
import json
import pathlib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

SETTINGS = {
    "small": {"num_cells": 3, "init_channels": 8, "side": 16, "batch_size": 64, "steps": 10},
    "cifar": {"num_cells": 8, "init_channels": 16, "side": 32, "batch_size": 64, "steps": 3},
}
"""The networks that are timed; steps: of a block."""

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


def _tell(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


class Process:
    """The other end of `serve`.

    Args:
        words: The command line that calls it.
        environment: The environment of the process.
    """

    def __init__(self, words: list[str], environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            words,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.facts = self._answer()
        self.blocks: list[dict[str, Any]] = []

    def run_block(self) -> None:
        """Lets it run a block."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        self.blocks.append(self._answer())

    def close(self) -> None:
        """Ends it."""
        self._process.communicate()

    def _answer(self) -> dict[str, Any]:
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(self._process.stderr.read())
        return json.loads(answer)

    def figures(self) -> dict[str, Any]:
        """Every block, and the medians over them."""
        keys = self.blocks[0]
        medians = {key: statistics.median(block[key] for block in self.blocks) for key in keys}
        return {**self.facts, **medians, "blocks": self.blocks}
