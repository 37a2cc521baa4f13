# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a person sees of trials as they end: a live bar in a terminal, a line a trial elsewhere."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import rich.console
import rich.progress

from snas_tf import reports
from snas_tf.black_box import SearchResult, Trial
from snas_tf.fitting.progress_display import BarAndMetrics
from snas_tf.reports import notation

_EVERY = 1.0
"""Seconds between lines, where trials end faster."""


class TrialsDisplay:
    """Shows how many trials have ended, the best of them, and the time left.

    Args:
        number: Trials of the whole search.
        before: How many of them had ended when this command began.
        console: Where to show it.
    """

    def __init__(self, number: int, before: int, console: rich.console.Console) -> None:
        self._number = number
        self._before = before
        self._console = console
        self._started = time.monotonic()
        self._told = -_EVERY
        self._bar = BarAndMetrics(
            rich.progress.TextColumn("trial {task.completed}/{task.total}"),
            rich.progress.BarColumn(bar_width=24),
            rich.progress.TimeElapsedColumn(),
            rich.progress.TextColumn("{task.fields[left]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task(
            "", total=number, completed=before, left="", metrics="the first trial runs ..."
        )

    @contextlib.contextmanager
    def shown(self) -> Iterator[None]:
        """Shows the bar within the block, and removes it however that ends."""
        with self._bar:
            yield

    def tell(self, trial: Trial, result: SearchResult) -> None:
        """Shows that a trial ended.

        Args:
            trial: The trial.
            result: What there is so far.
        """
        ended = len(result.trials)
        if trial.failure:
            self._console.print(
                f"warning: trial {trial.number} failed twice: {trial.failure}",
                soft_wrap=True,
                highlight=False,
                markup=False,
            )
        now = time.monotonic()
        pace = (ended - self._before) / max(now - self._started, 1e-9)
        left = f"left {(self._number - ended) / pace:.0f} s"
        told = f"{standing(result)}  {_pace(pace)}"
        self._bar.update(self._task, completed=ended, left=left, metrics=told)
        waits = now - self._told < _EVERY and ended < self._number
        if self._bar.disable and not waits:
            self._told = now
            worth = reports.worth(reports.told_metrics(result), trial) or "failed"
            line = f"trial {ended}/{self._number}  {worth}  {told}  {left}"
            self._console.print(line, highlight=False, soft_wrap=True, markup=False)


def standing(result: SearchResult) -> str:
    """The best trial so far, the size of the front where there is one, and how many failed."""
    parts = []
    if result.succeeded:
        best = result.best
        directions = result.objective.directions
        first = max(directions, key=directions.__getitem__)
        value = notation.metric(first, best.metrics[first])
        parts.append(f"best {notation.words(first)} {value} (trial {best.number})")
    if len(result.objective.directions) > 1:
        parts.append(f"front {len(result.front)}")
        parts.append(f"{len(result.feasible)} within bounds")
    if result.failed:
        parts.append(f"{len(result.failed)} failed")
    return "  ".join(parts) or "none succeeded yet"


def _pace(pace: float) -> str:
    minute = 60 * pace
    return f"{minute:,.0f} trials a minute" if minute >= 10 else f"{minute:.1f} trials a minute"
