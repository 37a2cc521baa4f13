# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The REST API of the stand-in: tests only, NOT FOR PRODUCTION.

What is a request and what it is answered follows TF-Serving's sources: http_rest_api_handler.cc,
http_rest_api_util.cc (paths), json_tensor.cc (rows, columns, base64), http_server.cc (statuses).
"""

from __future__ import annotations

import base64
import binascii
import http.server
import json
import re
import threading
import urllib.parse
import zlib
from collections.abc import Callable

import grpc
import tensorflow as tf
from google.protobuf import json_format
from tensorflow_serving.apis import get_model_metadata_pb2, model_pb2, predict_pb2

from tests.deployment.loaded_models import Models
from tests.deployment.refusals import Refusal

_WHICH = r"/v1/models/(?P<model>[^/:]+)(?:/versions/(?P<version>\d+)|/labels/(?P<label>[^/:]+))?"
_POST = re.compile(rf"(?i){_WHICH}:(?P<method>classify|regress|predict)")
_GET = re.compile(rf"(?i){_WHICH}(?:/(?P<part>metadata))?")

_HTTP = {
    grpc.StatusCode.CANCELLED: 499,
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.FAILED_PRECONDITION: 400,
    grpc.StatusCode.OUT_OF_RANGE: 400,
    grpc.StatusCode.UNIMPLEMENTED: 501,
    grpc.StatusCode.UNAVAILABLE: 503,
}
_FIELDS = {
    tf.uint8: ("int_val", int),
    tf.int32: ("int_val", int),
    tf.int64: ("int64_val", int),
    tf.float32: ("float_val", (int, float)),
    tf.string: ("string_val", str),
}


_MOST_UNPACKED = 100_000_000


class Killed(Exception):
    """What would end the real server."""


class Server(http.server.ThreadingHTTPServer):
    """The models' REST API, bound to 127.0.0.1.

    Attributes:
        seen: Method and target of each request that came.
        dead: Set by the request that would have killed the real server; nobody is answered then.
    """

    request_queue_size = 128
    daemon_threads = True

    def __init__(
        self, models: Models, port: int, timeout: float, on_death: Callable[[], None]
    ) -> None:
        self.models, self.request_timeout, self.on_death = models, timeout, on_death
        self.seen: list[tuple[str, str]] = []
        self.dead = threading.Event()
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, *_) -> None:
        """A client that left, as those do whose time is up."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_) -> None:
        """Nothing: a test has its own output."""

    def do_GET(self) -> None:
        self._reply(_get)

    def do_POST(self) -> None:
        self._reply(_predict)

    def _reply(self, function) -> None:
        server = self.server
        server.seen.append((self.command, self.path))
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            if server.dead.is_set():
                raise Killed
            content = function(server, self.path, self._unpacked(body))
            status = 200
        except Refusal as refusal:
            status, content = _HTTP.get(refusal.code, 500), {"error": str(refusal)}
        except Killed:
            server.dead.set()
            server.on_death()
            self.close_connection = True
            return
        reply = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def _unpacked(self, body: bytes) -> bytes:
        if "gzip" not in self.headers.get("Content-Encoding", ""):
            return body
        try:
            return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body, _MOST_UNPACKED)
        except zlib.error:
            return b""


def _refuse(message: str) -> None:
    raise Refusal(grpc.StatusCode.INVALID_ARGUMENT, message)


def _spec(match: re.Match) -> model_pb2.ModelSpec:
    spec = model_pb2.ModelSpec(name=urllib.parse.unquote(match["model"]))
    if match["version"]:
        if int(match["version"]) >= 2**63:
            _refuse(f"Failed to convert version: {match['version']} to numeric.")
        spec.version.value = int(match["version"])
    if match["label"]:
        spec.version_label = urllib.parse.unquote(match["label"])
    return spec


def _get(server: Server, path: str, _: bytes) -> dict:
    match = _GET.fullmatch(path)
    if not match:
        _refuse(f"Malformed request: GET {path}")
    if not match["part"]:
        return json_format.MessageToDict(
            server.models.status(_spec(match)),
            preserving_proto_field_name=True,
            always_print_fields_with_no_presence=True,
        )
    response = server.models.metadata(_spec(match))
    signatures = get_model_metadata_pb2.SignatureDefMap()
    response.metadata["signature_def"].Unpack(signatures)
    as_dict = {"preserving_proto_field_name": True, "always_print_fields_with_no_presence": True}
    return {
        "model_spec": json_format.MessageToDict(response.model_spec, **as_dict),
        "metadata": {"signature_def": json_format.MessageToDict(signatures, **as_dict)},
    }


