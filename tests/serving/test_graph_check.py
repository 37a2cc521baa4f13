# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A graph whose answer depends on more than the request is found out."""

import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from snas_tf.errors import Failure
from snas_tf.serving import graph_check


class Model(tf.Module):
    """A signature of one function, hidden in another."""

    def __init__(self, function):
        super().__init__()
        self.count = tf.Variable(0.0)
        self.inner = tf.function(lambda x: function(self, x))

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.float32, name="x")])
    def serve(self, x):
        # A loop's body is a function of its own.
        return {"y": tf.map_fn(lambda each: self.inner(each), x)}


def saved(function, folder):
    model = Model(function)
    tf.saved_model.save(model, str(folder), signatures={"serving_default": model.serve})
    return folder


def test_an_exported_network_passes_with_what_it_needs(exported):
    found = graph_check.operations(exported.place)
    assert graph_check.check(exported.place) == len(found)
    assert {"Conv2D", "DepthwiseConv2dNative", "DecodeJpeg", "DecodePng", "EnsureShape"} <= found
    assert "Assert" in found
    assert not {"SaveV2", "RestoreV2", "AssignVariableOp"} & found, "no answer needs these"


@pytest.mark.parametrize(
    "function",
    [
        lambda self, x: x + tf.random.uniform(()),
        lambda self, x: x + tf.random.stateless_normal((), (1, 2)),
        lambda self, x: x + tf.cast(tf.random.categorical([[0.0, 0.0]], 1)[0, 0], tf.float32),
        lambda self, x: x + tf.random.stateless_truncated_normal((), (1, 2)),
    ],
)
def test_chance_is_refused(function, tmp_path):
    with pytest.raises(Failure, match="draw at random: "):
        graph_check.check(saved(function, tmp_path))


@pytest.mark.parametrize(
    ("function", "operation"),
    [
        (lambda self, x: x + self.count.assign_add(1.0), "AssignAddVariableOp"),
        (lambda self, x: x + tf.cast(tf.timestamp(), tf.float32), "Timestamp"),
        (lambda self, x: tf.py_function(lambda y: y, [x], tf.float32), "EagerPyFunc"),
    ],
)
def test_state_is_refused(function, operation, tmp_path):
    with pytest.raises(Failure, match=f"keep state: {operation}"):
        graph_check.check(saved(function, tmp_path))


def test_files_are_refused(tmp_path):
    folder = saved(lambda self, x: x + tf.strings.to_number(tf.io.read_file("x")), tmp_path)
    with pytest.raises(Failure, match="read or write elsewhere: ReadFile"):
        graph_check.check(folder)


def test_an_operation_from_elsewhere_is_refused(tmp_path):
    folder = saved(lambda self, x: tf.sin(x), tmp_path)
    graph_check.check(folder)
    path = folder / "saved_model.pb"
    model = saved_model_pb2.SavedModel.FromString(path.read_bytes())
    for function in model.meta_graphs[0].graph_def.library.function:
        for node in function.node_def:
            node.op = "CompanySin" if node.op == "Sin" else node.op
    path.write_bytes(model.SerializeToString())
    with pytest.raises(Failure, match="none of TensorFlow's own: CompanySin"):
        graph_check.check(folder)
