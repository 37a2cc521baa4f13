# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Runs pytest as a program, which is what Bazel's test targets call.

Bazel says in the environment where a test may write, where it reads what failed, and which tests
`--test_filter` asks for. It keeps results, and shares the machine among tests: Hypothesis draws
the same examples every time and sets no deadlines.
"""

import os
import sys

import pytest

OPTIONS = {
    "TEST_TMPDIR": "--basetemp={}/pytest",
    "XML_OUTPUT_FILE": "--junitxml={}",
    "TESTBRIDGE_TEST_ONLY": "-k={}",
}

if __name__ == "__main__":
    given = os.environ.keys() & OPTIONS.keys()
    options = [OPTIONS[name].format(os.environ[name]) for name in given]
    if "TEST_TMPDIR" in given:
        # Bazel sets no HOME, and the user's own is read-only in a sandbox.
        os.environ.setdefault("HOME", os.environ["TEST_TMPDIR"])
    options += ["-p", "no:cacheprovider", "--hypothesis-profile=ci"]
    sys.exit(pytest.main([*options, *sys.argv[1:]]))
