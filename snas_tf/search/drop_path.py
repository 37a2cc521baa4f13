# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Drop path in the supernet: whole rows of Z are left out of a step at random.

A row of Z weighs all that stands in one place, such as an edge of a cell, so a row of zeros is an
edge that is not there. What is kept counts 1 / (1 - rate), so that the mean over draws is the row
itself, and what a dropped row weighs learns nothing in that step, its logits included.
"""

from __future__ import annotations

import tensorflow as tf

from snas_tf.distribution import Samples
from snas_tf.layers.kept_paths import keep_factors


def dropped(samples: Samples, rate: tf.Tensor, seed: tf.Tensor) -> Samples:
    """Leaves rows out.

    Args:
        samples: {decision: float32 (places, options)}.
        rate: float32 scalar in [0, 1), the probability to drop a row.
        seed: int32 [2]; that of each decision is folded from it.

    Returns:
        The samples, each row zero or 1 / (1 - rate) times what it was; differentiable in them.
    """
    return {
        name: rows
        * keep_factors(
            tf.random.experimental.stateless_fold_in(seed, position), rate, (rows.shape[0], 1)
        )
        for position, (name, rows) in enumerate(samples.items())
    }
