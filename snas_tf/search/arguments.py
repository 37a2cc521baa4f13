# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a `Snas` may be made of, and what it may be given."""

from __future__ import annotations

import math
from typing import Any

import keras
import tensorflow as tf
from absl import logging

from snas_tf import space
from snas_tf.distribution import ArchitectureDistribution
from snas_tf.networks import Supernet
from snas_tf.search.cost.resource_cost import ResourceCost
from snas_tf.search.estimators import ESTIMATORS, SINGLE_PATH

Schedule = keras.optimizers.schedules.LearningRateSchedule


def check(
    supernet: Supernet,
    architecture: ArchitectureDistribution,
    temperature: float | Schedule,
    resource_cost: ResourceCost,
    resource_weight: float,
    estimator: str,
    derivation: str,
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
    if not 0 <= resource_weight < math.inf:
        raise ValueError(
            f"`resource_weight` must be finite and not negative. Received: {resource_weight}."
        )
    if estimator not in ESTIMATORS:
        raise ValueError(
            f"`estimator` must be one of {', '.join(ESTIMATORS)}. Received: {estimator!r}."
        )
    if derivation not in space.RULES:
        raise ValueError(
            f"`derivation` must be one of {', '.join(space.RULES)}. Received: {derivation!r}."
        )
    if derivation != "argmax" and resource_cost.limits:
        raise ValueError(f"A budget needs the derivation 'argmax'. Received: {derivation!r}.")
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


def check_images(images: Any, skeleton: space.Skeleton) -> None:
    """Checks that images are such as a skeleton takes, as far as it is known of them.

    Args:
        images: A batch or several, of any size: an array or a tensor; or a data set of pairs of
            them and labels. Anything else is left to Keras.
        skeleton: The plan of the network.

    Raises:
        ValueError: They have another shape, or are no numbers.
    """
    if isinstance(images, tf.data.Dataset):
        images = images.element_spec
        images = images[0] if isinstance(images, tuple) and images else images
    shape, dtype = getattr(images, "shape", None), getattr(images, "dtype", None)
    if shape is None or dtype is None or getattr(shape, "rank", 0) is None:
        return
    given, wanted = tuple(shape), (None, *skeleton.image_shape)
    fits = len(given) == len(wanted) and all(
        None in (size, least) or size == least for size, least in zip(given, wanted, strict=True)
    )
    name = getattr(dtype, "name", None) or str(dtype)
    if not fits or not name.startswith(("float", "bfloat", "int", "uint")):
        height, width, channels = skeleton.image_shape
        sizes = ", ".join("any" if size is None else str(size) for size in given)
        raise ValueError(
            f"Images must be numbers (batch, {height}, {width}, {channels}), as `image_shape` of "
            f"the supernet's skeleton says. Received: {name} ({sizes}). Resize or reshape them, or "
            "build the supernet on a skeleton of their shape."
        )


def tell_of_defaults(
    estimator: str, default_temperature: bool, default_architecture_optimizer: bool
) -> None:
    """Says what was left to a default that seldom finds a good network, and what to give instead.

    Args:
        estimator: Of the search.
        default_temperature: Whether no temperature was given.
        default_architecture_optimizer: Whether no optimizer of the logits was.
    """
    if default_temperature and estimator in ("concrete", "straight_through"):
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
