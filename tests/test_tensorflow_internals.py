# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the private names of TensorFlow that are used must mean."""

import ast
import pathlib

import numpy as np
import pytest
import tensorflow as tf

from snas_tf import tensorflow_internals as internals

PACKAGE = pathlib.Path(internals.__file__).parent
PRIVATE = ("tensorflow.python", "tensorflow.core", "tensorflow.compiler")


def modules():
    """The modules of the package but those that hold private names, parsed."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.stem not in ("keras_internals", "tensorflow_internals"):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_no_other_module_imports_what_is_private():
    found = {
        f"{path.relative_to(PACKAGE)}: {name}"
        for path, tree in modules()
        for name in imported(tree)
        if name.startswith((*PRIVATE, "keras.src"))
    }
    assert not found


def doubled(tensor, factor=10.0):
    with internals.without_tapes():
        outputs = [2.0 * tensor, 3.0 * tensor]
    internals.record_gradient("doubled", outputs, [tensor], lambda one, other: [factor * one])
    return outputs


@pytest.mark.parametrize("in_graph", [False, True])
def test_a_tape_takes_the_gradient_that_is_recorded_and_none_of_what_is_not(in_graph):
    def gradients():
        tensor = tf.constant(1.0)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(tensor)
            (output, _) = doubled(tensor)
            with internals.without_tapes():
                hidden = 2.0 * tensor
        return tape.gradient(output, tensor), tape.gradient(hidden, tensor)

    recorded, hidden = (tf.function(gradients) if in_graph else gradients)()
    assert recorded == 10.0
    assert hidden is None


def test_recording_adds_nothing_to_the_graph():
    function = tf.function(lambda tensor: doubled(tensor)[0])
    graph = function.get_concrete_function(tf.TensorSpec((), tf.float32)).graph
    assert [node.type for node in graph.get_operations()].count("Identity") == 1  # of the output


def branches(tensor):
    return [lambda: tensor, lambda: 5.0 * tensor]


def test_a_case_runs_the_chosen_branch_and_stays_a_call_of_functions():
    @tf.function
    def chosen(choice, tensor, case):
        with tf.GradientTape() as tape:
            tape.watch(tensor)
            output = case(choice, branches(tensor))
        return output, tape.gradient(output, tensor)

    arguments = [tf.TensorSpec((), tf.int32), tf.TensorSpec((), tf.float32)]
    for choice, factor in ((0, 1.0), (1, 5.0)):
        found = chosen(tf.constant(choice), tf.constant(2.0), internals.indexed_case)
        np.testing.assert_array_equal(found, [2.0 * factor, factor])
    lowered = {}
    for case in (internals.indexed_case, tf.switch_case):
        graph = chosen.get_concrete_function(*arguments, case).graph
        (node,) = [n for n in graph.get_operations() if "Case" in n.type and "grad" not in n.name]
        lowered[case] = dict(node.node_def.attr).get("_lower_using_switch_merge")
    assert not lowered[internals.indexed_case].b
    assert lowered[tf.switch_case].b


@pytest.mark.parametrize("compiled", [False, True])
def test_xla_is_seen_from_within_and_from_a_function_further_in(compiled):
    seen = []

    @tf.function
    def look(tensor):
        seen.append(internals.in_xla_context(tf.compat.v1.get_default_graph()))
        return tensor

    tf.function(look, jit_compile=compiled)(tf.constant(1.0))
    assert seen == [compiled]


def test_an_operation_that_draws_or_reads_a_variable_is_stateful():
    stateful = {"RandomUniform", "ReadVariableOp", "Assert"}
    for operation in (*stateful, "MatMul", "StatelessRandomUniformV2", "Relu"):
        assert internals.is_stateful(operation) == (operation in stateful)


def test_the_meta_graph_of_a_saved_model_has_its_signatures_and_functions(tmp_path):
    module = tf.Module()
    module.serve = tf.function(lambda x: 2.0 * x, [tf.TensorSpec((), tf.float32, name="x")])
    tf.saved_model.save(module, str(tmp_path), signatures={"doubled": module.serve})
    found = internals.meta_graph((tmp_path / "saved_model.pb").read_bytes())
    assert [*found.signature_def["doubled"].inputs] == ["x"]
    operations = {node.op for f in found.graph_def.library.function for node in f.node_def}
    assert "Mul" in operations


def test_a_function_with_constants_reads_no_variable():
    variable = tf.Variable(3.0)

    @tf.function(input_signature=[tf.TensorSpec((), tf.float32)])
    def scaled(tensor):
        return variable * tensor

    constant = internals.with_constants(scaled.get_concrete_function())
    variable.assign(7.0)
    (answer,) = constant(tf.constant(2.0))
    assert answer == 6.0
    assert not any("Variable" in node.type for node in constant.graph.get_operations())


def test_the_graph_of_a_function_that_an_operation_calls_has_shapes_and_what_it_calls_in_turn():
    inner = tf.function(lambda x: 2.0 * x)

    @tf.function
    def loop(x):
        return tf.while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, inner(x)), (0, x))

    graph = loop.get_concrete_function(tf.TensorSpec((2, 3))).graph
    (operation,) = [op for op in graph.get_operations() if op.type in ("While", "StatelessWhile")]
    shapes = [tensor.shape for tensor in operation.inputs]
    body = internals.called_graph(operation, operation.get_attr("body").name, shapes)
    assert [tensor.shape for tensor in body.inputs] == shapes
    assert len(body.outputs) == len(shapes)
    (call,) = [op for op in body.get_operations() if op.type.endswith("PartitionedCall")]
    within = internals.called_graph(call, call.get_attr("f").name, [tf.TensorShape((2, 3))])
    assert "Mul" in [op.type for op in within.get_operations()]


def test_every_operation_that_runs_is_shown_with_tensors_that_have_numbers_of_their_own():
    seen = []

    def visit(kind, inputs, outputs):
        tf.square(outputs[0])  # is not shown
        given, made = ([internals.tensor_id(one) for one in each] for each in (inputs, outputs))
        seen.append((kind, given, made))

    one = tf.constant([1.0, -2.0])
    with internals.watched(visit):
        two = tf.nn.relu(one)
        with tf.GradientTape() as tape:
            tape.watch(two)
            three = 2.0 * two
    tf.nn.relu(one)
    kinds = [kind for kind, *_ in seen]
    assert kinds.count("Relu") == 1 and "Mul" in kinds and "Square" not in kinds
    (_, given, made) = seen[kinds.index("Relu")]
    assert (given, made) == ([internals.tensor_id(one)], [internals.tensor_id(two)])
    (_, given, made) = seen[kinds.index("Mul")]
    assert internals.tensor_id(two) in given and made == [internals.tensor_id(three)]
    np.testing.assert_array_equal(tape.gradient(three, two), [2.0, 2.0])
