# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Searches by trials: searchers that propose, one trial after another, what is then evaluated."""

from snas_tf.black_box import pareto
from snas_tf.black_box.objectives import (
    Constrained,
    Objective,
    Pareto,
    Product,
    Single,
    WeightedSum,
)
from snas_tf.black_box.searcher import Searcher
from snas_tf.black_box.trial import Trial

__all__ = [
    "Constrained",
    "Objective",
    "Pareto",
    "Product",
    "Searcher",
    "Single",
    "Trial",
    "WeightedSum",
    "pareto",
]
