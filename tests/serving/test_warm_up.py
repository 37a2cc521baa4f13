# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The warm-up file is what TF-Serving reads, and holds what was written."""

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from snas_tf.serving import warm_up

ANSWER = {
    "class_id": np.array([1, 0]),
    "probabilities": np.array([[0.25, 0.75], [0.500001, 0.499999]], np.float32),
}


def test_requests_are_read_back_as_they_were_written(tmp_path, rng):
    images = rng.integers(0, 256, (2, 4, 4, 1), dtype=np.uint8)
    files = np.array([b"\x89PNG\x00", b""], object)
    requests = [
        warm_up.Request("snas", "serving_default", {"image": images}, ANSWER),
        warm_up.Request("snas", "image_bytes", {"image_bytes": files}, ANSWER),
    ]
    path = warm_up.write(tmp_path, requests)
    assert path == tmp_path / "assets.extra" / "tf_serving_warmup_requests"
    for before, after in zip(requests, warm_up.read(tmp_path), strict=True):
        assert (before.model, before.signature) == (after.model, after.signature)
        for one, other in ((before.inputs, after.inputs), (before.answer, after.answer)):
            assert one.keys() == other.keys()
            for name in one:
                np.testing.assert_array_equal(one[name], other[name])


def test_every_record_is_a_prediction_log(exported):
    file = exported.place / warm_up.EXTRA_ASSETS / warm_up.FILE
    records = [*tf.data.TFRecordDataset(str(file)).as_numpy_iterator()]
    logs = [prediction_log_pb2.PredictionLog.FromString(record) for record in records]
    assert {log.WhichOneof("log_type") for log in logs} == {"predict_log"}
    names = [log.predict_log.request.model_spec.signature_name for log in logs]
    assert names == ["serving_default"] * 3 + ["image_bytes"] * 3  # TF-Serving's limit is 1,000


def test_a_damaged_file_is_an_error(tmp_path):
    path = warm_up.write(tmp_path, [warm_up.Request("snas", "s", {"x": np.zeros(2)}, ANSWER)])
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)
    with pytest.raises(tf.errors.DataLossError):
        warm_up.read(tmp_path)


def test_difference_and_other_classes():
    request = warm_up.Request("snas", "s", {}, ANSWER)
    assert request.difference(ANSWER) == 0 and request.disagreements(ANSWER, 0.0) == 0
    other = {
        "class_id": np.array([0, 1]),
        "probabilities": ANSWER["probabilities"] + np.float32([[0.5, 0], [0, 0]]),
    }
    assert request.difference(other) == 0.5
    assert request.disagreements(other, 0.0) == 2
    assert request.disagreements(other, 1e-5) == 1, "the second image's classes are equal to 2e-6"
    nowhere = {**ANSWER, "probabilities": np.full((2, 2), np.nan)}
    assert request.difference(nowhere) == np.inf


def test_numbers_differ_by_a_part_of_them_where_they_are_large():
    request = warm_up.Request("snas", "s", {}, {"value": np.array([0.5, -200.0], np.float32)})
    near = {"value": np.array([0.75, -200.0])}
    assert request.difference(near) == 0.25 and request.disagreements(near, 0.0) == 0
    assert request.difference({"value": np.array([0.5, -210.0])}) == pytest.approx(0.05)
    assert request.difference({"value": np.array([np.nan, -200.0])}) == np.inf
