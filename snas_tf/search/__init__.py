# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Stochastic neural architecture search: the model, its estimators, its costs."""

from snas_tf.search.cost.resource_cost import ResourceCost
from snas_tf.search.estimators import ESTIMATORS, Estimator
from snas_tf.search.perturbation import Perturbation
from snas_tf.search.schedules import Change, Gate
from snas_tf.search.sequence import fit_in_sequence
from snas_tf.search.snas import Snas
from snas_tf.training import optimizers

__all__ = [
    "ESTIMATORS",
    "Change",
    "Estimator",
    "Gate",
    "Perturbation",
    "ResourceCost",
    "Snas",
    "fit_in_sequence",
    "optimizers",
]
