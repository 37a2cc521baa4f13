# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Optimizers with the coupled weight decay of the papers.

The weight decay of the papers' framework adds `l2 * w` to the gradient, after clipping, before
momentum and second moments; the `weight_decay` of a Keras optimizer shrinks the weights apart from
the gradient, and an L2 regularizer would pass through the clipping and show in the loss. These are
Keras's optimizers with the papers' term.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import keras
import tensorflow as tf


class _CoupledDecay:
    """Mixin: adds `l2 * variable` to the gradient of every variable."""

    l2: float

    def update_step(self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: Any) -> None:
        """One variable's update."""
        if self.l2:
            gradient = gradient + self.l2 * tf.cast(variable, gradient.dtype)
        super().update_step(gradient, variable, learning_rate)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "l2": self.l2}


@keras.saving.register_keras_serializable(package="snas_tf")
class SGD(_CoupledDecay, keras.optimizers.SGD):
    """`keras.optimizers.SGD` with coupled weight decay.

    Args:
        learning_rate: As for Keras.
        l2: What the paper's framework calls `weight_decay`, non-negative.
        **kwargs: Further arguments of `keras.optimizers.SGD`.
    """

    def __init__(self, learning_rate: Any = 0.01, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(learning_rate, **kwargs)
        self.l2 = _non_negative(l2)


@keras.saving.register_keras_serializable(package="snas_tf")
class Adam(_CoupledDecay, keras.optimizers.Adam):
    """`keras.optimizers.Adam` with coupled weight decay.

    Args:
        learning_rate: As for Keras.
        l2: What the paper's framework calls `weight_decay`, non-negative.
        **kwargs: Further arguments of `keras.optimizers.Adam`.
    """

    def __init__(self, learning_rate: Any = 0.001, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(learning_rate, **kwargs)
        self.l2 = _non_negative(l2)


def _non_negative(l2: float) -> float:
    if not l2 >= 0:
        raise ValueError(f"`l2` must not be negative. Received: {l2}.")
    return l2


class WeightsAndLogits(keras.optimizers.Optimizer):
    """One optimizer, which Keras saves and restores whole, made of two.

    Its learning rate is that of the weights: what moves a model's learning rate, as
    `LearningRateScheduler` and `ReduceLROnPlateau` do, and what logs it, means the weights alone.
    (Keras's own `MultiOptimizer` has none of its own: those callbacks set the rate of every part.)
    A variable belongs to the logits if it is one of them, whatever it is called; Keras's
    `OptimizerMap` goes by paths, which two layers may share. A part without variables is not used.

    Args:
        weights_optimizer: For every variable that is not among the logits.
        logits_optimizer: For the logits.
        logits: The logits.

    Attributes:
        trained: The identities of the variables that it was built for.
    """

    def __init__(
        self,
        weights_optimizer: keras.optimizers.Optimizer,
        logits_optimizer: keras.optimizers.Optimizer,
        logits: Iterable[keras.Variable],
    ) -> None:
        # Keras's own name would count those that the process made before, in its variables' paths.
        super().__init__(learning_rate=0.0, name="weights_and_logits")
        self.weights_optimizer = weights_optimizer
        self.logits_optimizer = logits_optimizer
        self._logits = frozenset(map(id, logits))
        self.trained: frozenset[int] = frozenset()

    def build(self, variables: list[keras.Variable]) -> None:
        """Creates the state of both optimizers."""
        if self.built:
            return
        for optimizer, part in self._parts(variables):
            optimizer.build(part)
        self.trained = frozenset(map(id, variables))
        super().build(variables)

    def apply(
        self,
        grads: list[tf.Tensor],
        trainable_variables: list[keras.Variable] | None = None,
        *,
        hold_weights: tf.Tensor | None = None,
        hold_logits: tf.Tensor | None = None,
    ) -> None:
        """Updates the variables, each by its own optimizer.

        Args:
            grads: A gradient a variable.
            trainable_variables: The variables.
            hold_weights: bool scalar: whether the weights and all that their optimizer remembers
                stay as they are, to the bit; None is no.
            hold_logits: The same of the logits.
        """
        gradients = {id(v): g for v, g in zip(trainable_variables, grads, strict=True)}
        self.build(trainable_variables)
        for optimizer, part in self._parts(trainable_variables):
            hold = hold_logits if optimizer is self.logits_optimizer else hold_weights
            held = [] if hold is None else [*part, *optimizer.variables]
            before = [tf.convert_to_tensor(variable) for variable in held]
            optimizer.apply([gradients[id(variable)] for variable in part], part)
            if held:
                _put_back_if(hold, held, before)
        self.iterations.assign_add(1)

    def finalize_variable_values(self, var_list: list[keras.Variable]) -> None:
        """Keras calls it at the end of `fit`; what never moved has no averages."""
        for optimizer, part in self._parts(var_list):
            if int(optimizer.iterations.numpy()):
                optimizer.finalize_variable_values(part)

    @property
    def variables(self) -> list[keras.Variable]:
        """The state of both."""
        parts = (self.logits_optimizer, self.weights_optimizer)
        return [*super().variables, *(v for optimizer in parts for v in optimizer.variables)]

    @property
    def learning_rate(self) -> Any:
        """That of the weights; `logits_optimizer.learning_rate` is that of the logits."""
        return self.weights_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.weights_optimizer.learning_rate = value

    def get_config(self) -> dict[str, Any]:
        """Not to be saved by itself: `Snas` saves the two optimizers.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("A model that has `weights_and_logits` saves both optimizers.")

    def _parts(
        self, variables: list[keras.Variable]
    ) -> Iterator[tuple[keras.optimizers.Optimizer, list[keras.Variable]]]:
        """The optimizers that have variables, and these."""
        logits = [variable for variable in variables if id(variable) in self._logits]
        weights = [variable for variable in variables if id(variable) not in self._logits]
        for optimizer, part in ((self.logits_optimizer, logits), (self.weights_optimizer, weights)):
            if part:
                yield optimizer, part


def _put_back_if(
    condition: tf.Tensor, variables: list[keras.Variable], values: list[tf.Tensor]
) -> None:
    """Sets variables to values on every replica where a condition holds.

    An update under a condition cannot be had: replicas would have to meet within it.
    """

    def put_back(strategy: tf.distribute.Strategy, condition: Any, values: list[Any]) -> None:
        for variable, value in zip(variables, values, strict=True):
            strategy.extended.update(
                variable.value,
                lambda own, condition, value: own.assign(tf.where(condition, value, own)),
                args=(condition, value),
                group=False,
            )

    context = tf.distribute.get_replica_context()
    context.merge_call(put_back, args=(condition, values))
