# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a `Snas` may be made of."""

from __future__ import annotations

import keras
import tensorflow as tf

from snas_tf.distribution import ArchitectureDistribution
from snas_tf.networks import Supernet
from snas_tf.search.estimators import ESTIMATORS, SINGLE_PATH
from snas_tf.search.resource_cost import ResourceCost

Schedule = keras.optimizers.schedules.LearningRateSchedule


def check(
    supernet: Supernet,
    architecture: ArchitectureDistribution,
    temperature: float | Schedule,
    resource_cost: ResourceCost,
    resource_weight: float,
    estimator: str,
) -> None:
    """Checks the arguments of `Snas`, which are described there.

    Raises:
        ValueError: One is out of its range, or two of them do not go together.
    """
    for name, other in (("architecture", architecture), ("resource_cost", resource_cost)):
        if supernet.cells != other.cells:
            raise ValueError(
                f"`{name}` must be over the cell space of `supernet`. Received: "
                f"{other.cells} and {supernet.cells}."
            )
    if not isinstance(temperature, Schedule) and not temperature > 0:
        raise ValueError(f"`temperature` must be positive. Received: {temperature}.")
    if not resource_weight >= 0:
        raise ValueError(f"`resource_weight` must not be negative. Received: {resource_weight}.")
    if estimator not in ESTIMATORS:
        raise ValueError(
            f"`estimator` must be one of {', '.join(ESTIMATORS)}. Received: {estimator!r}."
        )
    if estimator == "softmax" and resource_cost.gradient == "score_function":
        raise ValueError(
            "The gradient 'score_function' of the resource cost needs samples. Received: the "
            "estimator 'softmax', which draws none."
        )
    if estimator == "score_function" and resource_cost.gradient == "reparameterized":
        raise ValueError(
            "The gradient 'reparameterized' of the resource cost needs a reparametrised sample. "
            "Received: the estimator 'score_function', which draws none."
        )
    count = tf.distribute.get_strategy().num_replicas_in_sync
    if estimator in SINGLE_PATH and supernet.synchronized_batch_norm and count > 1:
        raise ValueError(
            f"The estimator {estimator!r} runs one operation an edge, where replicas cannot meet "
            "to synchronise batch normalisation, as `synchronized_batch_norm=True` asks for. "
            f"Received: {count} replicas. Use one, synchronized_batch_norm=False or 'concrete'."
        )
