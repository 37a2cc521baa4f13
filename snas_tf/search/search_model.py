# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A Keras model that learns weights and architecture together, each with an optimizer of its own.

What a step computes is the searcher's; how it is compiled, applied and reported is here.
"""

from __future__ import annotations

import functools
from typing import Any

import keras
import tensorflow as tf

from snas_tf.distribution import ArchitectureDistribution, Samples
from snas_tf.networks import Supernet
from snas_tf.networks.unsupported import Unsupported
from snas_tf.search import replicas
from snas_tf.search.optimizers import of_two_groups
from snas_tf.search.step_functions import DistributedModel


class SearchModel(Unsupported, DistributedModel):
    """The part of a searcher that is Keras's: compile, update, serialise, report.

    A subclass has `forward_and_backward`, which XLA may compile, and calls `_update` in its step.

    Args:
        supernet: The network to search in.
        architecture: The distribution of its architectures.
    """

    def __init__(
        self, supernet: Supernet, architecture: ArchitectureDistribution, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.supernet = supernet
        self.architecture = architecture
        self._evaluates_samples = False
        self._other_test_function = None

    def compile(
        self,
        optimizer: keras.optimizers.Optimizer | str = "sgd",
        architecture_optimizer: keras.optimizers.Optimizer | str = "adam",
        jit_compile: bool | str = False,
        **kwargs: Any,
    ) -> None:
        """As `keras.Model.compile`, with an optimizer of its own for the logits.

        Args:
            optimizer: Optimizer of the supernet's weights.
            architecture_optimizer: Optimizer of the logits. The clipping that either asks for is
                applied to the sum of the gradients over replicas.
            jit_compile: Whether XLA compiles the forward and backward pass; the updates stay
                outside, where they work under every strategy. "auto" is False.
            **kwargs: As for Keras: loss, metrics, run_eagerly, steps_per_execution ...

        Raises:
            ValueError: The dtype policy needs loss scaling, or several replicas cannot synchronise
                batch normalisation in what XLA compiles.
        """
        if "float16" in str(self.supernet.dtype_policy.name).replace("bfloat16", ""):
            raise ValueError(
                "The dtype policy 'mixed_float16' needs a scaled loss, which Snas does not offer. "
                "Use 'mixed_bfloat16' or 'float32'."
            )
        optimizers = tuple(map(keras.optimizers.get, (optimizer, architecture_optimizer)))
        self._optimizers = optimizers
        both = of_two_groups(*optimizers, self.architecture.trainable_variables)
        super().compile(optimizer=both, jit_compile=False, **{**kwargs, "auto_scale_loss": False})
        self.compile_pass(jit_compile, self.supernet)
        self._other_test_function = None
        # Under a strategy a lazily built optimizer fails inside the step.
        both.build(self.trainable_variables)
        # Serialised when it is asked for, so that what cannot be saved can still be trained.
        self._compile_arguments = functools.partial(
            keras.saving.serialize_keras_object,
            {
                "optimizer": optimizers[0],
                "architecture_optimizer": optimizers[1],
                "jit_compile": jit_compile,
                **kwargs,
            },
        )

    def get_compile_config(self) -> dict[str, Any]:
        """The arguments of `compile`."""
        return self._compile_arguments() if self.compiled else {}

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compiles as `get_compile_config` tells."""
        self.compile(**keras.saving.deserialize_keras_object(config))

    def _answers(
        self, images: tf.Tensor, samples: Samples, training: bool, one_hot: bool = False
    ) -> tf.Tensor:
        return replicas.answers(
            lambda some: self.supernet(some, samples, training=training, one_hot=one_hot), images
        )

    def _update(self, weight_gradients: list[tf.Tensor], logit_gradients: list[tf.Tensor]) -> None:
        """Applies gradients that `replicas.synchronize` gave."""
        weights_optimizer, architecture_optimizer = self._optimizers
        weights = self.supernet.trainable_variables
        logits = self.architecture.trainable_variables
        gradients = {
            variable.path: gradient
            for variables, optimizer, group in (
                (weights, weights_optimizer, weight_gradients),
                (logits, architecture_optimizer, logit_gradients),
            )
            for variable, gradient in zip(
                variables, replicas.clipped_shares(group, optimizer), strict=True
            )
        }
        self.optimizer.apply(
            [gradients[variable.path] for variable in self.trainable_variables],
            self.trainable_variables,
        )

    def _evaluate_samples(self, sampled: bool) -> None:
        """Keras keeps one traced test function; this keeps one of each kind."""
        if sampled != self._evaluates_samples:
            self._evaluates_samples = sampled
            self.test_function, self._other_test_function = (
                self._other_test_function,
                self.test_function,
            )
