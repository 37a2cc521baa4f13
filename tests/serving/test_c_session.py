# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The C++ session answers as Python's loader does, and passes on what Python would refuse."""

import numpy as np
import pytest
import tensorflow as tf

from snas_tf.serving import warm_up
from snas_tf.serving.c_session import CSession


@pytest.fixture(scope="module")
def session(exported):
    with CSession(exported.place) as session:
        yield session


def test_the_recorded_answers_are_given(session, exported):
    for request in warm_up.read(exported.place):
        answer = session.run(request.signature, request.inputs)
        assert answer.keys() == request.answer.keys()
        assert request.difference(answer) <= 1e-6
        for name in ("class_id", "class_name"):
            np.testing.assert_array_equal(answer[name], request.answer[name])
        for name in ("logits", "probabilities"):
            assert answer[name].dtype == np.float32
            np.testing.assert_allclose(answer[name], request.answer[name], atol=1e-5)


def test_signatures_are_described(session):
    assert {"serving_default", "image_bytes"} <= session.signatures.keys()
    image = session.signatures["serving_default"].inputs["image"]
    assert image.dtype == tf.uint8.as_datatype_enum
    assert [axis.size for axis in image.tensor_shape.dim] == [-1, 8, 8, 1]


def test_errors_are_those_of_tensorflow(session, examples):
    for wrong in (examples[0], examples[:, 1:], examples.astype(np.float32), np.uint8(3)):
        with pytest.raises(tf.errors.InvalidArgumentError):
            session.run("serving_default", {"image": wrong})
    with pytest.raises(tf.errors.InvalidArgumentError, match="feed a value"):
        session.run("serving_default", {})
    for signature, inputs in (("other", {}), ("serving_default", {"picture": examples})):
        with pytest.raises(KeyError):
            session.run(signature, inputs)


@pytest.mark.parametrize("length", [0, 1, 22, 23, 24, 5000])
def test_strings_of_all_lengths_pass_whole(tmp_path, length):
    """TensorFlow keeps short strings in place, long ones elsewhere."""

    class Echo(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((None, None), tf.string, name="x")])
        def serve(self, x):
            return {"y": tf.strings.join([x, "."]), "length": tf.strings.length(x)}

    echo = Echo()
    tf.saved_model.save(echo, str(tmp_path), signatures={"serving_default": echo.serve})
    content = bytes(index % 256 for index in range(length))
    texts = np.array([[content, b"\0"], [b"", content]], object)
    with CSession(tmp_path) as session:
        answer = session.run("serving_default", {"x": texts})
        nothing = session.run("serving_default", {"x": texts[:0]})
    np.testing.assert_array_equal(answer["y"], texts + b".")
    np.testing.assert_array_equal(answer["length"], [[length, 1], [0, length]])
    assert nothing["y"].shape == nothing["length"].shape == (0, 2)


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(tf.errors.NotFoundError):
        CSession(tmp_path)


def test_threads_are_taken(exported, examples):
    with CSession(exported.place, intra_op_threads=1, inter_op_threads=1) as one:
        answer = one.run("serving_default", {"image": examples})
    assert answer["class_id"].shape == (len(examples),)


def test_views_of_arrays_are_taken_as_what_they_show(session, examples):
    straight = session.run("serving_default", {"image": examples})["logits"]
    reversed_view = session.run("serving_default", {"image": examples[::-1]})["logits"]
    np.testing.assert_allclose(reversed_view, straight[::-1], atol=1e-5)
