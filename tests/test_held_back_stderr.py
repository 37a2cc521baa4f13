# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Noise is kept from the terminal, but not what explains a failure."""

import os
import sys

import pytest

from snas_tf.held_back_stderr import held_back_stderr


@pytest.fixture
def default_level(monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)


def speak():
    os.write(2, b"from C++\n")
    os.write(1, b"an answer\n")


def test_what_succeeds_is_silent_and_errors_after_it_are_not(default_level, capfd):
    with held_back_stderr():
        speak()
    os.write(2, b"afterwards\n")
    assert capfd.readouterr() == ("an answer\n", "afterwards\n")


def test_what_fails_shows_what_it_said(default_level, capfd):
    with pytest.raises(RuntimeError, match="why"), held_back_stderr():
        speak()
        print("from Python", file=sys.stderr)
        raise RuntimeError("why")
    assert set(capfd.readouterr().err.splitlines()) == {"from C++", "from Python"}


def test_an_interruption_is_no_failure(default_level, capfd):
    with pytest.raises(KeyboardInterrupt), held_back_stderr():
        speak()
        raise KeyboardInterrupt
    assert capfd.readouterr().err == ""


def test_who_asks_for_all_lines_sees_them(monkeypatch, capfd):
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    with held_back_stderr():
        speak()
    assert capfd.readouterr().err == "from C++\n"
