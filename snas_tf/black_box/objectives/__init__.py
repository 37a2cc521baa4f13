# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a search by trials is after: rewards, each to be maximised, made of measured metrics."""

from snas_tf.black_box.objectives.objective import GREATER, SMALLER, Objective, Pareto, Single
from snas_tf.black_box.objectives.rewards import Constrained, Product, WeightedSum

__all__ = [
    "GREATER",
    "SMALLER",
    "Constrained",
    "Objective",
    "Pareto",
    "Product",
    "Single",
    "WeightedSum",
]
