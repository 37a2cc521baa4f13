# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The distribution of architectures, the only place that draws Z.

A decision Z_(i,j) on an edge is a one-hot choice among the candidate operations,

    Z_(i,j) ~ Categorical(softmax(logits_(i,j))),     logits = log alpha,

independent over edges, so the joint p(Z; alpha) factorises (section 2.1 of arXiv 1812.09926). Its
relaxation at temperature lambda is the Concrete distribution (section 2.2),

    Z^k = softmax_k((log alpha^k + G^k) / lambda),    G^k ~ Gumbel(0, 1).

At the temperatures at which a search ends most samples hold weights that are exactly zero in
float32, where the density on the simplex is infinite. So samples are drawn, and densities taken, in
log space: `ExpRelaxedOneHotCategorical` is the distribution of log Z.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from snas_tf import space

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


@keras.saving.register_keras_serializable(package="snas_tf")
class ArchitectureDistribution(keras.layers.Layer):
    """p(Z; alpha): a matrix of logits (edges, ops) for each kind of cell.

    All cells of a kind share their decisions. The logits stay float32 under every dtype policy.

    Args:
        cells: The `CellSpace` of the decisions.
        initializer: Keras initializer of the logits; zeros, the uniform distribution, by default.
        name: Name of the layer, part of the path of its weights.
    """

    def __init__(
        self,
        cells: space.CellSpace,
        initializer: keras.initializers.Initializer | str = "zeros",
        name: str = "architecture",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, autocast=False, **kwargs)
        self.cells = cells
        self.initializer = keras.initializers.get(initializer)
        self.build()

    def build(self, input_shape: object = None) -> None:
        """Creates the logits."""
        if self.built:
            return
        shape = (self.cells.num_edges, self.cells.num_operations)
        self.logits = {
            kind: self.add_weight(
                shape=shape,
                initializer=self.initializer,
                dtype="float32",
                autocast=False,
                name=f"{kind}_logits",
            )
            for kind in space.KINDS
        }
        self.built = True

    def log_sample(self, temperature: tf.Tensor | float, seed: tf.Tensor) -> Samples:
        """Draws log Z for every edge; the seed of each kind of cell is folded from `seed`.

        Args:
            temperature: Positive scalar lambda.
            seed: int32 [2], stateless: the same seed gives the same draw.

        Returns:
            {kind: float32 (edges, ops)}, finite, differentiable in the logits.
        """
        return {
            kind: relaxed_log_sample(
                tf.convert_to_tensor(logits),
                temperature,
                tf.random.experimental.stateless_fold_in(seed, position),
            )
            for position, (kind, logits) in enumerate(self.logits.items())
        }

    def sample(self, temperature: tf.Tensor | float, seed: tf.Tensor) -> Samples:
        """Draws the relaxed Z for every edge: the exponential of `log_sample`.

        Args:
            temperature: Positive scalar lambda.
            seed: int32 [2].

        Returns:
            {kind: float32 (edges, ops)}, rows on the simplex, differentiable in the logits.
        """
        return {
            kind: tf.exp(log_sample)
            for kind, log_sample in self.log_sample(temperature, seed).items()
        }

    def log_prob(self, samples: Samples, temperature: tf.Tensor | float) -> dict[str, tf.Tensor]:
        """Log-density of log Z at relaxed samples, an entry an edge.

        Weights that are zero in float32 count as its smallest normal number, so the result is
        finite at every temperature; for the exact density use `log_density` and `log_sample`.

        Args:
            samples: {kind: float32 (edges, ops)}, as `sample` returns them.
            temperature: Positive scalar lambda.

        Returns:
            {kind: float32 (edges,)}, differentiable in the logits and in the samples.
        """
        tiny = np.finfo(np.float32).tiny
        return {
            kind: log_density(
                tf.math.log(tf.maximum(samples[kind], tiny)),
                tf.convert_to_tensor(logits),
                temperature,
            )
            for kind, logits in self.logits.items()
        }

    def probabilities(self) -> Samples:
        """softmax(logits), {kind: float32 (edges, ops)}; differentiable in the logits."""
        return {
            kind: tf.nn.softmax(tf.convert_to_tensor(logits))
            for kind, logits in self.logits.items()
        }

    def mode(self) -> Samples:
        """The most probable Z, one-hot, {kind: float32 (edges, ops)}; ties keep the first."""
        return {
            kind: tf.one_hot(tf.argmax(tf.convert_to_tensor(logits), -1), logits.shape[-1])
            for kind, logits in self.logits.items()
        }

    def entropy(self) -> dict[str, tf.Tensor]:
        """Entropy of p(Z) of each kind in nats: scalars in [0, edges * log(ops)]."""
        return {
            kind: tf.reduce_sum(
                tfp.distributions.Categorical(logits=tf.convert_to_tensor(logits)).entropy()
            )
            for kind, logits in self.logits.items()
        }

    def genotype(self, rule: str = "argmax") -> space.Genotype:
        """The architecture that the search found.

        Args:
            rule: "argmax" keeps the most probable operation of every edge, and `none` removes the
                edge (SNAS); "top2" keeps the two strongest edges into each node (DARTS).

        Returns:
            The genotype.
        """
        # Logits that differ by less than float32 probabilities can show still have one mode.
        values = self.logits if rule == "argmax" else self.probabilities()
        scores = {kind: value.numpy() for kind, value in values.items()}
        return self.cells.decode(scores, rule)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "cells": self.cells.get_config(),
            "initializer": keras.initializers.serialize(self.initializer),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> ArchitectureDistribution:
        """Restores the layer from `get_config`."""
        return cls(**{**config, "cells": space.CellSpace.from_config(config["cells"])})
