# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A program that lost a worker begins again by itself, but not for ever."""

import os
import pathlib
import subprocess
import sys

import pytest
import tensorflow as tf

from snas_tf.machine import rejoining

ROOT = pathlib.Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (tf.errors.UnavailableError(None, None, "gone"), True),
        (tf.errors.AbortedError(None, None, "gone"), True),
        (tf.errors.InvalidArgumentError(None, None, "a mistake"), False),
        (ValueError("a mistake"), False),
    ],
)
def test_the_errors_of_a_lost_worker(error, expected):
    assert rejoining.lost_worker(error) == expected


def test_a_program_replaces_itself_until_it_has_failed_too_often(tmp_path):
    """In place of a run: a program that loses a worker each time."""
    program = tmp_path / "program.py"
    program.write_text(
        "import sys, os\n"
        "from snas_tf.machine import rejoining\n"
        "print(os.getpid(), *sys.argv[1:], flush=True)\n"
        "if not rejoining.may_rejoin(): sys.exit('enough')\n"
        "rejoining.rejoin()\n"
    )
    answer = subprocess.run(
        [sys.executable, str(program), "--mode=search", "--overwrite"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (answer.returncode, answer.stderr) == (1, "enough\n")
    lines = [line.split() for line in answer.stdout.splitlines()]
    assert len(lines) == 6  # the first one and five attempts
    assert len({pid for pid, *_ in lines}) == 1  # one process
    # Begun anew once, not at every attempt.
    assert [words for _, *words in lines] == [["--mode=search", "--overwrite"]] + [
        ["--mode=search"]
    ] * 5
