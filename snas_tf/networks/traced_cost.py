# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What any Keras model costs, by a rule over the operations of a traced call.

The rule reads shapes and computes nothing. TensorFlow's own profiler counts a grouped convolution
wrongly, and of a recurrent layer one step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from snas_tf.errors import InvalidInput
from snas_tf.networks import traced_call
from snas_tf.networks.traced_call import elements
from snas_tf.tensorflow_internals import called_graph

_ALIASES = ("Identity", "Reshape", "Squeeze", "ExpandDims", "StopGradient")
"""Operations whose output lies in their input's memory."""


def multiply_adds(model: keras.Model, inputs: Any = None) -> int:
    """The multiply-adds of a model for one example, in inference mode.

    Convolutions of all kinds, products of matrices and `einsum` count, at every position of the
    output, those over padding included; what else there is (additions, normalisation, pooling,
    activation) does not. Of a loop each round counts, of branches the one that costs most.

    Args:
        model: Any Keras model.
        inputs: A batch for it, of which the shapes count; None where the model knows them.

    Returns:
        The number, exactly.

    Raises:
        InvalidInput: A shape, or how often a loop goes round, is not known in advance.
    """
    _, outputs, size = _traced(model, inputs)
    return _multiply_adds(outputs) // size


def peak_activation_bytes(model: keras.Model, inputs: Any = None) -> int:
    """The most bytes of activations that are held at once for one example, in inference mode.

    The rule: operations run one after the other in the order in which the model calls them, each
    writes new tensors, and a tensor is held from there to its last use. Inputs and outputs count,
    weights and what is computed of weights alone do not; to reshape takes no memory. A device may
    do better, writing over an input, or worse.

    Args:
        model: Any Keras model.
        inputs: As for `multiply_adds`.

    Returns:
        The number by this rule, exactly.

    Raises:
        InvalidInput: A shape is not known in advance.
    """
    tensors, outputs, size = _traced(model, inputs)
    return _peak_bytes(tensors, outputs) // size


def _traced(model: keras.Model, inputs: Any) -> tuple[list[tf.Tensor], list[tf.Tensor], int]:
    """Inputs and outputs of a traced call, and the number of its examples."""
    if inputs is not None:
        traced_call.build(model, inputs)
    specs = traced_call.specs(model, inputs)
    found: dict[str, list[tf.Tensor]] = {}

    def trace(tensors: Any) -> list[tf.Tensor]:
        found["inputs"] = keras.tree.flatten(tensors)
        found["outputs"] = traced_call.call(model, tensors, training=False)
        return found["outputs"]

    tf.function(trace, autograph=False).get_concrete_function(specs)
    return found["inputs"], found["outputs"], keras.tree.flatten(specs)[0].shape[0]


def _multiply_adds(outputs: Sequence[tf.Tensor]) -> int:
    return sum(_of_operation(operation) for operation in traced_call.between(outputs))


def _of_operation(operation: tf.Operation) -> int:
    if rule := _RULES.get(operation.type):
        return rule(operation)
    called = [_multiply_adds(graph.outputs) for graph in _called_graphs(operation)]
    if not any(called):
        return 0
    if operation.type in _LOOPS:
        return _rounds(operation) * called[0]
    return max(called)


_LOOPS = ("While", "StatelessWhile")
_BRANCHES = {"If": 1, "StatelessIf": 1, "Case": 1, "StatelessCase": 1}
_CALLED = ("PartitionedCall", "StatefulPartitionedCall")


def _called_graphs(operation: tf.Operation) -> Iterator[Any]:
    """The functions that an operation runs, or one of which it runs."""
    kind = operation.type
    if kind in _LOOPS:
        functions = [operation.get_attr("body")]
    elif kind in ("If", "StatelessIf"):
        functions = [operation.get_attr(name) for name in ("then_branch", "else_branch")]
    elif kind in ("Case", "StatelessCase"):
        functions = operation.get_attr("branches")
    elif kind in _CALLED:
        functions = [operation.get_attr("f")]
    else:
        return
    shapes = [tensor.shape for tensor in operation.inputs][_BRANCHES.get(kind, 0) :]
    for function in functions:
        yield called_graph(operation, function.name, shapes)


def _rounds(loop: tf.Operation) -> int:
    """How often a loop goes round, at most; Keras's recurrent layers go round so often."""
    rounds = _static(loop.inputs[1])  # the second is `maximum_iterations`
    if rounds is None or rounds < 0:
        raise InvalidInput(
            f"how often the loop {loop.name} goes round must be known in advance: it has no "
            "`maximum_iterations` that is constant"
        )
    return int(rounds)


def _static(number: tf.Tensor) -> int | None:
    """A constant scalar, and one that TensorFlow itself does not see through: its own maximum."""
    while number.op.type in ("Identity", "Max") and number.op.inputs[0].shape.rank == 0:
        number = number.op.inputs[0]
    return tf.get_static_value(number)


