# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is chosen when a search is over: read off its probabilities, or judged, within a budget."""

from snas_tf.evaluation.derivation.best import Best, Choose, drawn, most_probable
from snas_tf.evaluation.derivation.derivation import Candidate, Derivation, Derived, Read, Searched
from snas_tf.evaluation.derivation.perturbation import Perturbation

__all__ = [
    "Best",
    "Candidate",
    "Choose",
    "Derivation",
    "Derived",
    "Perturbation",
    "Read",
    "Searched",
    "drawn",
    "most_probable",
]
