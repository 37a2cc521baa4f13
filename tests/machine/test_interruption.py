# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A first signal is noted, a second one ends at once, and handlers are given back."""

import os
import signal
import threading

import pytest

from snas_tf.machine import interruption
from snas_tf.machine.interruption import Interrupted

BOTH = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])


@pytest.fixture(autouse=True)
def _as_a_terminal_has_it():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@BOTH
def test_at_once_a_signal_ends(number):
    with pytest.raises(Interrupted) as ended, interruption.at_once():
        os.kill(os.getpid(), number)
    assert ended.value.exit_code == 128 + number
    assert isinstance(ended.value, KeyboardInterrupt)  # so that no `except Exception` keeps it


@BOTH
def test_an_error_that_follows_a_swallowed_signal_is_an_interruption(number):
    with pytest.raises(Interrupted) as ended, interruption.at_once():
        try:
            os.kill(os.getpid(), number)
        except KeyboardInterrupt:
            raise ValueError("what C++ makes of it") from None
    assert ended.value.number == number and isinstance(ended.value.__cause__, ValueError)


def test_an_error_without_a_signal_stays_what_it_is():
    with pytest.raises(ValueError, match="its own"), interruption.at_once():
        raise ValueError("its own")


@BOTH
def test_deferred_the_first_is_noted_and_the_second_ends(number, capfd):
    with interruption.deferred() as request:
        assert not request.number
        os.kill(os.getpid(), number)
        assert request.number == number
        assert "again to stop at once" in capfd.readouterr().err
        with pytest.raises(Interrupted):
            os.kill(os.getpid(), signal.SIGINT)


def test_blocks_nest_and_give_back_what_they_found():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Interrupted), interruption.at_once():
        with interruption.deferred() as request:
            os.kill(os.getpid(), signal.SIGTERM)
        assert request.number == signal.SIGTERM
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_job_in_the_background_ignores_ctrl_c():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with interruption.at_once():
        os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_another_thread_handles_no_signals():
    seen = []

    def program():
        with interruption.deferred() as request:
            seen.append(request.number)

    thread = threading.Thread(target=program)
    thread.start()
    thread.join()
    assert seen == [0]


def test_pythons_own_interruption_is_that_of_ctrl_c():
    assert Interrupted.of(KeyboardInterrupt()).exit_code == 130
    terminated = Interrupted(signal.SIGTERM, "a checkpoint")
    assert Interrupted.of(terminated) is terminated and terminated.saved == "a checkpoint"
