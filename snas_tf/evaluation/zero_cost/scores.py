# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Scores of a network that has learnt nothing, from one batch: greater is meant to be better.

On NAS-Bench-201 the number of parameters alone ranks networks as well as NASWOT does, so where
scores are shown, parameters and multiply-adds stand beside them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
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
    inputs, codes = keras.tree.flatten(batch), activation_codes.ActivationCodes()
    weights = traced_call.values(model.trainable_variables)
    chosen = [weights[position] for position in gradients.kernels(model.trainable_variables)]
    found: dict[str, float] = {}
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(inputs if "jacob_cov" in names else [])
        tape.watch(chosen if with_loss else [])
        outputs = codes.call(model, batch, training=True, trainable=weights, native_operations=True)
        total = gradients.total(outputs)
        if with_loss:
            number = tf.reduce_mean((loss or _cross_entropy)(labels, _answer(outputs)))
    if "naswot" in names:
        found["naswot"] = formulas.log_determinant(codes.kernel(outputs)[0])
    if "jacob_cov" in names:
        slopes = gradients.rows(gradients.of(tape, total, inputs))
        found["jacob_cov"] = formulas.jacobian_correlation(slopes)
    if with_loss:
        slopes = gradients.of(tape, number, chosen)
        found["grad_norm"] = _worth(gradients.norm(slopes))
        found["snip"] = _worth(gradients.saliency(chosen, slopes))
    return found


def _worth(number: float) -> float:
    """A gradient that is no number is worth nothing."""
    return number if math.isfinite(number) else -math.inf


def _answer(outputs: list[tf.Tensor]) -> Any:
    return outputs[0] if len(outputs) == 1 else outputs


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
