# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C and SIGTERM: a run is saved at its next step and ends; a second signal ends it at once."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(KeyboardInterrupt):
    """A signal ended the program.

    Args:
        number: The signal's number.
        saved: Where the run was saved at this ending, in words; "" where it was not.

    Attributes:
        number: The signal's number.
        saved: As given.
    """

    def __init__(self, number: int, saved: str = "") -> None:
        super().__init__(number, saved)
        self.number = number
        self.saved = saved

    @property
    def exit_code(self) -> int:
        """As a shell reports a program that a signal ended: 130 for Ctrl-C, 143 for SIGTERM."""
        return 128 + self.number

    @classmethod
    def of(cls, error: KeyboardInterrupt) -> Interrupted:
        """An interruption as one of this class; Python's own is that of Ctrl-C."""
        return error if isinstance(error, cls) else cls(signal.SIGINT)


class Request:
    """Whether the user, or the system, asked the run to end.

    Attributes:
        number: The number of the first signal; 0 before it.
    """

    def __init__(self) -> None:
        self.number = 0


@contextlib.contextmanager
def at_once() -> Iterator[None]:
    """Within the block either signal raises `Interrupted`.

    So does an error that follows a signal: where TensorFlow's C++ calls Python it may swallow what
    a signal raised, and then stumble over what that left.
    """
    received = []

    def end(number: int, frame: FrameType | None) -> None:
        received.append(number)
        raise Interrupted(number)

    with _handled(end):
        try:
            yield
        except Exception as error:
            if received:
                raise Interrupted(received[0]) from error
            raise


@contextlib.contextmanager
def deferred(when: str = "at the next step") -> Iterator[Request]:
    """Within the block the first signal is noted, for the run to end where it can be saved.

    Args:
        when: When that will be, as the user is told.

    Yields:
        The request.
    """
    request = Request()

    def note(number: int, frame: FrameType | None) -> None:
        if request.number:
            raise Interrupted(number)
        request.number = number
        # Not print: the signal may have come in the middle of one.
        os.write(2, f"\nsnas_tf: saving {when}; again to stop at once\n".encode())

    with _handled(note):
        yield request


@contextlib.contextmanager
def _handled(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # Python lets no other thread handle signals
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number in _SIGNALS:
        if before[number] is not signal.SIG_IGN:  # as a shell has it for jobs in the background
            signal.signal(number, handler)
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
