# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Three ways to take the gradient of the expected cost E_Z[C(Z)] with respect to the logits.

Each returns a scalar whose gradient is the estimate; its value is the cost it looked at. For the
linear form, with p = softmax(log alpha), the exact gradient in a row is p^k (c^k - p . c).

    expectation        C(p): exact, no noise.
    reparameterized    C(Z) of the step's relaxed sample. Its mean is the gradient of C(E[Z]), and
                       E[Z] is p only as the temperature goes to 0: at temperature 1 it is too
                       small by about a third where one operation leads (tests measure it).
    score_function     (C(H) - b) grad log p(H), where H = onehot(argmax Z) has distribution p at
                       every temperature (Gumbel-max): no bias, much noise. H is a constant: the
                       released code differentiates through its sample too, which is wrong by a
                       factor of ten. The baseline b = C(p) takes noise away and adds no bias;
                       every row is credited with its own cost alone, for rows are independent.

Under the logarithmic form the first is the logarithm of the expected cost and the last the
expectation of the logarithm, which is smaller.
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from snas_tf.distribution import IndependentRows, Samples, one_hot

RowCosts = Callable[[Samples], dict[str, tf.Tensor]]
"""Samples to {decision: float32 (places,)}, the cost of every row."""

CostGradient = Callable[[RowCosts, IndependentRows, Samples], tf.Tensor]


def total(rows: dict[str, tf.Tensor]) -> tf.Tensor:
    """The sum over all rows."""
    return tf.add_n([tf.reduce_sum(costs) for costs in rows.values()])


def expectation(row_costs: RowCosts, architecture: IndependentRows, samples: Samples) -> tf.Tensor:
    """The cost of the probabilities: exact.

    Args:
        row_costs: The cost.
        architecture: The distribution.
        samples: Not used.

    Returns:
        float32 scalar, differentiable in the logits.
    """
    del samples
    return total(row_costs(architecture.probabilities()))


def reparameterized(
    row_costs: RowCosts, architecture: IndependentRows, samples: Samples
) -> tf.Tensor:
    """The cost of the step's own relaxed sample.

    Args:
        row_costs: The cost.
        architecture: Not used: the samples carry the gradient.
        samples: {decision: float32 (places, options)}, differentiable in the logits.

    Returns:
        float32 scalar, differentiable in the logits through the samples.
    """
    del architecture
    return total(row_costs(samples))


def score_function(
    row_costs: RowCosts, architecture: IndependentRows, samples: Samples
) -> tf.Tensor:
    """The cost of the architecture that the step's sample is nearest to, times its score.

    Args:
        row_costs: The cost.
        architecture: The distribution that the samples were drawn from.
        samples: {decision: float32 (places, options)}, of the relaxed distribution.

    Returns:
        float32 scalar, differentiable in the logits.
    """
    hard = {name: one_hot(values) for name, values in samples.items()}
    costs = row_costs(hard)
    baselines = row_costs(architecture.probabilities())
    surrogate = tf.constant(0.0)
    for name, log_probability in architecture.categorical_log_prob(hard).items():
        score = log_probability - tf.stop_gradient(log_probability)  # 0, with its gradient
        advantage = tf.stop_gradient(costs[name] - baselines[name])
        surrogate += tf.reduce_sum(advantage * score)
    return total(costs) + surrogate


GRADIENTS: dict[str, CostGradient] = {
    "expectation": expectation,
    "reparameterized": reparameterized,
    "score_function": score_function,
}
