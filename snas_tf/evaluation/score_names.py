# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The names of the scores, for whoever must know them before there is TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence

from snas_tf.errors import InvalidInput

OF_A_LOSS = ("grad_norm", "snip")
"""Scores that need labels."""

SIZES = ("parameters", "multiply_adds")
"""Sizes of networks, which every other score must be compared with."""

NAMES = ("naswot", "jacob_cov", "synflow", *OF_A_LOSS, *SIZES)
"""All scores."""


def check(names: Sequence[str]) -> None:
    """Refuses what is no score.

    Raises:
        InvalidInput: A name is unknown, or there is none.
    """
    unknown = [name for name in names if name not in NAMES]
    if unknown or not names:
        given = ", ".join(map(repr, unknown)) or "none"
        raise InvalidInput(f"a score must be one of {', '.join(NAMES)}: given {given}")
