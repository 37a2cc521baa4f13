# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Searches by trials: searchers that propose, one trial after another, what is then evaluated.

The searchers that learn by TensorFlow, `Controller` and `Policy`, are imported when they are first
asked for, as is `Bayesian`, by scikit-learn; the others do without both.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from snas_tf.black_box import pareto
from snas_tf.black_box.area import Area
from snas_tf.black_box.evolution import RegularizedEvolution
from snas_tf.black_box.executors import Dask, Processes
from snas_tf.black_box.local import LocalSearch
from snas_tf.black_box.objectives import (
    Constrained,
    Objective,
    Pareto,
    Product,
    Single,
    WeightedSum,
)
from snas_tf.black_box.optuna import Optuna
from snas_tf.black_box.prediction import Prediction
from snas_tf.black_box.random import Random
from snas_tf.black_box.result import SearchResult
from snas_tf.black_box.search import search
from snas_tf.black_box.searcher import Searcher
from snas_tf.black_box.trial import Trial
from snas_tf.black_box.trial_log import TrialLog

if TYPE_CHECKING:
    from snas_tf.black_box.bayesian import Bayesian
    from snas_tf.black_box.controller import Controller
    from snas_tf.black_box.policy import Policy

__all__ = [
    "Area",
    "Bayesian",
    "Constrained",
    "Controller",
    "Dask",
    "LocalSearch",
    "Objective",
    "Optuna",
    "Pareto",
    "Policy",
    "Prediction",
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

_LATE = {
    "Bayesian": "snas_tf.black_box.bayesian",
    "Controller": "snas_tf.black_box.controller",
    "Policy": "snas_tf.black_box.policy",
}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module 'snas_tf.black_box' has no attribute {name!r}")
    return getattr(importlib.import_module(_LATE[name]), name)


def __dir__() -> list[str]:
    """What completion shows: the public names, though some are imported when first asked for."""
    return sorted({*globals(), *__all__})
