# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Scores of a network that has learnt nothing, from one batch: greater is meant to be better.

On NAS-Bench-201 the number of parameters alone ranks networks as well as NASWOT does, so where
scores are shown, parameters and multiply-adds stand beside them.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from snas_tf.errors import InvalidInput
from snas_tf.evaluation.score_names import NAMES, OF_A_LOSS, check
from snas_tf.evaluation.zero_cost import activation_codes, formulas, gradients
from snas_tf.evaluation.zero_cost.synflow import synflow
from snas_tf.networks import traced_call
from snas_tf.networks.traced_cost import multiply_adds

_OF_A_BATCH = ("naswot", "jacob_cov", *OF_A_LOSS)
_FEWEST = 2  # inputs that can be told apart


def score(
    model: keras.Model,
    images: Any,
    name: str = "naswot",
    *,
    labels: Any = None,
    loss: gradients.Loss | None = None,
) -> float:
    """A score of any Keras model: how good it may become, without training.

        snas_tf.score(model, images, "naswot")

    The model is called in training mode (statistics of the batch), as the methods ask for, but
    nothing of it changes, and the same weights and images give the same score.

    - "naswot": log |det K| of the activation codes (arXiv 2006.04647).
    - "jacob_cov": correlations of the inputs' gradients; its first version.
    - "grad_norm", "snip": norm of the loss's gradient by the weights; sum of |w dL/dw|.
    - "synflow": log of the flow through absolute weights; images are not looked at.
    - "parameters" (trained ones), "multiply_adds" (of one image): size, to compare with.

    Args:
        model: The model, built or not, of any inputs (a nest of arrays).
        images: A batch for it, such as float32 (batch, height, width, channels), normalised as in
            training; 32 to 128 will do. Scores of other batch sizes cannot be compared.
        name: One of the above.
        labels: Integers (batch,), or what `loss` takes; for grad_norm and snip.
        loss: From labels and outputs to a loss; None for cross-entropy of logits.

    Returns:
        The score, greater for better; -inf where it cannot tell inputs apart. Never NaN.

    Raises:
        InvalidInput: The score is not defined for this network or batch; says why.
    """
    return scores(model, images, (name,), labels=labels, loss=loss)[name]


def scores(
    model: keras.Model,
    images: Any,
    names: Sequence[str] = NAMES,
    *,
    labels: Any = None,
    loss: gradients.Loss | None = None,
) -> dict[str, float]:
    """Several scores, of one pass where they share it.

    Args:
        model: As for `score`.
        images: Likewise.
        names: Which.
        labels: As for `score`.
        loss: Likewise.

    Returns:
        {name: score}, in the order of `names`.

    Raises:
        InvalidInput: As `score`.
    """
    check(names)
    batch = keras.tree.map_structure(_tensor, images)
    traced_call.build(model, batch)
    found: dict[str, float] = {}
    of_a_batch = [name for name in names if name in _OF_A_BATCH]
    if of_a_batch:
        found = _of_a_batch(model, batch, of_a_batch, labels, loss)
    if "synflow" in names:
        specs = keras.tree.flatten(traced_call.specs(model, batch))
        with _not_optimized():
            found["synflow"] = synflow(model, specs, batch)
    if "parameters" in names:
        found["parameters"] = float(sum(math.prod(w.shape) for w in model.trainable_variables))
    if "multiply_adds" in names:
        found["multiply_adds"] = float(multiply_adds(model, batch))
    return {name: found[name] for name in names}


def _of_a_batch(
    model: keras.Model,
    batch: Any,
    names: Sequence[str],
    labels: Any,
    loss: gradients.Loss | None,
) -> dict[str, float]:
    """The scores of one pass in training mode, all of one graph."""
    size = keras.tree.flatten(batch)[0].shape[0]
    if size < _FEWEST:
        raise InvalidInput(f"`images` must be a batch of at least {_FEWEST}: given {size}")
    with_loss = [name for name in names if name in OF_A_LOSS]
    if with_loss and labels is None:
        raise InvalidInput(f"`labels` must be given for {' and '.join(with_loss)}: given None")
    chosen = gradients.kernels(model.trainable_variables)

    def computed(inputs: Any, labels: Any) -> dict[str, tf.Tensor]:
        weights = traced_call.values(model.trainable_variables)
        outputs = traced_call.call(model, inputs, training=True, trainable=weights)
        asked: dict[str, tf.Tensor] = {}
        if "naswot" in names:
            asked["naswot"], _ = activation_codes.agreement(activation_codes.units(outputs))
        if "jacob_cov" in names:
            asked["jacob_cov"] = gradients.of_inputs(outputs, keras.tree.flatten(inputs))
        if with_loss:
            answer = outputs[0] if len(outputs) == 1 else outputs
            number = tf.reduce_mean((loss or _cross_entropy)(labels, answer))
            taken = [weights[position] for position in chosen]
            slopes = gradients.of_weights(number, taken)
            asked["grad_norm"] = gradients.norm(slopes)
            asked["snip"] = gradients.saliency(taken, slopes)
        return asked

    given = keras.tree.map_structure(tf.convert_to_tensor, labels) if with_loss else ()
    specs = keras.tree.map_structure(tf.TensorSpec.from_tensor, (batch, given))
    with _not_optimized():
        graph = tf.function(computed, autograph=False).get_concrete_function(*specs)
        answers = graph(batch, given)
    return {name: _VALUES[name](answers[name].numpy()) for name in names}


def _finite(number: np.ndarray) -> float:
    """A gradient that is no number is worth nothing."""
    return float(number) if math.isfinite(number) else -math.inf


_VALUES: Mapping[str, Any] = {
    "naswot": formulas.log_determinant,
    "jacob_cov": formulas.jacobian_correlation,
    "grad_norm": _finite,
    "snip": _finite,
}


def _cross_entropy(labels: tf.Tensor, outputs: Any) -> tf.Tensor:
    if isinstance(outputs, list):
        raise InvalidInput(
            f"`loss` must be given for a network of several outputs: it has {len(outputs)}"
        )
    return keras.losses.sparse_categorical_crossentropy(labels, outputs, from_logits=True)


def _tensor(array: Any) -> tf.Tensor:
    """Numbers with a fraction as float32, others as they are."""
    tensor = tf.convert_to_tensor(array)
    return tf.cast(tensor, tf.float32) if tensor.dtype.is_floating else tensor


@contextlib.contextmanager
def _not_optimized() -> Iterator[None]:
    """Within it a graph runs as it was traced: one that runs once is not worth going over."""
    key = "disable_meta_optimizer"
    before = tf.config.optimizer.get_experimental_options().get(key, False)
    tf.config.optimizer.set_experimental_options({key: True})
    try:
        yield
    finally:
        tf.config.optimizer.set_experimental_options({key: before})
