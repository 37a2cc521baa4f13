# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the stand-in for TF-Serving serves: the versions and labels of a models.config.

Tests only. Statuses and messages are those of TF-Serving: server_core.cc, basic_manager.cc,
predict_util.cc, get_model_metadata_impl.cc, get_model_status_impl.cc.
"""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import threading
import time

import grpc
import tensorflow as tf
from google.protobuf import message, text_format
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_pb2,
    predict_pb2,
    prediction_log_pb2,
)
from tensorflow_serving.config import model_server_config_pb2

from tests.deployment.batches import Batches, Tensors
from tests.deployment.refusals import Refusal

THREADS = 8
"""Predictions that run side by side; others wait."""

Code = grpc.StatusCode
_CODES = {code.value[0]: code for code in Code}


@dataclasses.dataclass(frozen=True)
class Servable:
    """A loaded version.

    Attributes:
        name: Its model.
        version: Its number.
        loaded: What `tf.saved_model.load` gave.
        signatures: {name: what it takes and answers}.
        batches: {name: what merges requests to it}; empty without batching.
    """

    name: str
    version: int
    loaded: object
    signatures: dict
    batches: dict[str, Batches]

    @classmethod
    def load(cls, name: str, folder: pathlib.Path, batching) -> Servable:
        proto = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
        signatures = dict(proto.meta_graphs[0].signature_def)
        signatures.pop("__saved_model_init_op", None)
        loaded = tf.saved_model.load(str(folder))
        servable = cls(name, int(folder.name), loaded, signatures, {})
        for key in signatures if batching else ():
            servable.batches[key] = Batches(functools.partial(servable.run, key), batching)
        servable.warm_up(folder)
        return servable

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
        batches = self.batches.get(key)
        answers = batches.run(tensors) if batches else self.run(key, tensors)
        response = predict_pb2.PredictResponse()
        response.model_spec.name, response.model_spec.signature_name = self.name, key
        response.model_spec.version.value = self.version
        for alias in outputs:
            response.outputs[alias].CopyFrom(tf.make_tensor_proto(answers[alias]))
        return response

    def run(self, key: str, tensors: Tensors) -> Tensors:
        try:
            return self.loaded.signatures[key](**tensors)
        except tf.errors.OpError as error:
            # Python puts where the function was defined before what the server would say.
            said = error.message.rpartition("<stack traces unavailable>")[2].strip()
            raise Refusal(_CODES[error.error_code], said) from None
        except (TypeError, ValueError) as error:  # of the wrong shape: never reaches the graph here
            raise Refusal(Code.INVALID_ARGUMENT, str(error)) from None


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
    """The models of a configuration, as it was last told.

    Args:
        config: The configuration.
        folder: Where the versions lie, in place of the `base_path` of the one model.
        unavailable_labels: TF-Serving's --allow_version_labels_for_unavailable_models.
        delay: Seconds that every prediction takes longer.
        batching: A batching.config, if requests are merged.

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
        batching=None,
    ) -> None:
        self._servables: dict[str, dict[int, Servable]] = {}
        self._failures: dict[str, dict[int, str]] = {}
        self._labels: dict[str, dict[str, int]] = {}
        self._folder, self._delay, self._batching = folder, delay, batching
        self._turn = threading.BoundedSemaphore(THREADS)
        for model in config.model_config_list.config:
            # The labels of the first configuration come before any version is loaded.
            if model.version_labels and not unavailable_labels:
                _refuse_label(min(model.version_labels.values()), model.name)
        self.apply(config)

    def apply(self, config: model_server_config_pb2.ModelServerConfig) -> None:
        """Serves what a configuration says, as the server does when it reads its file again.

        A version that failed to load ended. It stays so, repaired or not, until a configuration
        without it was read (aspired_versions_manager.cc: FlushServables).

        Raises:
            Refusal: A label that is in use would move to a version that is not loaded.
        """
        for model in config.model_config_list.config:
            base = pathlib.Path(self._folder or model.base_path)
            servables = self._servables.setdefault(model.name, {})
            failures = self._failures.setdefault(model.name, {})
            labels = self._labels.setdefault(model.name, {})
            for label, version in model.version_labels.items():
                if labels.get(label, version) != version and version not in servables:
                    _refuse_label(version, model.name)
            aspired = aspired_versions(model.model_version_policy, base)
            for version in {*servables, *failures} - {*aspired}:
                servables.pop(version, None)
                failures.pop(version, None)
            for version in {*aspired} - {*servables, *failures}:
                try:
                    servables[version] = Servable.load(
                        model.name, base / str(version), self._batching
                    )
                except (OSError, ValueError, message.DecodeError, tf.errors.OpError) as error:
                    failures[version] = str(error)
            self._labels[model.name] = dict(model.version_labels)

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
            said = f"Unrecognized servable version label: {spec.version_label}"
            raise Refusal(Code.INVALID_ARGUMENT, said) from None

    def predict(
        self, request: predict_pb2.PredictRequest, timeout: float | None = None
    ) -> predict_pb2.PredictResponse:
        """Answers, or refuses what would take longer than `timeout` seconds."""
        servable = self.find(request.model_spec)
        with self._turn:
            if timeout is not None and self._delay > timeout:
                time.sleep(timeout)
                raise Refusal(Code.DEADLINE_EXCEEDED, "Timed out waiting for notification")
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
        failures = self._failures.get(spec.name, {})
        versions = {*self._servables.get(spec.name, {}), *failures}
        if spec.HasField("version"):
            number = spec.version.value
            if number not in versions:
                said = f"Could not find version {number} of model {spec.name}"
                raise Refusal(Code.NOT_FOUND, said)
            versions = {number}
        if not versions:
            raise Refusal(Code.NOT_FOUND, f"Could not find any versions of model {spec.name}")
        response = get_model_status_pb2.GetModelStatusResponse()
        states = get_model_status_pb2.ModelVersionStatus
        for number in sorted(versions, reverse=True):
            state = states.END if number in failures else states.AVAILABLE
            entry = response.model_version_status.add(version=number, state=state)
            entry.status.SetInParent()
            if number in failures:
                entry.status.error_code = Code.NOT_FOUND.value[0]
                entry.status.error_message = failures[number]
        return response


def _refuse_label(version: int, model: str) -> None:
    raise Refusal(
        Code.FAILED_PRECONDITION,
        f"Request to assign label to version {version} of model {model}, which is not currently "
        "available for inference",
    )


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
