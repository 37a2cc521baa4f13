# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a `Snas` may be made of, and what it may be given."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import tensorflow as tf
from absl import logging

from snas_tf.networks.searchable import Searchable, meets_replicas
from snas_tf.search import schedules
from snas_tf.search.cost.resource_cost import ResourceCost
from snas_tf.search.estimators import ESTIMATORS, Estimator, named
from snas_tf.search.perturbation import Perturbation
from snas_tf.space import DecisionSpace


def check(model: Any) -> None:
    """Checks what a `Snas` is made of and what it was given, which is described there.

    Args:
        model: The `Snas`, all of whose settings are there.

    Raises:
        ValueError: One is out of its range, or two of them do not go together.
    """
    supernet, resource_cost = model.supernet, model.resource_cost
    if supernet.space != model.architecture.space:
        raise ValueError(
            "`architecture` must be over the space of `supernet`. Received: "
            f"{model.architecture.space} and {supernet.space}."
        )
    try:
        resource_cost.costs.check(supernet.space)
    except ValueError as error:
        raise ValueError(f"`resource_cost` must be over the space of `supernet`: {error}") from None
    _check_scheduled(model)
    if model.perturbation is not None and not isinstance(model.perturbation, Perturbation):
        raise ValueError(
            f"`perturbation` must be a Perturbation, or None. Received: {model.perturbation!r}."
        )
    if type(model.warmup_steps) is not int or model.warmup_steps < 0:
        raise ValueError(
            "`warmup_steps` must be a whole number, not negative. "
            f"Received: {model.warmup_steps!r}."
        )
    if type(model.bilevel) is not bool:
        raise ValueError(f"`bilevel` must be true or false. Received: {model.bilevel!r}.")
    _check_derivation(model.derivation, supernet.space)
    if model.derivation != "argmax" and resource_cost.limits:
        raise ValueError(f"A budget needs the derivation 'argmax'. Received: {model.derivation!r}.")
    _check_estimator(model.estimator, supernet, resource_cost)


def _check_scheduled(model: Any) -> None:
    """What may be a schedule."""
    for name, scheduled, what, allows in (
        ("temperature", model.temperature_schedule, "positive", lambda number: number > 0),
        (
            "resource_weight",
            model.resource_weight,
            "finite and not negative",
            lambda number: 0 <= number < math.inf,
        ),
        ("drop_path", model.drop_path, "in [0, 1)", lambda number: 0 <= number < 1),
        ("label_smoothing", model.label_smoothing, "in [0, 1)", lambda number: 0 <= number < 1),
        ("gate", model.gate, "0 or 1", lambda number: number in (0, 1)),
    ):
        schedules.check(name, scheduled, what, allows)


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
