# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a `Snas` may be made of, and what it may be given."""

from __future__ import annotations

import math

import keras
import numpy as np
import tensorflow as tf
from absl import logging

from snas_tf.distribution import ArchitectureDistribution
from snas_tf.networks.searchable import Searchable, meets_replicas
from snas_tf.search.cost.resource_cost import ResourceCost
from snas_tf.search.estimators import ESTIMATORS, Estimator, named
from snas_tf.space import DecisionSpace

Schedule = keras.optimizers.schedules.LearningRateSchedule


def check(
    supernet: Searchable,
    architecture: ArchitectureDistribution,
    temperature: float | Schedule,
    resource_cost: ResourceCost,
    resource_weight: float,
    estimator: str | Estimator,
    derivation: str,
    warmup_steps: int,
) -> None:
    """Checks the arguments of `Snas`, which are described there.

    Raises:
        ValueError: One is out of its range, or two of them do not go together.
    """
    if supernet.space != architecture.space:
        raise ValueError(
            "`architecture` must be over the space of `supernet`. Received: "
            f"{architecture.space} and {supernet.space}."
        )
    try:
        resource_cost.costs.check(supernet.space)
    except ValueError as error:
        raise ValueError(f"`resource_cost` must be over the space of `supernet`: {error}") from None
    if not isinstance(temperature, Schedule) and not temperature > 0:
        raise ValueError(f"`temperature` must be positive. Received: {temperature}.")
    if not 0 <= resource_weight < math.inf:
        raise ValueError(
            f"`resource_weight` must be finite and not negative. Received: {resource_weight}."
        )
    if type(warmup_steps) is not int or warmup_steps < 0:
        raise ValueError(
            f"`warmup_steps` must be a whole number, not negative. Received: {warmup_steps!r}."
        )
    _check_derivation(derivation, supernet.space)
    if derivation != "argmax" and resource_cost.limits:
        raise ValueError(f"A budget needs the derivation 'argmax'. Received: {derivation!r}.")
    _check_estimator(estimator, supernet, resource_cost)


def _check_derivation(derivation: str, space: DecisionSpace) -> None:
    try:
        space.decode({d.name: np.full(d.shape, 0.5) for d in space.decisions}, derivation)
    except ValueError as error:
        raise ValueError(f"`derivation` must be a rule of the space: {error}") from None


def _check_estimator(
    estimator: str | Estimator, supernet: Searchable, resource_cost: ResourceCost
) -> None:
    if not isinstance(estimator, Estimator) and estimator not in ESTIMATORS:
        raise ValueError(
            f"`estimator` must be one of {', '.join(ESTIMATORS)}, or an Estimator. "
            f"Received: {estimator!r}."
        )
    named(estimator).check(
        resource_cost.gradient,
        synchronized=meets_replicas(supernet),
        replicas=tf.distribute.get_strategy().num_replicas_in_sync,
    )


def tell_of_defaults(
    estimator: Estimator, default_temperature: bool, default_architecture_optimizer: bool
) -> None:
    """Says what was left to a default that seldom finds a good network, and what to give instead.

    Args:
        estimator: Of the search.
        default_temperature: Whether no temperature was given.
        default_architecture_optimizer: Whether no optimizer of the logits was.
    """
    if default_temperature and estimator.uses_temperature:
        logging.warning(
            "Snas: no `temperature` was given, and it stays at 1.0, where samples are mixtures of "
            "operations to the end. Let it fall: temperature=keras.optimizers.schedules."
            "PolynomialDecay(1.0, steps - 1, 0.03), with the steps of all epochs; or give 1.0."
        )
    if default_architecture_optimizer:
        logging.warning(
            "Snas: no `architecture_optimizer` was given, and Adam moves a logit by 0.001 a step, "
            "so that a decision takes thousands of them. For a search of one thousand give "
            "keras.optimizers.Adam(0.05, beta_1=0.5)."
        )
