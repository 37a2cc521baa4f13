# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The version, in one place; setup.py reads it without importing the package."""

__version__ = "0.1.0"
