# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A space of 4^5 architectures, and what judges them: functions that other processes find too."""

import ctypes
import os
import signal
import time

from snas_tf import space

SPACE = space.ProductSpace(
    (
        space.Decision("first", ("a", "b", "c"), ("0", "1", "2", "3")),
        space.Decision("second", ("d", "e"), ("0", "1", "2", "3")),
    )
)
GREATEST = 15.0
LONG = 60.0


def digits(architecture):
    return [int(option) for decision in SPACE.decisions for option in architecture[decision.name]]


def evaluate(architecture):
    """The sum of all digits, and how many are not 0; the sum is greatest for 3, 3, 3, 3, 3."""
    found = digits(architecture)
    return {"accuracy": float(sum(found)), "size": float(sum(map(bool, found)))}


def fails_on_threes(architecture):
    if digits(architecture)[0] == 3:
        raise ValueError("three is\ntoo much")
    return evaluate(architecture)


def dies_on_threes(architecture):
    if digits(architecture)[0] == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return evaluate(architecture)


def hangs_on_threes(architecture):
    """Outside of Python, which no thread of it can end."""
    if digits(architecture)[0] == 3:
        ctypes.PyDLL(None).sleep(int(LONG))
    return evaluate(architecture)


def counted(path, judge, architecture):
    """Judges, and tells a file that it began."""
    with path.open("a") as file:
        print(*digits(architecture), file=file)
    return judge(architecture)


def prepare():
    """Before the first evaluation of a process."""
    os.environ["PREPARED"] = "1"


def says_where(architecture):
    """Beside the usual metrics, the process, whether Ctrl-C passes it by, and `prepare` was."""
    time.sleep(0.05)  # so that no worker takes all
    deaf = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    told = {"process": os.getpid(), "deaf to Ctrl-C": deaf, "prepared": "PREPARED" in os.environ}
    return {**evaluate(architecture), **{name: float(value) for name, value in told.items()}}


def waits_unless(quick, architecture):
    """Takes its time with every architecture but one."""
    if architecture != quick:
        time.sleep(LONG)
    return evaluate(architecture)


class Inheriting:
    """Remembers what it was asked."""

    inherits = True

    def __init__(self, judge=evaluate):
        self.asked = []
        self.judge = judge

    def evaluate(self, architecture, *, seed, parent=None):
        self.asked.append((architecture, seed, parent))
        return self.judge(architecture)


class Memory:
    """A log of this process alone."""

    def __init__(self):
        self.records = []

    def read(self):
        ended = [trial for what, trial in self.records if what == "end"]
        over = {trial.number for trial in ended}
        return ended + [t for what, t in self.records if what == "propose" and t.number not in over]

    def propose(self, trial):
        self.records.append(("propose", trial))

    def end(self, trial):
        self.records.append(("end", trial))
