# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Perturbed logits: a step is taken a little beside them, so that the weights learn to bear it.

A supernet whose loss is steep around its architecture falls apart when that is made discrete. Chen
and Hsieh ("Stabilizing differentiable architecture search via perturbation-based regularization",
arXiv 2002.05283) train the weights under perturbed ones, at random or where it hurts most. They
perturb the mixture's weights; here the logits are, whose samples stay on the simplex whatever the
size is, and mean the same with every estimator.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import tensorflow as tf

from snas_tf.errors import InvalidInput
from snas_tf.search.schedules import Scheduled, check

KINDS = ("random", "adversarial")


@keras.saving.register_keras_serializable(package="snas_tf")
@dataclasses.dataclass(frozen=True)
class Perturbation:
    """How far beside its logits a search takes its steps.

    Attributes:
        size: Of all logits, the greatest distance by which one is moved, in a step of those that
            the logits have learnt.
        kind: "random", uniformly; or "adversarial", by the whole size in the direction in which the
            loss of the batch rises, which takes a second pass a step.

    Raises:
        InvalidInput: There is no such kind.
        ValueError: The size is negative or no number.
    """

    size: Scheduled
    kind: str = "random"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InvalidInput(f"`kind` must be one of {', '.join(KINDS)}: given {self.kind!r}")
        check("size", self.size, "finite and not negative", lambda size: 0 <= size < float("inf"))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"size": keras.saving.serialize_keras_object(self.size), "kind": self.kind}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Perturbation:
        """Restores the perturbation from `get_config`."""
        return cls(keras.saving.deserialize_keras_object(config["size"]), config["kind"])


def random_shift(logits: dict[str, tf.Tensor], size: tf.Tensor, seed: tf.Tensor) -> Any:
    """Moves every logit by a number of its own, uniform in [-size, size].

    Args:
        logits: {decision: float32 (places, options)} of those that are moved.
        size: float32 scalar.
        seed: int32 [2]; that of each decision is folded from it.

    Returns:
        {decision: float32 (places, options)}, what is to be added.
    """
    fold_in = tf.random.experimental.stateless_fold_in
    return {
        name: size * tf.random.stateless_uniform(rows.shape, fold_in(seed, position), -1.0, 1.0)
        for position, (name, rows) in enumerate(logits.items())
    }


def adversarial_shift(gradients: dict[str, tf.Tensor], size: tf.Tensor) -> dict[str, tf.Tensor]:
    """Moves every logit by the whole size to where the loss rises, as far as its slope tells.

    Of all shifts that move no logit further it raises the loss most, to first order.

    Args:
        gradients: {decision: float32 (places, options)} of the loss with respect to the logits.
        size: float32 scalar.

    Returns:
        {decision: float32 (places, options)}, what is to be added.
    """
    return {name: size * tf.sign(gradient) for name, gradient in gradients.items()}
