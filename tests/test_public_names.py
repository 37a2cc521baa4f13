# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""`dir(snas_tf)`, by which completion goes, shows what is imported when first asked for.

Searches by trials, and tables, need no TensorFlow.
"""

import subprocess
import sys

PROGRAM = """
import sys
import snas_tf

assert {*snas_tf.__all__} <= {*dir(snas_tf)}
assert {"Snas", "Supernet", "space"} <= {*dir(snas_tf)}
assert snas_tf.black_box.search and snas_tf.evaluation.Table and snas_tf.black_box.Random
assert "tensorflow" not in sys.modules
"""


def test_dir_shows_the_public_names_before_their_import():
    result = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
