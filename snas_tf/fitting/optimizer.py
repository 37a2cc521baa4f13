# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The optimizer of the network's weights, which a search and a training configure alike."""

from __future__ import annotations

from ml_collections import ConfigDict

from snas_tf.fitting import learning_rate
from snas_tf.training.optimizers import SGD


def weights_optimizer(
    section: ConfigDict, steps: int, schedule: learning_rate.Schedule | None = None
) -> SGD:
    """SGD with momentum, coupled weight decay and clipping.

    Args:
        section: `search` or `train` of a config.
        steps: Steps of the whole stage.
        schedule: The learning rate; a cosine from the first step to the last where there is none.

    Returns:
        The optimizer, not yet built.
    """
    if schedule is None:
        first, last = section.learning_rate, section.final_learning_rate
        schedule = learning_rate.cosine(first, last, steps)
    return SGD(
        schedule,
        momentum=section.momentum,
        l2=section.weight_decay,
        global_clipnorm=section.clip_norm,
        name="weights",
    )
