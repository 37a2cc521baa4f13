# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What an architecture is worth: named metrics of it, however they come about.

What stands here is imported by searches in processes that need no TensorFlow.
"""

from snas_tf.evaluation.evaluator import Evaluator, Parent
from snas_tf.evaluation.table import Table

__all__ = ["Evaluator", "Parent", "Table"]
