# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Thousands of hostile requests leave a server standing, and no larger than before."""

import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]
COUNT = 4_000
MOST_GROWTH_MIB = 64


def test_every_hostile_request_is_answered_and_the_process_lives(exported):
    process = subprocess.run(
        [sys.executable, "-m", "tests.serving.hostile_requests", str(exported.place), str(COUNT)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert process.returncode == 0, process.stderr[-2000:]
    result = json.loads(process.stdout.splitlines()[-1])
    assert result["requests"] == COUNT == result["answered"] + sum(result["errors"].values())
    assert result["answered"] > COUNT / 20, "some requests are right"
    assert set(result["errors"]) == {"InvalidArgumentError", "KeyError"}, (
        "and none is the server's fault"
    )
    assert result["end_mib"] < result["settled_mib"] + MOST_GROWTH_MIB
    assert len(result["kinds"]) == 16
