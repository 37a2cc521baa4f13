# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a SavedModel computes when it answers, looked up in its graph.

The same question must get the same answer, from every copy of a server, with the libraries that a
server has: no operation may draw at random, keep state, or come from elsewhere than TensorFlow.
"""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterable, Iterator

import tensorflow as tf

from snas_tf.errors import Failure
from snas_tf.tensorflow_internals import is_stateful, meta_graph

_RANDOM = re.compile("Random|Multinomial|TruncatedNormal|Rng|Dropout")
# TensorFlow calls these stateful. They read the weights, call functions, or check.
_HARMLESS = frozenset(
    {"Assert", "If", "ReadVariableOp", "StatefulPartitionedCall", "VarHandleOp", "While"}
)
_ELSEWHERE = frozenset({"MatchingFiles", "PrintV2", "ReadFile", "WriteFile"})


def operations(saved_model: pathlib.Path) -> set[str]:
    """The types of all operations that some signature can reach.

    Args:
        saved_model: The folder of the SavedModel.
    """
    return {node.op for node in _reached(_meta_graph(saved_model))}


def check(saved_model: pathlib.Path) -> int:
    """Refuses a SavedModel whose answers depend on anything but the request.

    Args:
        saved_model: The folder of the SavedModel.

    Returns:
        How many types of operations were looked at.

    Raises:
        Failure: An operation draws at random, keeps state, uses files, or is none of TensorFlow's
            own.
    """
    types = operations(saved_model)
    own = {name for name in types if hasattr(tf.raw_ops, name)}
    # What the model records of its operations leaves out those of functions within functions.
    stateful = set(filter(is_stateful, own))
    wrong = {
        "are none of TensorFlow's own": types - own,
        "draw at random": {name for name in types if _RANDOM.search(name)},
        "keep state": stateful - _HARMLESS,
        "read or write elsewhere": types & _ELSEWHERE,
    }
    for what, names in wrong.items():
        if names:
            raise Failure(
                f"the written SavedModel has operations that {what}: {', '.join(sorted(names))}"
            )
    return len(types)


def _meta_graph(saved_model: pathlib.Path) -> tf.compat.v1.MetaGraphDef:
    return meta_graph((saved_model / "saved_model.pb").read_bytes())


def _reached(meta_graph: tf.compat.v1.MetaGraphDef) -> Iterator[tf.compat.v1.NodeDef]:
    """The nodes behind the outputs of all signatures, those of functions included."""
    nodes = {node.name: node for node in meta_graph.graph_def.node}
    functions = {each.signature.name: each for each in meta_graph.graph_def.library.function}
    todo = [
        _name(output.name)
        for signature in meta_graph.signature_def.values()
        if signature.method_name
        for output in signature.outputs.values()
    ]
    seen, called = set(), []
    while todo:
        node = nodes[todo.pop()]
        if node.name in seen:
            continue
        seen.add(node.name)
        todo += map(_name, node.input)
        called += _functions_of(node)
        yield node
    seen = set()
    while called:
        name = called.pop()
        if name in seen:
            continue
        seen.add(name)
        for node in functions[name].node_def:
            called += _functions_of(node)
            yield node


def _name(tensor: str) -> str:
    """The node of a tensor or of a control input."""
    return tensor.removeprefix("^").partition(":")[0]


def _functions_of(node: tf.compat.v1.NodeDef) -> Iterable[str]:
    for attribute in node.attr.values():
        if attribute.HasField("func"):
            yield attribute.func.name
        yield from (function.name for function in attribute.list.func)
