# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A call of any Keras model that changes nothing, with all of TensorFlow's operations in view.

What a model is made of does not matter: a functional one, a subclass, models within models. The
call is `stateless_call`, so nothing of the model changes; TensorFlow's functions within it are
inlined, and the custom C++ ops, which hide what they compute, are left out unless they are asked
for.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import tensorflow as tf

from snas_tf import native
from snas_tf.errors import InvalidInput


def specs(model: keras.Model, inputs: Any = None) -> Any:
    """What the model takes, one example at a time.

    Args:
        model: Any Keras model.
        inputs: A batch for it, array, tensor or a nest of them; None to go by the model's own
            inputs.

    Returns:
        `tf.TensorSpec` with 1 in place of the size of the batch, or the size that the model
        insists on.

    Raises:
        InvalidInput: No inputs are given, and the model does not know their whole shape.
    """
    if inputs is not None:
        return keras.tree.map_structure(lambda array: _one(array.shape[1:], array.dtype), inputs)
    try:
        # That of a Sequential model is the one of its list.
        known = model.inputs[0] if isinstance(model, keras.Sequential) else model.input
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise _unknown(model) from error

    def of(tensor: keras.KerasTensor) -> tf.TensorSpec:
        if None in tensor.shape[1:]:
            raise _unknown(model)
        return _one(tensor.shape[1:], tensor.dtype, tensor.shape[0] or 1)

    return keras.tree.map_structure(of, known)


def build(model: keras.Model, inputs: Any) -> None:
    """Creates the weights of a model that has not yet been called; any other is left as it is.

    Args:
        model: Any Keras model.
        inputs: A batch for it.
    """
    if not model.built:
        model(keras.tree.map_structure(lambda array: array[:1], inputs), training=False)


def call(
    model: keras.Model,
    inputs: Any,
    *,
    training: bool,
    trainable: Sequence[tf.Tensor] | None = None,
    fixed: Sequence[tf.Tensor] | None = None,
    native_operations: bool = False,
) -> list[tf.Tensor]:
    """Calls a model, in the graph that is being traced or eagerly.

    Args:
        model: A built Keras model.
        inputs: Tensors, in the model's structure.
        training: As for Keras.
        trainable: Values in place of those of the trainable weights, in their order.
        fixed: Likewise, of all others.
        native_operations: Whether custom C++ ops may compute, where they are in use.

    Returns:
        Its outputs, flat.
    """
    if trainable is None:
        trainable = values(model.trainable_variables)
    if fixed is None:
        fixed = values(model.non_trainable_variables)
    with (
        _inlined(),
        contextlib.nullcontext() if native_operations else _without_native_operations(),
    ):
        outputs, _ = model.stateless_call(trainable, fixed, inputs, training=training)
    return [tf.convert_to_tensor(output) for output in keras.tree.flatten(outputs)]


def values(variables: Sequence[keras.Variable]) -> list[tf.Tensor]:
    """What variables hold, as tensors."""
    return [tf.convert_to_tensor(variable.value) for variable in variables]


def between(
    outputs: Sequence[tf.Tensor], inputs: Sequence[tf.Tensor] | None = None
) -> list[tf.Operation]:
    """The operations that outputs are computed by, in the order in which they were traced.

    Args:
        outputs: Tensors of one graph.
        inputs: Leave out what does not depend on one of these; None to leave out nothing.
    """
    needed: dict[tf.Operation, None] = {}
    waiting = [output.op for output in outputs]
    while waiting:
        operation = waiting.pop()
        if operation not in needed:
            needed[operation] = None
            waiting.extend(tensor.op for tensor in operation.inputs)
    ordered = [op for op in outputs[0].graph.get_operations() if op in needed] if outputs else []
    if inputs is None:
        return ordered
    reached = {tensor.op for tensor in inputs}
    for operation in ordered:  # whoever uses a tensor is traced after it
        if any(tensor.op in reached for tensor in operation.inputs):
            reached.add(operation)
    return [operation for operation in ordered if operation in reached]


def elements(tensor: tf.Tensor) -> int:
    """The number of elements of a tensor.

    Raises:
        InvalidInput: Its shape is not known before it is computed.
    """
    if not tensor.shape.is_fully_defined():
        raise InvalidInput(
            f"the shape of {tensor.name} must be known from the shapes of the inputs: it is "
            f"{tensor.shape}"
        )
    return math.prod(tensor.shape.as_list())


def _one(shape: Sequence[int], dtype: Any, size: int = 1) -> tf.TensorSpec:
    return tf.TensorSpec((size, *shape), dtype)


def _unknown(model: keras.Model) -> InvalidInput:
    return InvalidInput(
        f"the shape of the inputs of {model.name!r} must be known: do give `inputs`, a batch for it"
    )


@contextlib.contextmanager
def _inlined() -> Iterator[None]:
    """Within it a `tf.function` that is called leaves its operations in the graph around it."""
    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(before)


@contextlib.contextmanager
def _without_native_operations() -> Iterator[None]:
    before = native.wanted()
    native.use(False)
    try:
        yield
    finally:
        native.use(before)
