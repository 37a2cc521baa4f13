# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a search would choose, and what of it is decided, as a table for people."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from snas_tf.space.decision import DecisionSpace

DECIDED = 0.9
"""The probability from which on an option counts as chosen."""
_SHOWN = 4


def describe(probabilities: Mapping[str, np.ndarray], space: DecisionSpace) -> str:
    """A line for each place of each decision: the likeliest options, and whether it is decided.

    Args:
        probabilities: {decision: (places, options)}.
        space: The space.

    Returns:
        The table, as text with a heading and a last line that counts what is decided.
    """
    rows, decided = [], 0
    for decision in space.decisions:
        for place, row in zip(decision.places, probabilities[decision.name], strict=True):
            order = np.argsort(-row, kind="stable")
            told = [f"{decision.options[k]} {row[k]:.2f}" for k in order[:_SHOWN]]
            told += ["..."] * (len(order) > _SHOWN)
            certain = bool(row.max() >= DECIDED)
            decided += certain
            name = decision.name if place == decision.name else f"{decision.name} {place}"
            rows.append((name, "yes" if certain else "no", ", ".join(told)))
    table = [("decision", "decided", "probabilities"), *rows]
    widths = [max(len(row[column]) for row in table) for column in range(2)]
    lines = [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c}" for a, b, c in table]
    return "\n".join(
        [*lines, f"decided (probability {DECIDED} at least): {decided} of {len(rows)}"]
    )
