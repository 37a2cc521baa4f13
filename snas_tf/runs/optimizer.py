# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The optimizer of the weights, which a search and a training configure alike."""

from __future__ import annotations

import keras
from ml_collections import ConfigDict

from snas_tf.search.optimizers import SGD


def weights_optimizer(section: ConfigDict, steps: int) -> SGD:
    """SGD whose learning rate follows a cosine from the first step to the last.

    Args:
        section: `search` or `train` of a config.
        steps: Steps of the whole stage.

    Returns:
        The optimizer, not yet built.
    """
    schedule = keras.optimizers.schedules.CosineDecay(
        section.learning_rate,
        max(steps - 1, 1),
        alpha=section.final_learning_rate / section.learning_rate,
    )
    return SGD(
        schedule,
        momentum=section.momentum,
        l2=section.weight_decay,
        global_clipnorm=section.clip_norm,
        name="weights",
    )
