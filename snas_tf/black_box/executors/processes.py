# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Where evaluations run: in this process, in others of this machine, on a cluster."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import multiprocessing
import multiprocessing.connection
import os
import pickle
import signal
import threading
from collections.abc import Callable
from typing import Any, ClassVar

from snas_tf.errors import InvalidInput


class InThisProcess(concurrent.futures.Executor):
    """Works while it is asked to; what interrupts the program interrupts the work."""

    def submit(self, function: Callable, /, *args: Any, **kwargs: Any):
        """Calls the function; returns its future, which is done."""
        future = concurrent.futures.Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@dataclasses.dataclass(frozen=True)
class Processes:
    """Processes of this machine, each of one evaluation at a time: an `executor` of `search`.

    They end with the process that started them, however it ends. One that is killed costs but its
    own work.

    Attributes:
        workers: How many there are at a time, at least 1.
        tasks_per_process: After how many evaluations a process ends and another takes its place,
            for TensorFlow keeps some of the memory of every model; None for never.
        prepare: Called in every process before it begins, such as what loads a library quietly; it
            must pickle. No limit of an evaluation counts that time.

    Raises:
        InvalidInput: A number is out of range.
    """

    workers: int
    tasks_per_process: int | None = 20
    prepare: Callable[[], None] | None = None
    separate: ClassVar[bool] = True
    """What it makes never breaks as a whole, see `Workplace`."""

    def __post_init__(self) -> None:
        for name in ("workers", "tasks_per_process"):
            value = getattr(self, name)
            if value is None and name == "tasks_per_process":
                continue
            if type(value) is not int or value < 1:
                raise InvalidInput(f"`{name}` must be a whole number, at least 1: given {value!r}")

    def __call__(self) -> concurrent.futures.Executor:
        """An executor; its processes start with the first evaluations."""
        return _Separate(self)


class _Separate(concurrent.futures.Executor):
    """Pools of one process each, for a process that ends breaks a pool and all that runs in it."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._pools: list[_Pool | None] = [None] * processes.workers
        self._work = [0] * processes.workers  # that every pool has and that is not done
        self._counting = threading.Lock()  # pools call back from threads of their own

    def submit(self, function: Callable, /, *args: Any, **kwargs: Any):
        """Hands work to the pool that has the least; made anew where it broke.

        Raises:
            InvalidInput: It cannot be sent there.
        """
        with self._counting:
            place = self._work.index(min(self._work))
        try:
            future = self._pool(place).submit(function, *args, **kwargs)
        except concurrent.futures.BrokenExecutor:
            self._pools[place].shutdown(wait=False)
            self._pools[place] = None
            future = self._pool(place).submit(function, *args, **kwargs)
        self._count(place, 1)
        future.add_done_callback(lambda _: self._count(place, -1))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Ends the processes: after their work, or at once where that is not waited for."""
        for pool in filter(None, self._pools):
            pool.shutdown(wait, cancel_futures=cancel_futures)

    def _pool(self, place: int) -> _Pool:
        self._pools[place] = self._pools[place] or _Pool(self._processes)
        return self._pools[place]

    def _count(self, place: int, more: int) -> None:
        with self._counting:
            self._work[place] += more


class _Pool(concurrent.futures.ProcessPoolExecutor):
    """A process that starts afresh, as TensorFlow needs it, and that ends with this one.

    It holds the reading end of a pipe whose writing end is here alone. That is closed to end it at
    once, and the system closes it if this process is killed; else it would wait for ever.
    """

    def __init__(self, processes: Processes) -> None:
        context = multiprocessing.get_context("spawn")
        reader, self._alive = context.Pipe(duplex=False)
        super().__init__(
            max_workers=1,
            mp_context=context,
            initializer=_begin,
            initargs=(reader, processes.prepare),
            max_tasks_per_child=processes.tasks_per_process,
        )

    def submit(self, function: Callable, /, *args: Any, **kwargs: Any):
        """Hands work to a process.

        Raises:
            InvalidInput: It cannot be sent there.
        """
        try:
            pickle.dumps((function, args, kwargs))
        except Exception as error:
            raise InvalidInput(
                "what other processes are to evaluate must pickle, such as a function of a module, "
                f"no lambda and none within another: {error}"
            ) from error
        return super().submit(function, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Ends the processes: after their work, or at once where that is not waited for."""
        if not wait:
            self._alive.close()
        super().shutdown(wait, cancel_futures=cancel_futures)
        self._alive.close()


def _begin(
    reader: multiprocessing.connection.Connection, prepare: Callable[[], None] | None
) -> None:
    """Begins a process: it ends when the pipe is closed, and only then, not by Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it comes to all processes of a terminal

    def wait() -> None:
        multiprocessing.connection.wait([reader])
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()
    if prepare is not None:
        prepare()
