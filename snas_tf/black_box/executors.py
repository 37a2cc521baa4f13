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
from typing import Any

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

    They end with the process that started them, however it ends.

    Attributes:
        workers: How many there are at a time, at least 1.
        tasks_per_process: After how many evaluations a process ends and another takes its place,
            for TensorFlow keeps some of the memory of every model; None for never.

    Raises:
        InvalidInput: A number is out of range.
    """

    workers: int
    tasks_per_process: int | None = 20

    def __post_init__(self) -> None:
        for name in ("workers", "tasks_per_process"):
            value = getattr(self, name)
            if value is None and name == "tasks_per_process":
                continue
            if type(value) is not int or value < 1:
                raise InvalidInput(f"`{name}` must be a whole number, at least 1: given {value!r}")

    def __call__(self) -> concurrent.futures.Executor:
        """A fresh pool; its processes start with the first evaluations."""
        return _Pool(self.workers, self.tasks_per_process)


class _Pool(concurrent.futures.ProcessPoolExecutor):
    """Processes that start afresh, as TensorFlow needs it, and that end with this one.

    They hold the reading end of a pipe whose writing end is here alone. It is closed to end them at
    once, and the system closes it if this process is killed; else they would wait for ever.
    """

    def __init__(self, workers: int, tasks_per_process: int | None) -> None:
        context = multiprocessing.get_context("spawn")
        reader, self._alive = context.Pipe(duplex=False)
        super().__init__(
            workers,
            mp_context=context,
            initializer=_end_with,
            initargs=(reader,),
            max_tasks_per_child=tasks_per_process,
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


def _end_with(reader: multiprocessing.connection.Connection) -> None:
    """Begins a process: it ends when the pipe is closed, and only then, not by Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it comes to all processes of a terminal

    def wait() -> None:
        multiprocessing.connection.wait([reader])
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()
