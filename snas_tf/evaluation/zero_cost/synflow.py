# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""`synflow`: how much of a constant input flows through the weights.

By Tanaka, Kunin, Yamins and Ganguli (NeurIPS 2020; arXiv 2006.05467). With the absolute values of
all weights, R is the sum of the outputs for an input of ones, and the score log sum |w dR/dw|.
Biases and the shifts of normalisations are left out, and normalisations have the statistics 0 and
1, those of a network that has learnt nothing. So R is linear in the input, and can be computed in
float32: where it is too large for that, input and output are made smaller by a known factor.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import keras
import tensorflow as tf

from snas_tf.errors import InvalidInput
from snas_tf.evaluation.zero_cost import gradients
from snas_tf.networks.recorded_call import Record, reached

_EXPONENTS = (0, -60, -110)  # of two; float32 begins at -126
_BENT = {
    *("Erf", "Exp", "Expm1", "Log", "Log1p", "LogSoftmax", "Pow", "Relu6", "Rsqrt"),
    *("Sigmoid", "Softmax", "Softplus", "Softsign", "Sqrt", "Square", "Tanh"),
}
"""Operations that bend even what is positive, as Elu and Selu do not."""
_PRODUCTS = ("BatchMatMulV2", "BatchMatMulV3", "Einsum", "MatMul", "Mul", "RealDiv", "Sub")


def synflow(model: keras.Model, specs: Sequence[tf.TensorSpec], structure: object) -> float:
    """The score of a built model.

    Args:
        model: Any Keras model.
        specs: Of its inputs, flat, each of one example.
        structure: The nest in which it takes them.

    Returns:
        The logarithm of the flow; -inf where nothing flows.

    Raises:
        InvalidInput: The model bends what flows through it, so that the flow is not defined.
    """
    weights = [_absolute(variable) for variable in model.trainable_variables]
    fixed = [_untrained(variable) for variable in model.non_trainable_variables]
    chosen = [weights[position] for position in gradients.kernels(model.trainable_variables)]
    for exponent in _EXPONENTS:
        scale = 2.0**exponent
        ones = [tf.fill(spec.shape, tf.cast(scale, spec.dtype)) for spec in specs]
        record = Record()
        with tf.GradientTape() as tape:
            tape.watch(chosen)
            outputs = record.call(
                model,
                keras.tree.pack_sequence_as(structure, ones),
                training=False,
                trainable=weights,
                fixed=fixed,
            )
            flow = scale * gradients.total(outputs)
        _refuse_bent(record, outputs, ones)
        found = gradients.saliency(chosen, gradients.of(tape, flow, chosen))
        if math.isfinite(found):
            return math.log(found) - 2 * exponent * math.log(2) if found > 0 else -math.inf
    raise InvalidInput(f"synflow of {model.name!r} is too large for float32, however it is scaled")


def _absolute(variable: keras.Variable) -> tf.Tensor:
    value = tf.convert_to_tensor(variable.value)
    return tf.zeros_like(value) if variable.name in ("beta", "bias") else tf.abs(value)


def _untrained(variable: keras.Variable) -> tf.Tensor:
    """What Keras's normalisations begin with; any other state stays."""
    value = tf.convert_to_tensor(variable.value)
    fresh = {"moving_mean": tf.zeros_like, "moving_variance": tf.ones_like}
    return fresh.get(variable.name, tf.identity)(value)


def _refuse_bent(record: Record, outputs: Sequence[tf.Tensor], inputs: Sequence[tf.Tensor]) -> None:
    """Refuses what is not linear in a positive input."""
    path = record.between(outputs, inputs)
    flowing = reached(path, inputs)
    for operation in path:
        several = sum(tensor in flowing for tensor in operation.inputs) > 1
        if operation.kind in _BENT or (several and operation.kind in _PRODUCTS):
            raise InvalidInput(
                "synflow needs a network that is linear where all is positive (convolutions, ReLU, "
                "pooling, batch normalisation), of logits: this one has an operation of the type "
                f"{operation.kind}; do use another score, or the network without its softmax"
            )
