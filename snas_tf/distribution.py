# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The distribution of architectures, the only place that draws Z.

A row of a decision, such as Z_(i,j) on an edge of a cell, is a one-hot choice among its options,

    Z_(i,j) ~ Categorical(softmax(logits_(i,j))),     logits = log alpha,

independent over rows, so the joint p(Z; alpha) factorises (section 2.1 of arXiv 1812.09926). Its
relaxation at temperature lambda is the Concrete distribution (section 2.2),

    Z^k = softmax_k((log alpha^k + G^k) / lambda),    G^k ~ Gumbel(0, 1).

At the temperatures at which a search ends most samples hold weights that are exactly zero in
float32, where the density on the simplex is infinite. So samples are drawn, and densities taken, in
log space: `ExpRelaxedOneHotCategorical` is the distribution of log Z.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from snas_tf.space import Architecture, DecisionSpace
from snas_tf.space.description import describe

Samples = dict[str, tf.Tensor]


def relaxed_log_sample(logits: tf.Tensor, temperature: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """A reparametrised draw of log Z.

    Args:
        logits: float32 (..., ops), log alpha up to a constant a row.
        temperature: float32 scalar, positive.
        seed: int32 [2].

    Returns:
        float32 (..., ops), differentiable in the logits: log softmax((logits + G) / temperature).
    """
    distribution = tfp.distributions.ExpRelaxedOneHotCategorical(temperature, logits=logits)
    return distribution.sample(seed=seed)


def log_density(log_samples: tf.Tensor, logits: tf.Tensor, temperature: tf.Tensor) -> tf.Tensor:
    """Log-density of log Z; subtract sum_k log Z^k for the density of Z on the simplex.

    Args:
        log_samples: float32 (..., ops), log Z, finite.
        logits: float32 (..., ops).
        temperature: float32 scalar, positive.

    Returns:
        float32 (...).
    """
    distribution = tfp.distributions.ExpRelaxedOneHotCategorical(temperature, logits=logits)
    return distribution.log_prob(log_samples)


def one_hot(values: tf.Tensor) -> tf.Tensor:
    """The greatest entry of each row, the first of equals.

    Of relaxed samples, or their logarithms, it is a draw of p(Z) at every temperature (Gumbel-max).

    Args:
        values: (..., options).

    Returns:
        float32 (..., options), one-hot rows, without a gradient.
    """
    return tf.one_hot(tf.argmax(values, axis=-1), values.shape[-1])


class IndependentRows:
    """p(Z; alpha) of logits, whatever holds them: how it is drawn from, and what it is like.

    Attributes:
        logits: {decision: float32 (places, options)}, variables or tensors.
    """

    logits: dict[str, Any]

    def log_sample(
        self, temperature: tf.Tensor | float, seed: tf.Tensor, *, uniform: bool = False
    ) -> Samples:
        """Draws log Z for every row; the seed of each decision is folded from `seed`.

        Args:
            temperature: Positive scalar lambda.
            seed: int32 [2], stateless: the same seed gives the same draw.
            uniform: Whether all options are as likely, whatever the logits are.

        Returns:
            {decision: float32 (places, options)}, finite, differentiable in the logits.
        """
        return {
            name: relaxed_log_sample(
                tf.zeros(logits.shape) if uniform else tf.convert_to_tensor(logits),
                temperature,
                tf.random.experimental.stateless_fold_in(seed, position),
            )
            for position, (name, logits) in enumerate(self.logits.items())
        }

    def sample(
        self, temperature: tf.Tensor | float, seed: tf.Tensor, *, uniform: bool = False
    ) -> Samples:
        """Draws the relaxed Z for every row: the exponential of `log_sample`.

        Args:
            temperature: Positive scalar lambda.
            seed: int32 [2].
            uniform: As for `log_sample`.

        Returns:
            {decision: float32 (places, options)}, rows on the simplex, differentiable in the
            logits.
        """
        logs = self.log_sample(temperature, seed, uniform=uniform)
        return {name: tf.exp(log_sample) for name, log_sample in logs.items()}

    def categorical_sample(self, seed: tf.Tensor) -> Samples:
        """Draws Z itself, one-hot rows: what `sample` with the same seed tends to (Gumbel-max).

        Args:
            seed: int32 [2].

        Returns:
            {decision: float32 (places, options)}, without a gradient.
        """
        return {
            name: one_hot(log_sample) for name, log_sample in self.log_sample(1.0, seed).items()
        }

    def categorical_log_prob(self, samples: Samples) -> dict[str, tf.Tensor]:
        """log p(Z), an entry a row; its gradient in the logits is Z - p.

        Args:
            samples: {decision: float32 (places, options)}, one-hot rows.

        Returns:
            {decision: float32 (places,)}, differentiable in the logits.
        """
        return {
            name: tf.reduce_sum(
                samples[name] * tf.nn.log_softmax(tf.convert_to_tensor(logits)), axis=-1
            )
            for name, logits in self.logits.items()
        }

    def log_prob(self, samples: Samples, temperature: tf.Tensor | float) -> dict[str, tf.Tensor]:
        """Log-density of log Z at relaxed samples, an entry a row.

        Weights that are zero in float32 count as its smallest normal number, so the result is
        finite at every temperature; for the exact density use `log_density` and `log_sample`.

        Args:
            samples: {decision: float32 (places, options)}, as `sample` returns them.
            temperature: Positive scalar lambda.

        Returns:
            {decision: float32 (places,)}, differentiable in the logits and in the samples.
        """
        tiny = np.finfo(np.float32).tiny
        return {
            name: log_density(
                tf.math.log(tf.maximum(samples[name], tiny)),
                tf.convert_to_tensor(logits),
                temperature,
            )
            for name, logits in self.logits.items()
        }

    def probabilities(self) -> Samples:
        """softmax(logits), {decision: float32 (places, options)}; differentiable in the logits."""
        return {
            name: tf.nn.softmax(tf.convert_to_tensor(logits))
            for name, logits in self.logits.items()
        }

    def mode(self) -> Samples:
        """The most probable Z, one-hot rows, the first of equals: {decision: float32}."""
        return {name: one_hot(tf.convert_to_tensor(logits)) for name, logits in self.logits.items()}

    def entropy(self) -> dict[str, tf.Tensor]:
        """Entropy of p(Z) of each decision in nats: scalars in [0, places * log(options)]."""
        return {
            name: tf.reduce_sum(
                tfp.distributions.Categorical(logits=tf.convert_to_tensor(logits)).entropy()
            )
            for name, logits in self.logits.items()
        }

    def shifted(self, by: Mapping[str, tf.Tensor]) -> IndependentRows:
        """The distribution with other logits, which remembers nothing and is no layer.

        Args:
            by: {decision: float32 (places, options)}, what is added; nothing where it is missing.

        Returns:
            The distribution, differentiable in the logits of this one and in what was added.
        """
        shifted = IndependentRows()
        shifted.logits = {
            name: tf.convert_to_tensor(logits) + by.get(name, 0.0)
            for name, logits in self.logits.items()
        }
        return shifted


@keras.saving.register_keras_serializable(package="snas_tf")
class ArchitectureDistribution(IndependentRows, keras.layers.Layer):
    """p(Z; alpha): a matrix of logits (places, options) for each decision of a space.

    The logits stay float32 under every dtype policy.

    Args:
        space: The `DecisionSpace`. To be saved it must be registered with Keras, and have
            `get_config` and `from_config`.
        initializer: Keras initializer of the logits; zeros, the uniform distribution, by default.
        name: Name of the layer, part of the path of its weights.
    """

    def __init__(
        self,
        space: DecisionSpace,
        initializer: keras.initializers.Initializer | str = "zeros",
        name: str = "architecture",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, autocast=False, **kwargs)
        self.space = space
        self.initializer = keras.initializers.get(initializer)
        self.build()

    def build(self, input_shape: object = None) -> None:
        """Creates the logits."""
        if self.built:
            return
        self.logits = {
            decision.name: self.add_weight(
                shape=decision.shape,
                initializer=self.initializer,
                dtype="float32",
                autocast=False,
                name=f"{decision.name}_logits",
            )
            for decision in self.space.decisions
        }
        self.built = True

    def genotype(self, rule: str = "argmax") -> Architecture:
        """The architecture that the search found.

        Args:
            rule: "argmax" takes the most probable option of every row (SNAS); a space may have
                further rules, such as the "top2" of DARTS for cells.

        Returns:
            The architecture, such as the `Genotype` of a cell space.
        """
        # Logits that differ by less than float32 probabilities can show still have one mode.
        values = self.logits if rule == "argmax" else self.probabilities()
        return self.space.decode({name: value.numpy() for name, value in values.items()}, rule)

    def describe(self) -> str:
        """A table of what would be chosen now, how probable it is, and what of it is decided."""
        values = {name: rows.numpy() for name, rows in self.probabilities().items()}
        return describe(values, self.space)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "space": keras.saving.serialize_keras_object(self.space),
            "initializer": keras.initializers.serialize(self.initializer),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> ArchitectureDistribution:
        """Restores the layer from `get_config`."""
        space = keras.saving.deserialize_keras_object(config["space"])
        return cls(**{**config, "space": space})
