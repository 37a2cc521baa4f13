# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Random search: the baseline of all others."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from snas_tf.black_box.trial import Trial
from snas_tf.space import Architecture, Space

_DRAWS = 1000


@dataclasses.dataclass(frozen=True)
class Random:
    """Proposes architectures at random, none twice.

    Only where a thousand draws in a row were proposed before, as in a space that is used up, is one
    of them proposed again.
    """

    def propose(
        self, trials: Sequence[Trial], rng: np.random.Generator, space: Space
    ) -> Architecture:
        """See `Searcher.propose`."""
        known = {trial.architecture for trial in trials}
        for _ in range(_DRAWS):
            drawn = space.sample(rng)
            if drawn not in known:
                break
        return drawn
