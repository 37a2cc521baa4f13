# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What an architecture is worth: named metrics of it, however they come about."""

from snas_tf.evaluation.table import Table

__all__ = ["Table"]
