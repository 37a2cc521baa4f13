# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is used of TensorFlow beyond its public names, in one place.

TensorFlow promises nothing about `tensorflow.python` and `tensorflow.core`: setup.py allows the
minor version with which tests/test_tensorflow_internals.py has been run, which says what each name
here must mean.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow.python.eager import record
from tensorflow.python.framework import op_callbacks, op_def_registry
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2
from tensorflow.python.framework.function_def_to_graph import function_def_to_graph
from tensorflow.python.ops import cond_v2, control_flow_util

Tensors = Sequence[tf.Tensor]


def without_tapes() -> AbstractContextManager[None]:
    """Within it no gradient tape records what is computed.

    `tf.GradientTape.stop_recording` stops one tape, which must be known; this stops all of them.
    """
    return record.stop_recording()


def record_gradient(
    name: str, outputs: Tensors, inputs: Tensors, gradient: Callable[..., Tensors]
) -> None:
    """Tells every gradient tape how to differentiate what was computed without them.

    `tf.custom_gradient` adds an identity a tensor to the graph, and zeros to its gradient.

    Args:
        name: What the computation is called.
        outputs: What it answered.
        inputs: What it took.
        gradient: From the gradients of the outputs to those of the inputs, a tensor each; an
            output that nobody asks for has the gradient zero.
    """
    record.record_operation(name, outputs, inputs, gradient)


def indexed_case(choice: tf.Tensor, branches: Sequence[Callable[[], Any]]) -> Any:
    """As `tf.switch_case` in a graph, but each branch stays a function.

    `tf.switch_case` lowers its branches to primitive operations: where many of them are alike,
    each has a copy of every operation, and the first step takes minutes.

    Args:
        choice: int32 scalar, the number of the branch that runs.
        branches: Functions without arguments to the same structure of tensors.

    Returns:
        What the chosen one answers.
    """
    return cond_v2.indexed_case(choice, branches, lower_using_switch_merge=False)


def in_xla_context(graph: tf.Graph) -> bool:
    """Whether XLA is to compile a graph that is being traced, or one around it."""
    return control_flow_util.GraphOrParentsInXlaContext(graph)


def is_stateful(operation: str) -> bool:
    """Whether TensorFlow says of a type of operation that it keeps or reads a state.

    Args:
        operation: The type, such as "MatMul"; one of TensorFlow's own.
    """
    return op_def_registry.get(operation).is_stateful


@contextlib.contextmanager
def watched(visit: Callable[[str, Tensors, Tensors], None]) -> Iterator[None]:
    """Within it every operation that this thread has run eagerly is shown.

    Args:
        visit: Is called with the type of the operation, its inputs and its outputs. What it runs
            itself is not shown.
    """

    visiting = False

    def callback(kind: str, inputs: Tensors, attributes: Any, outputs: Tensors, *_: Any) -> None:
        nonlocal visiting
        if visiting:
            return
        visiting = True
        try:
            visit(kind, inputs, outputs)
        finally:
            visiting = False

    op_callbacks.add_op_callback(callback)
    try:
        yield
    finally:
        op_callbacks.remove_op_callback(callback)


def tensor_id(tensor: tf.Tensor) -> int:
    """The number of an eager tensor, which no other one of this process has or will have."""
    return tensor._id


def called_graph(operation: tf.Operation, function: str, shapes: Sequence[tf.TensorShape]) -> Any:
    """The graph of a function that an operation calls, as a loop does its body.

    Args:
        operation: The operation, in whose graph the function is known.
        function: The function's name.
        shapes: Those of the function's arguments.

    Returns:
        A `tf.Graph` that has `inputs` and `outputs` too.
    """
    graph = operation.graph
    known = {found.signature.name: found for found in graph.as_graph_def().library.function}
    with graph.as_default():  # where the functions that it calls in turn are known
        return function_def_to_graph(
            known[function], input_shapes=[*shapes], include_library_functions=True
        )


def meta_graph(saved_model: bytes) -> tf.compat.v1.MetaGraphDef:
    """The graph, the functions and the signatures of a SavedModel.

    Args:
        saved_model: What its file saved_model.pb holds.
    """
    return saved_model_pb2.SavedModel.FromString(saved_model).meta_graphs[0]


def with_constants(concrete: Any) -> Callable[..., Any]:
    """A concrete function with the variables that it reads as constants in its graph.

    Args:
        concrete: What `tf.function(...).get_concrete_function()` gives; it writes no variable.

    Returns:
        From the same tensors to the list of its outputs, whose names and structure it forgets.
    """
    return convert_variables_to_constants_v2(concrete)
