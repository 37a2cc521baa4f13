# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Searches by trials: searchers that propose, one trial after another, what is then evaluated."""

from snas_tf.black_box import pareto
from snas_tf.black_box.area import Area
from snas_tf.black_box.evolution import RegularizedEvolution
from snas_tf.black_box.executors import Processes
from snas_tf.black_box.local import LocalSearch
from snas_tf.black_box.objectives import (
    Constrained,
    Objective,
    Pareto,
    Product,
    Single,
    WeightedSum,
)
from snas_tf.black_box.random import Random
from snas_tf.black_box.result import SearchResult
from snas_tf.black_box.search import search
from snas_tf.black_box.searcher import Searcher
from snas_tf.black_box.trial import Trial
from snas_tf.black_box.trial_log import TrialLog

__all__ = [
    "Area",
    "Constrained",
    "LocalSearch",
    "Objective",
    "Pareto",
    "Processes",
    "Product",
    "Random",
    "RegularizedEvolution",
    "SearchResult",
    "Searcher",
    "Single",
    "Trial",
    "TrialLog",
    "WeightedSum",
    "pareto",
    "search",
]
