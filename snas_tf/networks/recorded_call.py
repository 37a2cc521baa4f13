# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A call of any Keras model, run at once, with a record of the operations that it ran.

For what is computed once: to trace a graph and to prepare it takes several times as long as to run
the operations one by one. Loops and branches are in the record as they went.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Sequence
from typing import Any

import keras
import tensorflow as tf

from snas_tf.networks import traced_call
from snas_tf.tensorflow_internals import tensor_id, watched


@dataclasses.dataclass(frozen=True, slots=True)
class Operation:
    """An operation that has run; tensors by their numbers, for they may be gone.

    Attributes:
        kind: Its type, such as "Relu".
        inputs: What it took.
        outputs: What it gave.
    """

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


Visit = Callable[[Operation, Sequence[tf.Tensor], Sequence[tf.Tensor]], None]
"""Is shown an operation with the tensors themselves, which are gone once nobody holds them."""


class Record:
    """The operations of a call, in their order.

    Attributes:
        operations: All of them.
        makers: The operation that gave each tensor.

    Args:
        visit: Is shown each operation as it has run; None for nobody.
    """

    def __init__(self, visit: Visit | None = None) -> None:
        self.operations: list[Operation] = []
        self.makers: dict[int, Operation] = {}
        self._visit = visit

    def call(self, model: keras.Model, inputs: Any, **options: Any) -> list[tf.Tensor]:
        """Calls a model.

        Args:
            model: A built Keras model.
            inputs: Tensors, in the model's structure.
            **options: As for `traced_call.call`.

        Returns:
            Its outputs, flat.
        """
        with watched(self._add):
            return traced_call.call(model, inputs, **options)

    def between(
        self, outputs: Sequence[tf.Tensor], inputs: Sequence[tf.Tensor] | None = None
    ) -> list[Operation]:
        """The operations that outputs were computed by, in their order.

        Args:
            outputs: Of the call.
            inputs: Leave out what does not depend on one of these; None to leave out nothing.
        """
        needed, waiting = set(), [*_numbers(outputs)]
        while waiting:
            tensor = waiting.pop()
            if tensor not in needed:
                needed.add(tensor)
                waiting += self.makers[tensor].inputs if tensor in self.makers else ()
        ordered = [each for each in self.operations if not needed.isdisjoint(each.outputs)]
        if inputs is None:
            return ordered
        reached = {*_numbers(inputs)}
        path = []
        for operation in ordered:
            if not reached.isdisjoint(operation.inputs):
                reached.update(operation.outputs)
                path.append(operation)
        return path

    def _add(self, kind: str, inputs: Sequence[tf.Tensor], outputs: Sequence[tf.Tensor]) -> None:
        operation = Operation(kind, _numbers(inputs), _numbers(outputs))
        self.operations.append(operation)
        self.makers.update((tensor, operation) for tensor in operation.outputs)
        if self._visit is not None:
            self._visit(operation, inputs, outputs)


def reached(path: Collection[Operation], inputs: Sequence[tf.Tensor]) -> set[int]:
    """The tensors on a path that depend on inputs: these, and what its operations gave.

    Args:
        path: From `Record.between` with these inputs.
        inputs: The inputs.
    """
    return {*_numbers(inputs), *(tensor for each in path for tensor in each.outputs)}


def _numbers(tensors: Sequence[tf.Tensor]) -> tuple[int, ...]:
    return tuple(tensor_id(tensor) for tensor in tensors)
