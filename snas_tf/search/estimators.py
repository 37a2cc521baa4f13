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

_LEAST_CONCENTRATION = 1e-4
_LEAST_UNIFORM = 1e-30
"""What is drawn stays a number: below them float32 has no logarithm, or no gradient, of it."""

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


def dirichlet(architecture: IndependentRows, temperature: tf.Tensor, seed: tf.Tensor) -> Samples:
    """DrNAS: a mixture drawn from a Dirichlet distribution, with its pathwise gradient.

        Z ~ Dirichlet(c),   c = elu(log alpha) + 1,   E[Z^k] = c^k / sum_l c^l

    (Chen et al., "DrNAS: Dirichlet neural architecture search", arXiv 2006.10355); at logits of 0,
    where c is 1, uniform on the simplex. What it finds, the greatest c, is the greatest logit; its
    decay towards c = 1 is that of the logits' optimizer. A row of gammas of c + 1 and uniform U,

        log Z = log softmax_k(log Gamma(c^k + 1) + log(U^k) / c^k),

    is drawn in log space, for a gamma of a small c is 0 in float32.

    Args:
        architecture: The distribution of the logits.
        temperature: Not used.
        seed: int32 [2].

    Returns:
        {decision: float32 (places, options)}.
    """
    del temperature
    samples = {}
    for position, (name, logits) in enumerate(architecture.logits.items()):
        seeds = tf.random.experimental.stateless_split(
            tf.random.experimental.stateless_fold_in(seed, position), 2
        )
        concentration = tf.nn.elu(tf.convert_to_tensor(logits)) + 1.0
        concentration = tf.maximum(concentration, _LEAST_CONCENTRATION)
        gammas = tf.random.stateless_gamma(logits.shape, seeds[0], concentration + 1.0)
        uniform = tf.random.stateless_uniform(logits.shape, seeds[1], _LEAST_UNIFORM, 1.0)
        samples[name] = tf.nn.softmax(tf.math.log(gammas) + tf.math.log(uniform) / concentration)
    return samples


def reinmax(architecture: IndependentRows, temperature: tf.Tensor, seed: tf.Tensor) -> Samples:
    """ReinMax: a one-hot Z, whose gradient is exact to second order (Liu et al., arXiv 2304.08612).

        dL/dlog alpha = 2 m (v - m.v) - p (v - p.v) / 2,   m = (Z + p) / 2,   p = softmax(log alpha)

    Heun's method where straight-through is Euler's: its mean is the exact gradient of a loss that
    is quadratic in Z. It needs v^k of all options, so all of them run, though one alone counts.

    Args:
        architecture: The distribution.
        temperature: Not used: the mean would no longer be exact.
        seed: int32 [2].

    Returns:
        {decision: float32 (places, options)}, one-hot rows.
    """
    del temperature
    samples = {}
    for name, drawn in architecture.categorical_sample(seed).items():
        logits = tf.convert_to_tensor(architecture.logits[name])
        p = tf.nn.softmax(logits)
        middle = tf.math.log((drawn + p) / 2.0)
        m = tf.nn.softmax(logits + tf.stop_gradient(middle - logits))
        samples[name] = drawn + _zero(2.0 * m - p / 2.0)
    return samples


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
        Estimator(
            "dirichlet",
            dirichlet,
            cost_gradients=("expectation", "reparameterized"),
            uses_temperature=False,
        ),
        Estimator("reinmax", reinmax, uses_temperature=False),
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
