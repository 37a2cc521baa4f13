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
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from snas_tf.errors import InvalidInput
from snas_tf.networks.recorded_call import Operation, Record

_RECTIFIERS = ("Relu", "Relu6", "LeakyRelu", "Elu", "Selu")
_SAME = ("Identity", "Minimum")
_CONVOLUTION, _SEPARABLE = "SnasConvolution", "SnasSeparableConvolution"
"""Custom C++ ops that rectify what they take; the second one also what is between its stages."""

_EXACT = 2**24
"""Whole numbers up to this are exact in float32, in whatever order they are added."""


class _Units(NamedTuple):
    """The units of one rectified tensor.

    Attributes:
        operation: What rectified it.
        source: What was rectified.
        size: How many units.
        both: float64 (batch, batch), the units that are on for both of two inputs.
        rectified: What that gave, None where it is seen within an operation alone.
    """

    operation: Operation
    source: int
    size: int
    both: tf.Tensor
    rectified: int | None


class ActivationCodes:
    """Watches a call of a model for its units.

    Found are ReLU, its leaky, capped and exponential kin, and `maximum(x, 0)`, wherever they stand:
    as layers, activations of layers, or plain calls, also within this package's custom C++ ops. A
    PReLU, which is written as two ReLUs of one tensor, counts once.
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
        rectified = {units.rectified for units in found}
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
        if operation.kind == _CONVOLUTION:
            self._add(operation, operation.inputs[0], inputs[0], None)
            return
        if operation.kind == _SEPARABLE:
            self._add(operation, operation.inputs[0], inputs[0], None)
            for number, tensor in _between_stages(operation, inputs, outputs):
                self._add(operation, number, tensor, None)
            return
        if operation.kind == "Maximum":
            zeros = [_is_zero(tensor) for tensor in inputs]
            if not any(zeros):
                return
            source = zeros.index(False) if False in zeros else 0
        elif operation.kind not in _RECTIFIERS:
            return
        self._add(operation, operation.inputs[source], outputs[0], operation.outputs[0])

    def _add(
        self, operation: Operation, source: int, tensor: tf.Tensor, rectified: int | None
    ) -> None:
        """Adds the units of a tensor, those above zero; it may be what comes of rectifying it."""
        if source not in self._both:  # several edges rectify one node
            self._both[source] = _on_for_both(tensor)
        size = math.prod(tensor.shape[1:])
        self._found.append(_Units(operation, source, size, self._both[source], rectified))

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


def _between_stages(
    operation: Operation, inputs: Sequence[tf.Tensor], outputs: Sequence[tf.Tensor]
) -> Iterator[tuple[int, tf.Tensor]]:
    """What separable convolutions on E edges rectify between their S stages.

    They take images, S kernels, S mixing matrices, and for each stage but the last scales and
    offsets of its normalisation, (E, channels); they give E products, (S - 1) E inner ones, and for
    each stage means, variances and inverse deviations.
    """
    stages = (len(inputs) + 1) // 4
    scales = inputs[1 + 2 * stages : 3 * stages]
    offsets = inputs[3 * stages :]
    statistics = outputs[len(outputs) - 3 * stages :]
    edges = (len(outputs) - 3 * stages) // stages
    for stage, (scale, offset) in enumerate(zip(scales, offsets, strict=True)):
        slope = scale * statistics[2 * stages + stage]
        for edge in range(edges):
            place = edges * (1 + stage) + edge
            shift = offset[edge] - slope[edge] * statistics[stage][edge]
            yield operation.outputs[place], outputs[place] * slope[edge] + shift


def _on_for_both(tensor: tf.Tensor) -> tf.Tensor:
    """float64 (batch, batch), the units that are above zero for both of two inputs."""
    bits = tf.reshape(tf.cast(tensor > 0, tf.float32), (tensor.shape[0], -1))
    parts = [bits[:, start : start + _EXACT] for start in range(0, bits.shape[1], _EXACT)]
    products = [tf.matmul(part, part, transpose_b=True) for part in parts]
    return tf.add_n([tf.cast(product, tf.float64) for product in products])


def _is_zero(tensor: tf.Tensor) -> bool:
    """Whether it is a constant 0, and no tensor that happens to be."""
    return tensor.shape.rank == 0 and not tensor.numpy()
