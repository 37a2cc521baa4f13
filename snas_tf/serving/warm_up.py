# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Requests that a server runs before it takes any, so that its first client does not wait.

TF-Serving reads them from `assets.extra/tf_serving_warmup_requests` in the SavedModel, a TFRecord
file of `PredictionLog`, at most 1,000. Here each carries the answer of the network too, which
TF-Serving ignores: whoever has the model can check with it what a server answers.
"""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterable, Mapping

import numpy as np
import tensorflow as tf

EXTRA_ASSETS = "assets.extra"
"""The folder of a SavedModel for what is not loaded with the graph."""

FILE = "tf_serving_warmup_requests"


VALUE = "value"
"""What is answered where numbers are told, in place of class and probabilities."""


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """A request to a signature, with the answer that is expected.

    Attributes:
        model: Name of the model.
        signature: Name of the signature.
        inputs: {name: array}; arrays of bytes objects (dtype object) are strings.
        answer: {name: array}, the same.
    """

    model: str
    signature: str
    inputs: Mapping[str, np.ndarray]
    answer: Mapping[str, np.ndarray]

    def difference(self, answer: Mapping[str, np.ndarray]) -> float:
        """The greatest difference of a probability from the expected; inf where one is no number.

        Where numbers are told it is that of one, as a part of the expected where this is above 1.

        Args:
            answer: {name: array}, what was answered.
        """
        name = VALUE if VALUE in self.answer else "probabilities"
        gaps = np.abs(answer[name] - self.answer[name])
        if name == VALUE:
            gaps /= np.maximum(np.abs(self.answer[name]), 1)
        return float(np.nan_to_num(gaps, nan=np.inf).max())

    def disagreements(self, answer: Mapping[str, np.ndarray], tolerance: float) -> int:
        """How many images got another class than expected.

        Args:
            answer: {name: array}, what was answered.
            tolerance: Difference of two probabilities at which their order does not count.
        """
        if VALUE in self.answer:
            return 0
        probabilities = self.answer["probabilities"]
        chosen = np.take_along_axis(probabilities, answer["class_id"][:, np.newaxis], axis=1)
        return int((probabilities.max(axis=1) - chosen[:, 0] > tolerance).sum())


def write(saved_model: pathlib.Path, requests: Iterable[Request]) -> pathlib.Path:
    """Writes the warm-up file of a SavedModel.

    Args:
        saved_model: The folder of the SavedModel.
        requests: The requests, in the order in which a server runs them.

    Returns:
        The file.
    """
    from tensorflow_serving.apis import predict_pb2, prediction_log_pb2

    path = saved_model / EXTRA_ASSETS / FILE
    path.parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for each in requests:
            request = predict_pb2.PredictRequest()
            request.model_spec.name = each.model
            request.model_spec.signature_name = each.signature
            _fill(request.inputs, each.inputs)
            response = predict_pb2.PredictResponse(model_spec=request.model_spec)
            _fill(response.outputs, each.answer)
            log = prediction_log_pb2.PredictLog(request=request, response=response)
            writer.write(prediction_log_pb2.PredictionLog(predict_log=log).SerializeToString())
    return path


def read(saved_model: pathlib.Path) -> list[Request]:
    """Reads the warm-up file of a SavedModel, as a server does.

    Args:
        saved_model: The folder of the SavedModel.

    Raises:
        tf.errors.OpError: There is none, or it is no TFRecord file.
        google.protobuf.message.DecodeError: A record is no `PredictionLog`.
    """
    from tensorflow_serving.apis import prediction_log_pb2

    found = []
    path = saved_model / EXTRA_ASSETS / FILE
    for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
        log = prediction_log_pb2.PredictionLog.FromString(record).predict_log
        model = log.request.model_spec
        arrays = (
            {name: tf.make_ndarray(tensor) for name, tensor in tensors.items()}
            for tensors in (log.request.inputs, log.response.outputs)
        )
        found.append(Request(model.name, model.signature_name, *arrays))
    return found


def _fill(tensors: Mapping, arrays: Mapping[str, np.ndarray]) -> None:
    for name, array in arrays.items():
        tensors[name].CopyFrom(tf.make_tensor_proto(array))
