# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the stand-in for TF-Serving serves: the versions and labels of a models.config.

Tests only. Statuses and messages are those of TF-Serving: server_core.cc, basic_manager.cc,
predict_util.cc, get_model_metadata_impl.cc, get_model_status_impl.cc.
"""

from __future__ import annotations

import dataclasses
import pathlib
import threading
import time

import grpc
import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_pb2,
    predict_pb2,
    prediction_log_pb2,
)
from tensorflow_serving.config import model_server_config_pb2

THREADS = 8
"""Predictions that run side by side; others wait."""

Code = grpc.StatusCode
_CODES = {code.value[0]: code for code in Code}


class Refusal(Exception):
    """A request is answered by a status.

    Attributes:
        code: The status.
    """

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclasses.dataclass(frozen=True)
class Servable:
    """A loaded version.

    Attributes:
        name: Its model.
        version: Its number.
        loaded: What `tf.saved_model.load` gave.
        signatures: {name: what it takes and answers}.
    """

    name: str
    version: int
    loaded: object
    signatures: dict

    @classmethod
    def load(cls, name: str, folder: pathlib.Path) -> Servable:
        proto = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
        signatures = dict(proto.meta_graphs[0].signature_def)
        signatures.pop("__saved_model_init_op", None)
        return cls(name, int(folder.name), tf.saved_model.load(str(folder)), signatures)

    def warm_up(self, folder: pathlib.Path) -> None:
        file = folder / "assets.extra" / "tf_serving_warmup_requests"
        for record in tf.data.TFRecordDataset(str(file)) if file.exists() else ():
            self.predict(
                prediction_log_pb2.PredictionLog.FromString(record.numpy()).predict_log.request
            )

    def predict(self, request: predict_pb2.PredictRequest) -> predict_pb2.PredictResponse:
        key = request.model_spec.signature_name or "serving_default"
        if key not in self.signatures:
            raise Refusal(Code.FAILED_PRECONDITION, f'Serving signature key "{key}" not found.')
        signature = self.signatures[key]
        tensors = _inputs(signature, request)
        outputs = [*request.output_filter] or [*signature.outputs]
        for alias in outputs:
            if alias not in signature.outputs:
                raise Refusal(
                    Code.INVALID_ARGUMENT, f"output tensor alias not found in signature: {alias}"
                )
        try:
            answers = self.loaded.signatures[key](**tensors)
        except tf.errors.OpError as error:
            # Python puts where the function was defined before what the server would say.
            message = error.message.rpartition("<stack traces unavailable>")[2].strip()
            raise Refusal(_CODES[error.error_code], message) from None
        except (TypeError, ValueError) as error:  # of the wrong shape: never reaches the graph here
            raise Refusal(Code.INVALID_ARGUMENT, str(error)) from None
        response = predict_pb2.PredictResponse()
        response.model_spec.name, response.model_spec.signature_name = self.name, key
        response.model_spec.version.value = self.version
        for alias in outputs:
            response.outputs[alias].CopyFrom(tf.make_tensor_proto(answers[alias]))
        return response


def _inputs(signature, request: predict_pb2.PredictRequest) -> dict[str, tf.Tensor]:
    if len(request.inputs) != len(signature.inputs):
        raise Refusal(
            Code.INVALID_ARGUMENT,
            f"input size does not match signature: {len(request.inputs)}!={len(signature.inputs)}",
        )
    tensors = {}
    for position, (alias, proto) in enumerate(request.inputs.items()):
        if alias not in signature.inputs:
            raise Refusal(
                Code.INVALID_ARGUMENT,
                f"input tensor alias not found in signature: {alias}. Inputs expected to be in the "
                f"set {{{','.join(signature.inputs)}}}.",
            )
        expected = tf.as_dtype(signature.inputs[alias].dtype)
        try:  # by the function that the server calls: Tensor::FromProto
            tensors[alias] = tf.io.parse_tensor(proto.SerializeToString(), tf.as_dtype(proto.dtype))
        except (tf.errors.InvalidArgumentError, TypeError):
            raise Refusal(Code.INVALID_ARGUMENT, f"tensor parsing error: {alias}") from None
        if tensors[alias].dtype != expected:
            raise Refusal(
                Code.INVALID_ARGUMENT,
                f"Expects arg[{position}] to be {expected.name} but {tensors[alias].dtype.name} is "
                "provided",
            )
    return tensors


class Models:
    """The models of a configuration file, loaded once.

    Args:
        config: The configuration.
        folder: Where the versions lie, in place of the `base_path` of the one model.
        unavailable_labels: TF-Serving's --allow_version_labels_for_unavailable_models.
        delay: Seconds that every prediction takes longer.

    Raises:
        Refusal: The server would not start.
    """

    def __init__(
        self,
        config: model_server_config_pb2.ModelServerConfig,
        folder: pathlib.Path | None,
        *,
        unavailable_labels: bool,
        delay: float = 0.0,
    ) -> None:
        self._servables: dict[str, dict[int, Servable]] = {}
        self._labels: dict[str, dict[str, int]] = {}
        self._delay = delay
        self._turn = threading.BoundedSemaphore(THREADS)
        for model in config.model_config_list.config:
            # The labels of the first configuration come before any version is loaded.
            for version in () if unavailable_labels else model.version_labels.values():
                raise Refusal(
                    Code.FAILED_PRECONDITION,
                    f"Request to assign label to version {version} of model {model.name}, which is "
                    "not currently available for inference",
                )
            self._labels[model.name] = dict(model.version_labels)
            base = pathlib.Path(folder or model.base_path)
            self._servables[model.name] = {}
            for version in aspired_versions(model.model_version_policy, base):
                servable = Servable.load(model.name, base / str(version))
                servable.warm_up(base / str(version))
                self._servables[model.name][version] = servable

    def find(self, spec: model_pb2.ModelSpec) -> Servable:
        choice = spec.WhichOneof("version_choice")
        versions = self._servables.get(spec.name, {})
        version = max(versions, default=None)
        wanted = f"Latest({spec.name})"
        if choice:
            version = spec.version.value if choice == "version" else self._labelled(spec)
            wanted = f"Specific({spec.name}, {version})"
        if version not in versions:
            raise Refusal(Code.NOT_FOUND, f"Servable not found for request: {wanted}")
        return versions[version]

    def _labelled(self, spec: model_pb2.ModelSpec) -> int:
        try:
            return self._labels[spec.name][spec.version_label]
        except KeyError:
            message = f"Unrecognized servable version label: {spec.version_label}"
            raise Refusal(Code.INVALID_ARGUMENT, message) from None

    def predict(self, request: predict_pb2.PredictRequest) -> predict_pb2.PredictResponse:
        servable = self.find(request.model_spec)
        with self._turn:
            time.sleep(self._delay)
            return servable.predict(request)

    def metadata(
        self, spec: model_pb2.ModelSpec
    ) -> get_model_metadata_pb2.GetModelMetadataResponse:
        servable = self.find(spec)
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        response.model_spec.name = servable.name
        response.model_spec.version.value = servable.version
        signatures = get_model_metadata_pb2.SignatureDefMap()
        for key, signature in servable.signatures.items():
            signatures.signature_def[key].CopyFrom(signature)
        response.metadata["signature_def"].Pack(signatures)
        return response

    def status(self, spec: model_pb2.ModelSpec) -> get_model_status_pb2.GetModelStatusResponse:
        """As the server: a label is not looked at, all versions of the model are told."""
        versions = self._servables.get(spec.name, {})
        if spec.HasField("version"):
            number = spec.version.value
            if number not in versions:
                message = f"Could not find version {number} of model {spec.name}"
                raise Refusal(Code.NOT_FOUND, message)
            versions = [number]
        if not versions:
            raise Refusal(Code.NOT_FOUND, f"Could not find any versions of model {spec.name}")
        response = get_model_status_pb2.GetModelStatusResponse()
        available = get_model_status_pb2.ModelVersionStatus.AVAILABLE
        for number in sorted(versions, reverse=True):
            response.model_version_status.add(version=number, state=available).status.SetInParent()
        return response


def aspired_versions(policy, base: pathlib.Path) -> list[int]:
    """The versions that a policy wants and the folder holds, ascending."""
    found = sorted(int(entry.name) for entry in base.iterdir() if entry.name.isdecimal())
    choice = policy.WhichOneof("policy_choice")
    if choice == "all":
        return found
    if choice == "specific":
        return [version for version in found if version in policy.specific.versions]
    return found[-max(policy.latest.num_versions, 1) :]


def read_config(file: pathlib.Path) -> model_server_config_pb2.ModelServerConfig:
    """A models.config."""
    return text_format.Parse(file.read_text(), model_server_config_pb2.ModelServerConfig())
