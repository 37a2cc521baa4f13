# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A test target that runs pytest."""

load("@rules_python//python:defs.bzl", "py_test")

def pytest_test(name, srcs, data = [], deps = [], **attributes):
    """Hands the test files among the sources to pytest; tests/run.py is the program.

    Args:
      name: The name of the target.
      srcs: Test files, and what is beside them for them alone.
      data: Files that they read.
      deps: What they import; :test_support comes with every test.
      **attributes: All others of py_test.
    """
    py_test(
        name = name,
        srcs = srcs + ["tests/run.py"],
        args = [path for path in srcs if path.split("/")[-1].startswith("test_")],
        data = data + ["pyproject.toml"],
        # An empty __init__.py beside the package would make the whole folder a package.
        legacy_create_init = 0,
        main = "tests/run.py",
        deps = deps + [":test_support"],
        **attributes
    )
