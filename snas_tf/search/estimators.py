# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How Z is drawn for a training step, and how the gradient flows back through the draw.

An estimator draws from the architecture: what it returns goes into the supernet, and the gradient
dL/dZ that comes out of the supernet's backward pass goes back through it to the logits. Where its
gradient is not the pathwise one, it defines it by `tf.custom_gradient` or by a term that is zero
and has the gradient. One of the user's own is an `Estimator` given to `Snas`.

Some draw one-hot rows. Then only one option a row runs and is differentiated in a step, so that a
step costs what the child network does. Of dL/dZ only the entries of what ran are known,
v^k = <dL/dx_j, O^k(x_i)> of the chosen k; the others come as zeros.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from snas_tf.distribution import IndependentRows, Samples, one_hot
from snas_tf.errors import InvalidInput
from snas_tf.search.cost.gradients import GRADIENTS

Draw = Callable[[IndependentRows, tf.Tensor, tf.Tensor], Samples]
"""Distribution, temperature and seed to {decision: float32 (places, options)}."""


@keras.saving.register_keras_serializable(package="snas_tf")
@dataclasses.dataclass(frozen=True)
class Estimator:
    """How Z is drawn, and what follows from it for a step.

    Attributes:
        name: What it is called.
        draw: Draws; to be saved within a model it must be registered with Keras.
        one_hot: Whether its rows are one-hot, so that one option a row runs.
        cost_gradients: The gradients of the resource cost that go with it.
        uses_temperature: Whether what it gives, or its gradient, depends on the temperature.
    """

    name: str
    draw: Draw
    _: dataclasses.KW_ONLY
    one_hot: bool = False
    cost_gradients: tuple[str, ...] = tuple(GRADIENTS)
    uses_temperature: bool = True

    def check(self, gradient: str, *, synchronized: bool, replicas: int) -> None:
        """Checks what a search wants of it.

        Args:
            gradient: That of the resource cost.
            synchronized: Whether replicas meet in the batch normalisations of the network.
            replicas: How many there are.

        Raises:
            InvalidInput: It goes with another gradient, or replicas cannot meet in its steps.
        """
        if gradient not in self.cost_gradients:
            raise InvalidInput(
                f"`gradient` must be {' or '.join(self.cost_gradients)} with the `estimator` "
                f"{self.name!r}, which draws nothing that another could use: given {gradient!r}"
            )
        if self.one_hot and synchronized and replicas > 1:
            raise InvalidInput(
                f"`synchronized_batch_norm` cannot be used with the `estimator` {self.name!r} on "
                f"{replicas} devices, which cannot meet where each runs one operation an edge: "
                "given both; do set the first to false"
            )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {**fields, "draw": keras.saving.serialize_keras_object(self.draw)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Estimator:
        """Restores the estimator from `get_config`."""
        return cls(
            **{
                **config,
                "draw": keras.saving.deserialize_keras_object(config["draw"]),
                "cost_gradients": tuple(config["cost_gradients"]),
            }
        )


def concrete(architecture: IndependentRows, temperature: tf.Tensor, seed: tf.Tensor) -> Samples:
    """SNAS: one relaxed sample of every decision, reparametrised.

        dL/dlog alpha^k = (1/lambda) Z^k (v^k - sum_l Z^l v^l),   v^k = <dL/dx_j, O^k(x_i)>

    Args:
        architecture: The distribution.
        temperature: float32 scalar lambda.
        seed: int32 [2].

    Returns:
        {decision: float32 (places, options)}.
    """
    return architecture.sample(temperature, seed)


def softmax(architecture: IndependentRows, temperature: tf.Tensor, seed: tf.Tensor) -> Samples:
    """DARTS's deterministic mixture, single-level: the probabilities themselves.

    Args:
        architecture: The distribution.
        temperature: Not used.
        seed: Not used.

    Returns:
        {decision: float32 (places, options)}.
    """
    del temperature, seed
    return architecture.probabilities()


def straight_through(
    architecture: IndependentRows, temperature: tf.Tensor, seed: tf.Tensor
) -> Samples:
    """GDAS: the relaxed sample's largest entry as a one-hot Z, with the relaxed sample's gradient.

        dL/dlog alpha^k = (1/lambda) z^c v^c (delta(k = c) - z^k),   c = argmax z

    with z the sample that `concrete` draws from the same seed (Dong and Yang, "Searching for a
    robust neural architecture in four GPU hours", arXiv 1910.04465). Biased. The authors' code also
    adds the entries of the operations that do not run to the output as numbers, which gives them
    gradients that have nothing to do with them; here they have none.

    Args:
        architecture: The distribution.
        temperature: float32 scalar lambda, of the gradient alone: the choice does not depend on it.
        seed: int32 [2].

    Returns:
        {decision: float32 (places, options)}, one-hot rows.
    """
    logs = architecture.log_sample(temperature, seed)
    return {name: one_hot(log) + _zero(tf.exp(log)) for name, log in logs.items()}


def score_function(
    architecture: IndependentRows, temperature: tf.Tensor, seed: tf.Tensor
) -> Samples:
    """DSNAS: a one-hot Z of p(Z) itself; a row's score is paid by its own share of the loss.

        dL/dlog alpha^k = v^c (delta(k = c) - p^k),   p = softmax(log alpha)

    It is the gradient of sum over rows of log p(Z) times dL/dw, where w = 1 multiplies what the
    chosen operation gives (Hu et al., "DSNAS: direct neural architecture search without parameter
    retraining", arXiv 2002.09128), and what `concrete` tends to as lambda falls to 0, in mean. No
    bias where the loss is linear in the edge's output; else v^c is a first-order share of the loss.

    Args:
        architecture: The distribution.
        temperature: Does not change what is drawn, which is what `concrete` tends to.
        seed: int32 [2].

    Returns:
        {decision: float32 (places, options)}, one-hot rows.
    """
    drawn = {name: one_hot(log) for name, log in architecture.log_sample(temperature, seed).items()}
    scores = architecture.categorical_log_prob(drawn)
    return {name: rows * (1.0 + _zero(scores[name][:, None])) for name, rows in drawn.items()}


def _zero(tensor: tf.Tensor) -> tf.Tensor:
    """Exactly zero, with the tensor's gradient."""
    return tensor - tf.stop_gradient(tensor)


ESTIMATORS = {
    estimator.name: estimator
    for estimator in (
        Estimator("concrete", concrete),
        Estimator(
            "softmax",
            softmax,
            cost_gradients=("expectation", "reparameterized"),
            uses_temperature=False,
        ),
        Estimator("straight_through", straight_through, one_hot=True),
        Estimator(
            "score_function",
            score_function,
            one_hot=True,
            cost_gradients=("expectation", "score_function"),
            uses_temperature=False,
        ),
    )
}
"""Those that are asked for by name."""


def named(estimator: str | Estimator) -> Estimator:
    """An estimator, or that of a name, a key of `ESTIMATORS`."""
    return ESTIMATORS[estimator] if isinstance(estimator, str) else estimator
