# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How Z is drawn for a training step, and how the gradient flows back through the draw.

An estimator is a function of the architecture: what it returns goes into the supernet, and the
gradient dL/dZ that comes out of the supernet's backward pass goes back through it to the logits. A
new estimator needs nothing else; where its gradient is not the pathwise one, it defines it by
`tf.custom_gradient` or by a term that is zero and has the gradient.

Those of `SINGLE_PATH` draw one-hot rows. Then only one operation an edge runs and is differentiated
in a step, so that a step costs what the child network does. Of dL/dZ only the entries of what ran
are known, v^k = <dL/dx_j, O^k(x_i)> of the chosen k; the others come as zeros.
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from snas_tf.distribution import ArchitectureDistribution, Samples

Estimator = Callable[[ArchitectureDistribution, tf.Tensor, tf.Tensor], Samples]


def concrete(
    architecture: ArchitectureDistribution, temperature: tf.Tensor, seed: tf.Tensor
) -> Samples:
    """SNAS: one relaxed sample of every decision, reparametrised.

        dL/dlog alpha^k = (1/lambda) Z^k (v^k - sum_l Z^l v^l),   v^k = <dL/dx_j, O^k(x_i)>

    Args:
        architecture: The distribution.
        temperature: float32 scalar lambda.
        seed: int32 [2].

    Returns:
        {kind: float32 (edges, ops)}.
    """
    return architecture.sample(temperature, seed)


def softmax(
    architecture: ArchitectureDistribution, temperature: tf.Tensor, seed: tf.Tensor
) -> Samples:
    """DARTS's deterministic mixture, single-level: the probabilities themselves.

    Args:
        architecture: The distribution.
        temperature: Not used.
        seed: Not used.

    Returns:
        {kind: float32 (edges, ops)}.
    """
    del temperature, seed
    return architecture.probabilities()


def straight_through(
    architecture: ArchitectureDistribution, temperature: tf.Tensor, seed: tf.Tensor
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
        {kind: float32 (edges, ops)}, one-hot rows.
    """
    logs = architecture.log_sample(temperature, seed)
    return {kind: _one_hot(log) + _zero(tf.exp(log)) for kind, log in logs.items()}


def score_function(
    architecture: ArchitectureDistribution, temperature: tf.Tensor, seed: tf.Tensor
) -> Samples:
    """DSNAS: a one-hot Z of p(Z) itself; an edge's score is paid by its own share of the loss.

        dL/dlog alpha^k = v^c (delta(k = c) - p^k),   p = softmax(log alpha)

    It is the gradient of sum over edges of log p(Z) times dL/dw, where w = 1 multiplies what the
    chosen operation gives (Hu et al., "DSNAS: direct neural architecture search without parameter
    retraining", arXiv 2002.09128), and what `concrete` tends to as lambda falls to 0, in mean. No
    bias where the loss is linear in the edge's output; else v^c is a first-order share of the loss.

    Args:
        architecture: The distribution.
        temperature: Does not change what is drawn, which is what `concrete` tends to.
        seed: int32 [2].

    Returns:
        {kind: float32 (edges, ops)}, one-hot rows.
    """
    samples = {}
    for kind, log in architecture.log_sample(temperature, seed).items():
        one_hot = _one_hot(log)
        log_probabilities = tf.nn.log_softmax(tf.convert_to_tensor(architecture.logits[kind]))
        score = tf.reduce_sum(one_hot * log_probabilities, axis=-1, keepdims=True)
        samples[kind] = one_hot * (1.0 + _zero(score))
    return samples


def _one_hot(log_samples: tf.Tensor) -> tf.Tensor:
    """The largest entry of each row; it is that of p(Z), at every temperature (Gumbel-max)."""
    return tf.one_hot(tf.argmax(log_samples, axis=-1), log_samples.shape[-1])


def _zero(tensor: tf.Tensor) -> tf.Tensor:
    """Exactly zero, with the tensor's gradient."""
    return tensor - tf.stop_gradient(tensor)


ESTIMATORS: dict[str, Estimator] = {
    "concrete": concrete,
    "softmax": softmax,
    "straight_through": straight_through,
    "score_function": score_function,
}

SINGLE_PATH = frozenset({"straight_through", "score_function"})
"""The estimators whose rows are one-hot."""
