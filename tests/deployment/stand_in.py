# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A stand-in for TF-Serving, for tests and for nothing else: NOT FOR PRODUCTION.

Where no container can be run it answers what the real server would: PredictionService (Predict,
GetModelMetadata) and ModelService (GetModelStatus) by gRPC, and the REST API, over real sockets on
127.0.0.1, for the versions and labels of a models.config. The network is run by
`tf.saved_model.load`, in one process, eight requests at a time. The messages and statuses are those
of TF-Serving's sources (server_core.cc, predict_util.cc, get_model_status_impl.cc); it is no proof
of what the real server does beyond them. It watches no file: a gRPC call exchanges its settings.
What kills the real server kills it too, as a process; in a test it only stops answering.

    python -m tests.deployment.stand_in --folder=runs/digits/export --port=0 --rest_port=0
"""

from __future__ import annotations

import argparse
import os
import pathlib
import signal
import sys
import threading
from collections.abc import Callable
from concurrent import futures

import grpc
from google.protobuf import text_format
from tensorflow_serving.apis import (
    model_management_pb2,
    model_service_pb2_grpc,
    prediction_service_pb2_grpc,
)

from tests.deployment import server_messages, stand_in_rest
from tests.deployment.loaded_models import THREADS, Models, read_config
from tests.deployment.refusals import Refusal

ROOT = pathlib.Path(__file__).parents[2]
WARNING = "Stand-in for TF-Serving, for tests only: NOT FOR PRODUCTION."


def _call(context, function, argument):
    try:
        return function(argument)
    except Refusal as refusal:
        context.abort(refusal.code, str(refusal))


class _Predictions(prediction_service_pb2_grpc.PredictionServiceServicer):
    def __init__(self, models: Models) -> None:
        self._models = models

    def Predict(self, request, context):
        return _call(context, self._models.predict, request)

    def GetModelMetadata(self, request, context):
        return _call(context, self._models.metadata, request.model_spec)


class _Status(model_service_pb2_grpc.ModelServiceServicer):
    def __init__(self, models: Models) -> None:
        self._models = models

    def GetModelStatus(self, request, context):
        return _call(context, self._models.status, request.model_spec)

    def HandleReloadConfigRequest(self, request, context):
        """As the server: for whoever reaches the port."""
        _call(context, self._models.apply, request.config)
        return model_management_pb2.ReloadConfigResponse()


class StandIn:
    """Models behind two ports of 127.0.0.1, served while the object is used as a context.

    Attributes:
        port: gRPC.
        rest_port: REST.
        rest: The REST server, which knows what was asked and whether it would have died.
    """

    def __init__(
        self,
        models: Models,
        port: int = 0,
        rest_port: int = 0,
        rest_timeout: float = 10.0,
        on_death: Callable[[], None] = lambda: None,
    ) -> None:
        self.rest = stand_in_rest.Server(models, rest_port, rest_timeout, on_death)
        self.rest_port = self.rest.server_address[1]
        unlimited = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
        self._grpc = grpc.server(futures.ThreadPoolExecutor(THREADS), options=unlimited)
        service = prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server
        service(_Predictions(models), self._grpc)
        model_service_pb2_grpc.add_ModelServiceServicer_to_server(_Status(models), self._grpc)
        self.port = self._grpc.add_insecure_port(f"127.0.0.1:{port}")

    def __enter__(self) -> StandIn:
        self._grpc.start()
        threading.Thread(target=self.rest.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._grpc.stop(None).wait()
        self.rest.shutdown()
        self.rest.server_close()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def main() -> int:
    parser = argparse.ArgumentParser(description=WARNING)
    parser.add_argument("--folder", type=pathlib.Path, help="versions; default: the base_path")
    parser.add_argument("--config", type=pathlib.Path, default=ROOT / "export" / "models.config")
    parser.add_argument("--port", type=int, default=0, help="gRPC; 0 takes a free one")
    parser.add_argument("--rest_port", type=int, default=0, help="REST; 0 takes a free one")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds added to a prediction")
    parser.add_argument("--batching", type=pathlib.Path, help="batching.config: merge requests")
    parser.add_argument("--refuse_early_labels", action="store_true", help="as without the flag")
    options = parser.parse_args()
    print(WARNING, file=sys.stderr, flush=True)
    batching = options.batching and text_format.Parse(
        options.batching.read_text(), server_messages.BatchingParameters()
    )
    try:
        models = Models(
            read_config(options.config),
            options.folder,
            unavailable_labels=not options.refuse_early_labels,
            delay=options.delay,
            batching=batching,
        )
    except Refusal as refusal:
        print(f"Failed to start server. Error: {refusal.code.name}: {refusal}", file=sys.stderr)
        return 1
    with StandIn(models, options.port, options.rest_port, on_death=_die) as server:
        print(f"gRPC 127.0.0.1:{server.port}\nREST 127.0.0.1:{server.rest_port}", flush=True)
        threading.Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
