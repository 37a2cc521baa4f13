# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Which units of a network are on for which inputs, and how many of them two inputs share.

A unit that is rectified (ReLU and its kin) is on where it is above zero. The code of an input is
one bit a unit, and from the codes of a batch follows the kernel of "Neural Architecture Search
without Training" (Mellor, Turner, Storkey, Crowley; ICML 2021; arXiv 2006.04647), its section 3:

    K_ij = N - d(c_i, c_j),

with N units and the Hamming distance d.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from snas_tf.errors import InvalidInput
from snas_tf.networks import traced_call

_RECTIFIERS = ("Relu", "Relu6", "LeakyRelu", "Elu", "Selu")
_EXACT = 2**24
"""Whole numbers up to this are exact in float32, in whatever order they are added."""


def units(outputs: Sequence[tf.Tensor]) -> list[tf.Tensor]:
    """The rectified tensors that outputs depend on, each unit once.

    Found are ReLU, its leaky, capped and exponential kin, and `maximum(x, 0)`, wherever they stand:
    as layers, activations of layers, or plain calls. A PReLU, which is written as two ReLUs of one
    tensor, counts once.

    Args:
        outputs: Of a traced call.

    Returns:
        Tensors (batch, ...), above zero where the unit is on.

    Raises:
        InvalidInput: There are none, or some stand in a loop or branch, where they cannot be told
            apart from input to input.
    """
    operations = traced_call.between(outputs)
    found = [operation for operation in operations if _rectifies(operation)]
    if hidden := [op for op in operations if {*_RECTIFIERS} & traced_call.types_within(op)]:
        raise InvalidInput(
            "activation codes need every ReLU outside of loops and branches: "
            f"{hidden[0].name} ({hidden[0].type}) has some inside"
        )
    if not found:
        raise InvalidInput(
            "activation codes need units that are on or off (ReLU, LeakyReLU, ELU, maximum with "
            "0): the network has none. Networks of GELU, SiLU or tanh have no such codes; do use "
            "another score"
        )
    sources = {_source(operation).ref() for operation in found}
    rectified = {operation.outputs[0].ref() for operation in found}
    return [op.outputs[0] for op in found if not _repeats(op, sources, rectified)]


def agreement(tensors: Sequence[tf.Tensor]) -> tuple[tf.Tensor, int]:
    """The kernel K of a batch, exactly.

    With p_i the bits of an input in one tensor of D units, and r_i how many of them are on, that
    tensor adds D - r_i - r_j + 2 p_i . p_j to K_ij.

    Args:
        tensors: From `units`, all of one batch.

    Returns:
        K, float64 (batch, batch) of whole numbers; and N, the number of units.
    """
    kernels, count = [], 0
    for tensor in tensors:
        size = int(np.prod(tensor.shape[1:]))
        bits = tf.cast(tensor > 0, tf.float32)
        bits = tf.reshape(bits, (tensor.shape[0], size))
        count += size
        for start in range(0, size, _EXACT):
            part = bits if size <= _EXACT else bits[:, start : start + _EXACT]
            both = tf.cast(tf.matmul(part, part, transpose_b=True), tf.float64)
            ones = tf.linalg.diag_part(both)
            kernels.append(part.shape[1] - ones[:, None] - ones[None] + 2 * both)
    return tf.add_n(kernels), count


def _rectifies(operation: tf.Operation) -> bool:
    if operation.type == "Maximum":
        return any(_is_zero(tensor) for tensor in operation.inputs)
    return operation.type in _RECTIFIERS


def _source(operation: tf.Operation) -> tf.Tensor:
    """What is rectified."""
    if operation.type == "Maximum" and _is_zero(operation.inputs[0]):
        return operation.inputs[1]
    return operation.inputs[0]


def _repeats(operation: tf.Operation, sources: set, rectified: set) -> bool:
    """Whether its units are on or off as those of another one that was found are.

    It rectifies the negative of what the other one does (a leaky slope is written so), or what the
    other one left, capped perhaps (which is written as a maximum, too).
    """
    source = _source(operation)
    if source.op.type == "Neg":
        return source.op.inputs[0].ref() in sources
    while source.op.type in ("Identity", "Minimum"):
        source = source.op.inputs[0]
    return source.ref() in rectified


def _is_zero(tensor: tf.Tensor) -> bool:
    value = tf.get_static_value(tensor)
    return value is not None and not np.any(value)