def _convolution(operation: tf.Operation) -> int:
    """An output channel is a product with its kernel, of the channels of its group."""
    kernel = operation.inputs[1]
    return _positions(operation) * elements(kernel) // kernel.shape[-1]


def _depthwise(operation: tf.Operation) -> int:
    height, width, _, _ = operation.inputs[1].shape
    return _positions(operation) * height * width


def _positions(operation: tf.Operation) -> int:
    """Elements of the output; where dilation is written as a smaller grid, of that put together."""
    (output,) = operation.outputs
    following = output.consumers()
    if len(following) == 1 and following[0].type == "BatchToSpaceND":
        return elements(following[0].outputs[0])
    return elements(output)


def _transposed(operation: tf.Operation) -> int:
    """An input channel is multiplied with its kernel, of the channels of its group."""
    _, kernel, inputs = operation.inputs
    return elements(inputs) * elements(kernel) // kernel.shape[-1]


def _transposed_depthwise(operation: tf.Operation) -> int:
    _, kernel, inputs = operation.inputs
    return elements(inputs) * kernel.shape[0] * kernel.shape[1]


def _product(operation: tf.Operation) -> int:
    first = operation.inputs[0].shape
    return elements(operation.outputs[0]) * first[0 if operation.get_attr("transpose_a") else 1]


def _batch_product(operation: tf.Operation) -> int:
    first = operation.inputs[0].shape
    return elements(operation.outputs[0]) * first[-2 if operation.get_attr("adj_x") else -1]


def _einsum(operation: tf.Operation) -> int:
    """All indices together; one tensor alone is summed up or turned, not multiplied."""
    if len(operation.inputs) < 2:
        return 0
    equation = operation.get_attr("equation").decode().replace(" ", "").partition("->")[0]
    sizes: dict[str, int] = {}
    for labels, tensor in zip(equation.split(","), operation.inputs, strict=True):
        elements(tensor)  # refuses an unknown shape
        before, dots, after = labels.partition("...")
        middle = len(tensor.shape) - len(before) - len(after)
        # Ellipses are aligned at their ends.
        names = [*before, *(f"...{middle - i}" for i in range(middle) if dots), *after]
        for name, length in zip(names, tensor.shape, strict=True):
            sizes[name] = max(sizes.get(name, 1), length)
    return math.prod(sizes.values())


_RULES: Mapping[str, Callable[[tf.Operation], int]] = {
    "BatchMatMul": _batch_product,
    "BatchMatMulV2": _batch_product,
    "BatchMatMulV3": _batch_product,
    "Conv": _convolution,
    "Conv2D": _convolution,
    "Conv2DBackpropInput": _transposed,
    "Conv3D": _convolution,
    "Conv3DBackpropInputV2": _transposed,
    "DepthwiseConv2dNative": _depthwise,
    "DepthwiseConv2dNativeBackpropInput": _transposed_depthwise,
    "Einsum": _einsum,
    "MatMul": _product,
}


def _peak_bytes(inputs: Sequence[tf.Tensor], outputs: Sequence[tf.Tensor]) -> int:
    """The greatest sum of what is held, over the operations."""
    operations = traced_call.between(outputs, inputs)
    owners = _owners(operations)

    def owner(tensor: tf.Tensor) -> Any:
        return owners.get(tensor.ref(), tensor.ref())

    last_use: dict[Any, int] = {}
    for step, operation in enumerate(operations):
        last_use.update((owner(tensor), step) for tensor in operation.inputs)
    last_use.update((owner(tensor), len(operations)) for tensor in outputs)
    held = {tensor.ref(): _bytes(tensor) for tensor in inputs}
    peak = sum(held.values())
    for step, operation in enumerate(operations):
        if operation.type in ("Placeholder", *_ALIASES):
            continue
        used = [tensor for tensor in operation.outputs if tensor.ref() in last_use]
        held.update((tensor.ref(), _bytes(tensor)) for tensor in used)
        within = [_peak_bytes(graph.inputs, graph.outputs) for graph in _called_graphs(operation)]
        arguments = sum(map(_bytes, operation.inputs)) if within else 0  # held already
        peak = max(peak, sum(held.values()) + max(0, max(within, default=0) - arguments))
        held = {tensor: size for tensor, size in held.items() if last_use.get(tensor, step) > step}
    return peak


def _owners(operations: Sequence[tf.Operation]) -> dict[Any, Any]:
    """Whose memory the output of an alias lies in."""
    owners: dict[Any, Any] = {}
    for operation in operations:
        if operation.type in _ALIASES and operation.inputs:
            source = operation.inputs[0].ref()
            owners[operation.outputs[0].ref()] = owners.get(source, source)
    return owners


def _bytes(tensor: tf.Tensor) -> int:
    """Of a tensor that lies in memory; handles of variables and lists do not."""
    if tensor.dtype in (tf.resource, tf.variant, tf.string):
        return 0
    return elements(tensor) * tensor.dtype.size