def _predict(server: Server, path: str, body: bytes) -> dict:
    match = _POST.fullmatch(path)
    if not match:
        _refuse(f"Malformed request: POST {path}")
    if match["method"] != "predict":
        raise Refusal(grpc.StatusCode.UNIMPLEMENTED, "The stand-in only predicts")
    request = predict_pb2.PredictRequest(model_spec=_spec(match))
    content = _parsed(body)
    key = content.get("signature_name", "")
    if not isinstance(key, str):
        _refuse("not formatted correctly. 'signature_name' key must be a string value.")
    request.model_spec.signature_name = key
    signature = server.models.find(request.model_spec).signatures.get(key or "serving_default")
    if signature is None:
        _refuse(f'Serving signature name: "{key}" not found in signature def')
    if "instances" in content and "inputs" in content:
        _refuse("Not formatted correctly expecting only one of 'inputs' or 'instances' keys")
    if "instances" in content:
        columns = _columns(content["instances"], signature.inputs)
    elif "inputs" in content:
        columns = content["inputs"]
        if not isinstance(columns, dict) or _is_base64(columns):
            columns = {_only(signature.inputs): columns}
    else:
        _refuse("Missing 'inputs' or 'instances' key")
    for name, info in signature.inputs.items():
        if name not in columns:
            _refuse(f"Missing named input: {name} in 'inputs' object.")
        request.inputs[name].CopyFrom(_tensor(columns[name], tf.as_dtype(info.dtype)))
    outputs = server.models.predict(request, server.request_timeout).outputs
    values = {name: _plain(name, tensor) for name, tensor in outputs.items()}
    if "inputs" in content:
        return {"outputs": values if len(values) > 1 else next(iter(values.values()))}
    if len(values) == 1:
        return {"predictions": next(iter(values.values()))}
    rows = zip(*values.values(), strict=True)
    return {"predictions": [dict(zip(values, row, strict=True)) for row in rows]}


def _parsed(body: bytes) -> dict:
    if not body:
        _refuse("JSON Parse error: The document is empty")
    try:
        content = json.loads(body)
    except RecursionError:  # the real server's stack overflows later, at some thousand levels
        raise Killed from None
    except ValueError as error:
        _refuse(f"JSON Parse error: {error}")
    if not isinstance(content, dict):
        _refuse("JSON Value: Is not object")
    return content


def _is_base64(value: object) -> bool:
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get("b64"), str)


def _only(inputs) -> str:
    if len(inputs) > 1:
        _refuse("expecting an object as multiple input tensors required as per tensorinfo_map")
    return next(iter(inputs))


def _columns(instances: object, inputs) -> dict[str, list]:
    """From rows to {input: its values}."""
    if not isinstance(instances, list):
        _refuse("Excepting 'instances' to be an list/array")
    if not instances:
        _refuse("No values in 'instances' array")
    named = [isinstance(row, dict) and not _is_base64(row) for row in instances]
    if not any(named):
        return {_only(inputs): instances}
    for position, row in enumerate(instances):
        if not named[position]:
            _refuse(f"Expecting object but got list at item {position} of input list")
        if set(row) != set(inputs):
            _refuse(
                f"Failed to process element: {position} must only have keys: {','.join(inputs)}"
            )
    return {name: [row[name] for row in instances] for name in inputs}


def _tensor(value: object, dtype: tf.DType) -> tf.compat.v1.TensorProto:
    tensor = tf.make_tensor_proto([], dtype, (0,))
    tensor.ClearField("tensor_shape")
    first = value
    while isinstance(first, list):
        tensor.tensor_shape.dim.add(size=len(first))
        first = first[0] if first else None
    field, kinds = _FIELDS[dtype]
    shape = [dim.size for dim in tensor.tensor_shape.dim]

    def fill(part: object, level: int) -> None:
        if isinstance(part, list):
            if level >= len(shape):
                _refuse(f"Encountered list at unexpected level: {level} expected < {len(shape)}")
            if len(part) != shape[level]:
                _refuse(
                    f"Encountered list at unexpected size: {len(part)} at level: {level} expected "
                    f"size: {shape[level]}"
                )
            for element in part:
                fill(element, level + 1)
            return
        if level != len(shape):
            _refuse(f"found at incorrect level: {level + 1} in the JSON DOM.")
        if dtype == tf.string and _is_base64(part):
            try:
                part = base64.b64decode(part["b64"], validate=True)
            except binascii.Error:
                _refuse("Unable to base64 decode")
        elif not isinstance(part, kinds) or isinstance(part, bool):
            _refuse(f"JSON Value: {json.dumps(part)} is not of expected type: {dtype.name}")
        elif field == "int_val" and not -(2**31) <= part < 2**31:
            _refuse(f"JSON Value: {part} is not of expected type: {dtype.name}")
        getattr(tensor, field).append(part.encode() if isinstance(part, str) else part)

    fill(value, 0)
    return tensor


def _plain(name: str, tensor) -> list:
    values = tf.make_ndarray(tensor)
    if values.dtype != object:
        return values.tolist()
    if name.endswith("_bytes"):
        return [{"b64": base64.b64encode(value).decode()} for value in values]
    return [value.decode(errors="replace") for value in values]
