# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The ways to choose what a search found, for whoever must know them before there is TensorFlow."""

RULES = ("argmax", "top2", "greedy")
"""What is read off the probabilities alone; not every space has all."""

JUDGED = ("samples", "short_training", "zero_cost")
"""Several candidates are judged."""

NAMES = (*RULES, *JUDGED, "perturbation")
"""All of them."""


def rule(name: str) -> str:
    """How a search is read before it is over, after every epoch.

    Args:
        name: One of `NAMES`.

    Returns:
        The name where it is a rule, which can be asked at any time; else "argmax".
    """
    return name if name in RULES else "argmax"
