# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Reports are made without TensorFlow, and without matplotlib's global state."""

import subprocess
import sys

import pytest

BANNED = ("tensorflow", "keras", "tensorflow_probability", "matplotlib.pyplot")


@pytest.mark.slow
def test_neither_tensorflow_nor_pyplot_is_imported():
    code = f"""
import sys
from snas_tf import reports, space
reports.draw_cell(space.PUBLISHED["SNAS_MILD"], "normal")
found = [name for name in {BANNED} if name in sys.modules]
sys.exit(", ".join(found) or 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
