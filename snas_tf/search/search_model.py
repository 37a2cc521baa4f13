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
from snas_tf.networks.searchable import Searchable
from snas_tf.networks.unsupported import Unsupported
from snas_tf.training import replicas
from snas_tf.training.optimizers import WeightsAndLogits
from snas_tf.training.step_functions import DistributedModel


class SearchModel(Unsupported, DistributedModel):
    """The part of a searcher that is Keras's: compile, update, serialise, report.

    A subclass has `forward_and_backward`, which XLA may compile, and calls `_update` in its step.

    Args:
        supernet: The network to search in.
        architecture: The distribution of its architectures.
    """

    def __init__(
        self, supernet: Searchable, architecture: ArchitectureDistribution, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.supernet = supernet
        self.architecture = architecture
        self._evaluates_samples = False
        self._other_test_function = None
        self._default_architecture_optimizer = False
        self.default_optimizers: tuple[Any, Any] | None = None

    def compile(
        self,
        optimizer: keras.optimizers.Optimizer | str | None = None,
        loss: Any = None,
        *,
        architecture_optimizer: keras.optimizers.Optimizer | str | None = None,
        jit_compile: bool | str = False,
        **kwargs: Any,
    ) -> None:
        """As `keras.Model.compile`, with an optimizer of its own for the logits.

        Args:
            optimizer: Optimizer of the supernet's weights, whose learning rate is that of the
                model: callbacks that change or log it mean this one. None is SGD at Keras's own
                rate, or what `of` set.
            loss: As for Keras, the mean over images.
            architecture_optimizer: Optimizer of the logits. None is what `of` set, or Adam at
                Keras's own rate of 0.001, with a word at the first step: it takes a logit some
                thousand steps to decide. The clipping that either asks for is applied to the sum of
                the gradients over replicas.
            jit_compile: Whether XLA compiles the forward and backward pass; the updates stay
                outside, where they work under every strategy. "auto" is False.
            **kwargs: As for Keras: metrics, run_eagerly, steps_per_execution ...

        Raises:
            TypeError: An optimizer stands where Keras has the loss.
            ValueError: The dtype policy needs loss scaling, both optimizers are one, or several
                replicas cannot synchronise batch normalisation in what XLA compiles.
        """
        self._check_compile(loss)
        optimizer, architecture_optimizer = self._or_defaults(optimizer, architecture_optimizer)
        optimizers = tuple(map(keras.optimizers.get, (optimizer, architecture_optimizer or "adam")))
        if optimizers[0] is optimizers[1]:
            raise ValueError(
                "`optimizer` and `architecture_optimizer` must be two. Received: one and the same."
            )
        self._optimizers = optimizers
        self._default_architecture_optimizer = architecture_optimizer is None
        both = WeightsAndLogits(*optimizers, self.architecture.variables)
        kwargs["auto_scale_loss"] = False
        super().compile(optimizer=both, loss=loss, jit_compile=False, **kwargs)
        self._jit_compile_pass = jit_compile
        self.compile_pass(jit_compile, self.supernet)
        self._other_test_function = None
        # Under a strategy a lazily built optimizer fails inside the step.
        trained = self.trainable_variables
        both.build(trained)
        self._trained = tuple(map(id, trained))
        # Serialised when it is asked for, so that what cannot be saved can still be trained.
        self._compile_arguments = functools.partial(
            keras.saving.serialize_keras_object,
            {
                "optimizer": optimizers[0],
                "loss": loss,
                "architecture_optimizer": architecture_optimizer and optimizers[1],
                "jit_compile": jit_compile,
                **kwargs,
            },
        )

    def _or_defaults(self, optimizer: Any, architecture_optimizer: Any) -> tuple[Any, Any]:
        """What is given, else what `of` set, else Keras's SGD, and None for the logits."""
        if self.default_optimizers:
            of_weights, of_logits = self.default_optimizers
            optimizer = optimizer or of_weights()
            architecture_optimizer = architecture_optimizer or of_logits()
        return optimizer or "sgd", architecture_optimizer

    def _check_compile(self, loss: Any) -> None:
        if isinstance(loss, keras.optimizers.Optimizer):
            raise TypeError(
                "The second argument of `compile` is `loss`, as for Keras. Received: an optimizer. "
                "Name it: architecture_optimizer=..."
            )
        if "float16" in str(self.supernet.dtype_policy.name).replace("bfloat16", ""):
            raise ValueError(
                "The dtype policy 'mixed_float16' needs a scaled loss, which Snas does not offer. "
                "Use 'mixed_bfloat16' or 'float32'."
            )

    def get_compile_config(self) -> dict[str, Any]:
        """The arguments of `compile`."""
        return self._compile_arguments() if self.compiled else {}

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compiles as `get_compile_config` tells."""
        self.compile(**keras.saving.deserialize_keras_object(config))

    def _answers(
        self, inputs: Any, samples: Samples, training: bool, one_hot: bool = False
    ) -> tf.Tensor:
        return replicas.answers(
            lambda some: self.supernet(some, samples, training=training, one_hot=one_hot), inputs
        )

    def _update(
        self,
        weight_gradients: list[tf.Tensor],
        logit_gradients: list[tf.Tensor],
        hold_weights: tf.Tensor | None = None,
        hold_logits: tf.Tensor | None = None,
    ) -> None:
        """Applies gradients that `replicas.synchronize` gave; see `WeightsAndLogits.apply`."""
        weights_optimizer, architecture_optimizer = self._optimizers
        weights = self.supernet.trainable_variables
        logits = self.architecture.trainable_variables
        # By identity: two layers of one name may have variables of one path.
        gradients = {
            id(variable): gradient
            for variables, optimizer, group in (
                (weights, weights_optimizer, weight_gradients),
                (logits, architecture_optimizer, logit_gradients),
            )
            for variable, gradient in zip(
                variables, replicas.clipped_shares(group, optimizer), strict=True
            )
        }
        trained = self.trainable_variables
        gradients = [gradients[id(variable)] for variable in trained]
        self.optimizer.apply(gradients, trained, hold_weights=hold_weights, hold_logits=hold_logits)

    def _num_examples(self, inputs: Any) -> tf.Tensor:
        """Number of examples in a batch, as the supernet counts them."""
        return getattr(self.supernet, "num_examples", replicas.num_examples)(inputs)

    def _learning(self) -> list[str]:
        """The decisions whose logits are not frozen, in the order of `trainable_variables`."""
        learning = {id(variable) for variable in self.architecture.trainable_variables}
        return [k for k, logits in self.architecture.logits.items() if id(logits) in learning]

    def make_train_function(self, force: bool = False) -> None:
        """As `DistributedModel`; what was frozen since the last call is trained no more.

        Raises:
            ValueError: There are too few images in a batch, or something is to be trained that was
                not when the model was compiled.
        """
        trained = tuple(map(id, self.trainable_variables))
        if trained != self._trained:
            if not self.optimizer.trained.issuperset(trained):
                raise ValueError(
                    "More is to be trained than when the model was compiled. Call `compile` again "
                    "after layers are made trainable."
                )
            self._trained = trained
            self.compile_pass(self._jit_compile_pass, self.supernet)
            force = True
        super().make_train_function(force)

    def trace_anew(self) -> None:
        """Forgets the graphs that were made, after something changed that they hold."""
        self._other_test_function = None
        super().trace_anew()

    def _evaluate_samples(self, sampled: bool) -> None:
        """Keras keeps one traced test function; this keeps one of each kind."""
        if sampled != self._evaluates_samples:
            self._evaluates_samples = sampled
            self.test_function, self._other_test_function = (
                self._other_test_function,
                self.test_function,
            )
