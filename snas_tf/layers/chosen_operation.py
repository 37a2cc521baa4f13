# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The one operation of an edge that a one-hot row of Z chooses: no other one runs.

Which one that is, is known only when the step runs, so the graph holds all of them, as the branches
of a `tf.switch_case`. In a branch nothing is read from a variable and nothing is written to one:
what the variables hold goes in, output and batch statistics come out. That makes the branches of
all edges of one shape the same function of tensors, which is traced once for all of them, and the
running statistics are updated outside, where replicas and control flow do not meet.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Hashable, Sequence

import tensorflow as tf

from snas_tf.layers.edge_operation import EdgeOperation, EdgeValues
from snas_tf.layers.normalization.normalization_values import NormalizationValues, Statistics
from snas_tf.tensorflow_internals import indexed_case

Values = Sequence[EdgeValues]
"""Of each of the K operations on one edge."""


class ChosenOperation:
    """Runs the chosen operation of an edge; one object for a network, whose edges share graphs.

    They share them within the graph of one step: that of another may be compiled in another way.
    """

    def __init__(self) -> None:
        self._traced = weakref.WeakKeyDictionary()

    def __call__(
        self,
        operations: Sequence[EdgeOperation],
        kind: Hashable,
        values: Values,
        inputs: tf.Tensor,
        row: tf.Tensor,
        training: bool,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Runs it.

        Args:
            operations: The K layers, which are not called and whose variables are not looked at.
            kind: What tells operations that compute different things apart.
            values: What the variables of each operation hold for this edge.
            inputs: The source node, (batch, height, width, channels).
            row: float32 (K,), the one-hot row of Z.
            training: Whether batch normalisation uses the batch's statistics.

        Returns:
            Z^k O^k(inputs) of the chosen k, and float32 (2, R, channels), the means and variances
            of its batch normalisations, R at most; zeros where it has fewer, where one is frozen,
            and where it is not in training.
        """
        traced: dict[Hashable, tf.types.experimental.PolymorphicFunction]
        traced = self._traced.setdefault(tf.compat.v1.get_default_graph(), {})
        key = (kind, training)
        if key not in traced:
            function = functools.partial(_chosen, tuple(operations), training)
            traced[key] = tf.function(function, autograph=False)
        return traced[key](values, inputs, row)


def _chosen(
    operations: Sequence[EdgeOperation],
    training: bool,
    values: Values,
    inputs: tf.Tensor,
    row: tf.Tensor,
) -> tuple[tf.Tensor, tf.Tensor]:
    choice = tf.argmax(row, output_type=tf.int32)
    weight = tf.gather(row, [choice])
    rows = max(len(operation.normalization_layers()) for operation in operations)

    def branch(position: int) -> tuple[tf.Tensor, tf.Tensor]:
        (output,), statistics = operations[position].compute(
            values[position], inputs, weight, training
        )
        return output, _stacked(statistics, rows, output.shape[-1])

    branches = [functools.partial(branch, position) for position in range(len(operations))]
    if tf.executing_eagerly():  # functions are run so for debugging
        return tf.switch_case(choice, branches)
    return indexed_case(choice, branches)  # each branch stays one function for all edges


def _stacked(statistics: list[Statistics | None], rows: int, channels: int) -> tf.Tensor:
    """(2, rows, channels)."""
    present = [  # a frozen one keeps its place
        tf.zeros((2, 1, channels)) if batch is None else tf.stack(batch) for batch in statistics
    ]
    missing = tf.zeros((2, rows - len(present), channels))
    return tf.concat([*present, missing], axis=1)


def values_by_edge(values: EdgeValues) -> list[EdgeValues]:
    """What the variables of an operation on E edges hold, edge by edge.

    Args:
        values: Of the E edges; what all of them share has one row.

    Returns:
        E values, each of one edge.
    """
    count = values.num_edges

    axis = tf.constant(0)  # one for all

    def rows(tensor: tf.Tensor | None) -> list[tf.Tensor | None]:
        if tensor is None:
            return [None] * count
        if tensor.shape[0] != count:
            return [tensor] * count
        return tf.raw_ops.Split(axis=axis, value=tensor, num_split=count)

    kernels = [rows(kernel) for kernel in values.kernels]
    normalizations = [[rows(part) for part in parts] for _, *parts in values.normalizations]
    return [
        EdgeValues(
            1,
            [kernel[edge] for kernel in kernels],
            [NormalizationValues(1, *(part[edge] for part in parts)) for parts in normalizations],
        )
        for edge in range(count)
    ]
