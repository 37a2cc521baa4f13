# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Where trials are evaluated: an executor, made anew where it breaks, and second attempts."""

from __future__ import annotations

import collections
import concurrent.futures
import dataclasses
import time
from collections.abc import Callable

from absl import logging

from snas_tf.black_box.measurement import Evaluate, Measurement, Time, measure, one_line
from snas_tf.black_box.trial import Trial
from snas_tf.errors import Failure
from snas_tf.evaluation import Parent

_ATTEMPTS = 2
_BROKEN = (concurrent.futures.BrokenExecutor, concurrent.futures.CancelledError)
_KILLED = "the process that evaluated it ended: it was killed, or out of memory"


@dataclasses.dataclass
class _Task:
    """A trial at work.

    Attributes:
        trial: The trial.
        seed: Of its evaluation.
        parent: Whose weights it may start from.
        alone: Whether no other one runs beside it, so that what breaks its executor is its own.
        failures: How often it failed.
        executor: Where it runs.
        begun: When that began.
    """

    trial: Trial
    seed: int
    parent: Parent | None
    alone: bool
    failures: int = 0
    executor: concurrent.futures.Executor | None = None
    begun: float = 0.0


class Workplace:
    """Evaluates some trials at a time.

    A process that ends breaks a pool of processes, and with it every trial in it, whose fault it is
    not known. They are evaluated again one by one, in a pool made anew; who breaks that, failed.
    An executor whose maker has a true attribute `separate` breaks for that work alone whose process
    ended, and mends itself.

    Args:
        evaluate: What judges.
        make: Makes an executor.
        workers: How many trials at a time.
        allowed: The time of evaluations.
    """

    def __init__(
        self,
        evaluate: Evaluate,
        make: Callable[[], concurrent.futures.Executor],
        workers: int,
        allowed: Time,
    ) -> None:
        self._evaluate, self._make, self._workers = evaluate, make, workers
        self._allowed = allowed
        self._separate = getattr(make, "separate", False)
        self._executor: concurrent.futures.Executor | None = None
        self._running: dict[concurrent.futures.Future, _Task] = {}
        self._suspects: collections.deque[_Task] = collections.deque()

    @property
    def idle(self) -> bool:
        """Whether nothing is at work."""
        return not self._running and not self._suspects

    @property
    def has_room(self) -> bool:
        """Whether a further trial can begin."""
        alone = self._workers > 1 and any(task.alone for task in self._running.values())
        return not self._suspects and not alone and len(self._running) < self._workers

    def begin(self, trial: Trial, seed: int, parent: Parent | None) -> None:
        """Begins with a trial.

        Args:
            trial: The trial.
            seed: Of its evaluation.
            parent: Whose weights it may start from.

        Raises:
            Failure: A new executor takes no work.
        """
        self._start(_Task(trial, seed, parent, alone=self._workers == 1))

    def finished(self) -> list[tuple[Trial, Measurement]]:
        """Waits until a trial is over; not for one that is to be tried once more.

        Returns:
            What is over, in the order of their numbers; nothing, where there was but a failure to
            be tried once more.
        """
        if not self._running:
            self._start(self._suspects.popleft())
        done, _ = concurrent.futures.wait(
            self._running, return_when=concurrent.futures.FIRST_COMPLETED
        )
        over = []
        for future in sorted(done, key=lambda each: self._running[each].trial.number):
            task = self._running.pop(future)
            try:
                measurement = future.result()
            except _BROKEN:
                if not self._separate:
                    self._drop(task.executor)
                    if not task.alone:
                        self._suspects.append(dataclasses.replace(task, alone=True))
                        continue
                measurement = self._ended(task, _KILLED)
            except Exception as error:  # what the executor itself could not do
                measurement = self._ended(task, one_line(error))
            if measurement.failure and not self._given_up(task, measurement):
                self._start(task)
            else:
                over.append((task.trial, measurement))
        return over

    def leave(self, *, at_once: bool = False) -> None:
        """Ends the executor.

        Args:
            at_once: Whether to leave what runs undone.
        """
        executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=not at_once, cancel_futures=at_once)

    def _start(self, task: _Task) -> None:
        for _ in range(2):  # the executor may have broken since the last trial
            if self._executor is None:
                self._executor = self._make()
            task.executor = self._executor
            try:
                task.begun = time.monotonic()
                architecture = task.trial.architecture
                future = self._executor.submit(
                    measure, self._evaluate, architecture, task.seed, task.parent, self._allowed
                )
            except (concurrent.futures.BrokenExecutor, RuntimeError) as error:
                self._drop(self._executor)
                told = one_line(error)
            else:
                self._running[future] = task
                return
        raise Failure(f"the executor takes no trials ({told}); those so far are kept")

    def _ended(self, task: _Task, told: str) -> Measurement:
        """Why there are no metrics of a trial that was lost: the limit, or what is told."""
        limit, taken = self._allowed.limit, time.monotonic() - task.begun
        if limit is not None and taken >= limit:
            late = f"it took longer than the limit of {limit:g} s, and its process was ended"
            return Measurement({}, late, seconds=taken)
        return Measurement({}, told, seconds=taken)

    def _drop(self, executor: concurrent.futures.Executor) -> None:
        """Parts from an executor that broke; not from the one that took its place."""
        if executor is self._executor:
            self.leave(at_once=True)

    def _given_up(self, task: _Task, measurement: Measurement) -> bool:
        """Tells a failure; returns whether there is no further attempt."""
        task.failures += 1
        last = task.failures == _ATTEMPTS
        logging.warning(
            "Trial %d failed%s: %s",
            task.trial.number,
            " again, and the search goes on without it" if last else " and is tried once more",
            measurement.failure,
        )
        if measurement.traceback:
            logging.debug("%s", measurement.traceback)
        return last
