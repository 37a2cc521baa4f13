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

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from snas_tf.errors import InvalidInput
from snas_tf.networks.recorded_call import Operation, Record

_RECTIFIERS = ("Relu", "Relu6", "LeakyRelu", "Elu", "Selu")
_SAME = ("Identity", "Minimum")
_EXACT = 2**24
"""Whole numbers up to this are exact in float32, in whatever order they are added."""


class _Units(NamedTuple):
    """The units of one rectified tensor.

    Attributes:
        operation: What rectified it.
        source: What was rectified.
        size: How many units.
        both: float64 (batch, batch), the units that are on for both of two inputs.
    """

    operation: Operation
    source: int
    size: int
    both: tf.Tensor


class ActivationCodes:
    """Watches a call of a model for its units.

    Found are ReLU, its leaky, capped and exponential kin, and `maximum(x, 0)`, wherever they stand:
    as layers, activations of layers, or plain calls. A PReLU, which is written as two ReLUs of one
    tensor, counts once.
    """

    def __init__(self) -> None:
        self._record = Record(self._visit)
        self._found: list[_Units] = []
        self._both: dict[int, tf.Tensor] = {}

    def call(self, model: keras.Model, inputs: Any, **options: Any) -> list[tf.Tensor]:
        """Calls a model, once; see `Record.call`."""
        return self._record.call(model, inputs, **options)

    def kernel(self, outputs: Sequence[tf.Tensor]) -> tuple[np.ndarray, int]:
        """The kernel K of the batch, exactly, of all units that outputs depend on.

        With r_i units on for an input, and s_ij on for both of two, K_ij = N - r_i - r_j + 2 s_ij.

        Args:
            outputs: Of the call.

        Returns:
            K, float64 (batch, batch) of whole numbers; and N, the number of units.

        Raises:
            InvalidInput: There are no such units.
        """
        needed = {id(operation) for operation in self._record.between(outputs)}
        found = [units for units in self._found if id(units.operation) in needed]
        sources = {units.source for units in found}
        rectified = {units.operation.outputs[0] for units in found}
        found = [units for units in found if not self._repeats(units.source, sources, rectified)]
        if not found:
            raise InvalidInput(
                "activation codes need units that are on or off (ReLU, LeakyReLU, ELU, maximum "
                "with 0): the network has none. Networks of GELU, SiLU or tanh have no such codes; "
                "do use another score"
            )
        count = sum(units.size for units in found)
        both = np.sum([units.both.numpy() for units in found], axis=0)
        ones = np.diag(both)
        return count - ones[:, None] - ones[None] + 2 * both, count

    def _visit(
        self, operation: Operation, inputs: Sequence[tf.Tensor], outputs: Sequence[tf.Tensor]
    ) -> None:
        source = 0
        if operation.kind == "Maximum":
            zeros = [_is_zero(tensor) for tensor in inputs]
            if not any(zeros):
                return
            source = zeros.index(False) if False in zeros else 0
        elif operation.kind not in _RECTIFIERS:
            return
        number = operation.inputs[source]
        if number not in self._both:  # several edges rectify one node
            self._both[number] = _on_for_both(outputs[0])
        size = math.prod(outputs[0].shape[1:])
        self._found.append(_Units(operation, number, size, self._both[number]))

    def _repeats(self, source: int, sources: set[int], rectified: set[int]) -> bool:
        """Whether units are on or off as those of another tensor that was found are.

        It rectifies the negative of what the other one does (a leaky slope is written so), or what
        the other one left, capped perhaps (which is written as a maximum, too).
        """
        maker = self._record.makers.get(source)
        if maker is not None and maker.kind == "Neg":
            return maker.inputs[0] in sources
        while maker is not None and maker.kind in _SAME and source not in rectified:
            source = maker.inputs[0]
            maker = self._record.makers.get(source)
        return source in rectified


def _on_for_both(tensor: tf.Tensor) -> tf.Tensor:
    """float64 (batch, batch), the units that are above zero for both of two inputs."""
    bits = tf.reshape(tf.cast(tensor > 0, tf.float32), (tensor.shape[0], -1))
    parts = [bits[:, start : start + _EXACT] for start in range(0, bits.shape[1], _EXACT)]
    products = [tf.matmul(part, part, transpose_b=True) for part in parts]
    return tf.add_n([tf.cast(product, tf.float64) for product in products])


def _is_zero(tensor: tf.Tensor) -> bool:
    """Whether it is a constant 0, and no tensor that happens to be."""
    return tensor.shape.rank == 0 and not tensor.numpy()
