# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Asks TF-Serving by gRPC what is on images: python export/clients/predict_grpc.py five.png

Needs Python 3.11, `pip install tensorflow-serving-api` (which brings TensorFlow) and, beside it,
command_line.py. Prints a line an image: file, class, probability and the most probable classes,
divided by tabs.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator

import command_line

_OPTIONS = [
    # gRPC refuses messages of more than 4 MiB unless told otherwise; the server takes 2 GiB.
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    ("grpc.enable_http_proxy", 0),  # http_proxy is meant for the web, and reaches no local server
]
_OUTPUTS = ("class_id", "class_name", "probabilities")


def connect(options: argparse.Namespace) -> command_line.Ask:
    """The function that sends images to the signature `image_bytes`."""
    try:
        # Here, and not above, so that wrong usage is answered without waiting for TensorFlow.
        with _silence():
            import grpc
            from tensorflow import make_ndarray
            from tensorflow.core.framework import types_pb2
            from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc
    except ImportError as error:
        raise command_line.UsageError(
            f"{error}; do `pip install tensorflow-serving-api`, or use predict_rest.py"
        ) from None
    place = f"[{options.host}]" if ":" in options.host else options.host
    place = f"{place}:{options.port}"
    service = prediction_service_pb2_grpc.PredictionServiceStub(
        grpc.insecure_channel(place, _OPTIONS)
    )

    def ask(images: list[bytes]) -> list[command_line.Answer]:
        request = predict_pb2.PredictRequest(output_filter=_OUTPUTS)
        request.model_spec.name = options.model
        request.model_spec.signature_name = "image_bytes"
        if options.version:
            request.model_spec.version.value = options.version
        elif options.label:
            request.model_spec.version_label = options.label
        tensor = request.inputs["image_bytes"]
        tensor.dtype = types_pb2.DT_STRING
        tensor.tensor_shape.dim.add(size=len(images))
        tensor.string_val.extend(images)
        try:
            outputs = service.Predict(request, timeout=options.timeout).outputs
        except grpc.RpcError as error:
            code = error.code()
            if code == grpc.StatusCode.DEADLINE_EXCEEDED:
                raise command_line.ServerError(
                    f"no answer from {place} within {options.timeout:g} seconds"
                ) from None
            if code == grpc.StatusCode.UNAVAILABLE:
                raise command_line.ServerError(
                    f"{place} did not answer, UNAVAILABLE: {error.details()}"
                ) from None
            if code == grpc.StatusCode.CANCELLED:
                raise command_line.ServerError(
                    f"{place} broke off: {error.details()}; the proxy takes 2,000,000 bytes"
                ) from None
            refused = code == grpc.StatusCode.INVALID_ARGUMENT
            kind = command_line.Refused if refused else command_line.ServerError
            raise kind(f"{place} answered {code.name}: {error.details()}") from None
        try:
            columns = [make_ndarray(outputs[name]) for name in _OUTPUTS]
            return [_answer(*row) for row in zip(*columns, strict=True)]
        except (ValueError, TypeError):
            raise command_line.ServerError(
                f"{place} answered something else than {', '.join(_OUTPUTS)}: is {options.model} "
                "a model of this project?"
            ) from None

    return ask


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """TensorFlow tells the standard error of the process about the processor while it is loaded."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _answer(class_id: int, class_name: bytes, probabilities: list[float]) -> command_line.Answer:
    if not 0 <= class_id < len(probabilities):
        raise ValueError(class_id)
    return command_line.Answer(
        int(class_id), class_name.decode(errors="replace"), [float(p) for p in probabilities]
    )


def main(arguments: list[str] | None = None) -> int:
    """Asks for the images of the command line; returns the exit code."""
    return command_line.main(__doc__.splitlines()[0].split(":")[0], 8500, connect, arguments)


if __name__ == "__main__":
    sys.exit(main())
