# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The Python rules, which Bazel 4 has built in."""

py_binary = native.py_binary
py_library = native.py_library
py_test = native.py_test
