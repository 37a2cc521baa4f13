# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What an architecture is worth: named metrics of it, however they come about.

What is imported here serves searches in processes that need no TensorFlow; the evaluators that do
are imported when they are first asked for.
"""

import importlib
from typing import TYPE_CHECKING, Any

from snas_tf.evaluation.evaluator import Evaluator, Parent
from snas_tf.evaluation.table import Table

if TYPE_CHECKING:
    from snas_tf.evaluation.training import Training
    from snas_tf.evaluation.weight_sharing import WeightSharing
    from snas_tf.evaluation.zero_cost import ZeroCost

__all__ = ["Evaluator", "Parent", "Table", "Training", "WeightSharing", "ZeroCost"]

_HOMES = {
    "Training": "snas_tf.evaluation.training",
    "WeightSharing": "snas_tf.evaluation.weight_sharing",
    "ZeroCost": "snas_tf.evaluation.zero_cost",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'snas_tf.evaluation' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
