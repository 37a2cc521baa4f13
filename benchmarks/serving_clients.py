# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""Several clients ask at once for a minute; every answer is compared with the expected one.

    python benchmarks/serving_clients.py --export=runs/digits/export --seconds=60
    python benchmarks/serving_clients.py --export=runs/digits/export --server=localhost:8500

Each of --clients threads sends requests of the model's warm-up file, which holds the network's own
answers, one after the other, each a random image of them, to both signatures in turn: by gRPC to
--server, or, without one, to two things that it starts: the stand-in of tests/deployment (gRPC,
Python; a server for tests only), and TensorFlow's C++ session in this process, which is what runs
within TF-Serving. An answer is right if the class is that of the network and no probability differs
by more than 1e-5.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import grpc
import numpy as np
import rich.console
import rich.table
import tensorflow as tf
from absl import app, flags
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

from snas_tf import serving
from snas_tf.serving import warm_up
from snas_tf.serving.c_session import CSession

_EXPORT = flags.DEFINE_string("export", "runs/digits/export", "The folder of the versions.")
_VERSION = flags.DEFINE_integer("version", 1, "The version that answers.")
_SERVER = flags.DEFINE_string("server", "", "HOST:PORT of TF-Serving; empty starts a stand-in.")
_CLIENTS = flags.DEFINE_integer("clients", 8, "Threads that ask.", lower_bound=1)
_SECONDS = flags.DEFINE_float("seconds", 60.0, "How long each server is asked.")
_OUTPUT = flags.DEFINE_string("output", "", "A JSON file for what was found; empty for none.")

_ROOT = pathlib.Path(__file__).resolve().parents[1]
_TOLERANCE = 1e-5

Ask = Callable[[str, Mapping[str, np.ndarray]], Mapping[str, np.ndarray]]
"""From a signature and its inputs to the answer."""


def single_images(requests: list[warm_up.Request]) -> list[warm_up.Request]:
    """The images of the largest request to each signature, a request each."""
    largest = {each.signature: each for each in requests}  # written in ascending sizes
    return [
        warm_up.Request(
            each.model,
            each.signature,
            {name: values[index : index + 1] for name, values in each.inputs.items()},
            {name: values[index : index + 1] for name, values in each.answer.items()},
        )
        for each in largest.values()
        for index in range(len(each.answer["class_id"]))
    ]


def ask_for_a_while(ask: Ask, requests: list[warm_up.Request]) -> dict[str, object]:
    """Lets the clients ask, and says how that went."""
    taken: list[list[float]] = [[] for _ in range(_CLIENTS.value)]
    wrong: list[int] = [0] * _CLIENTS.value
    until = time.perf_counter() + _SECONDS.value

    def client(number: int) -> None:
        chosen = np.random.default_rng(number)
        while (began := time.perf_counter()) < until:
            request = requests[chosen.integers(len(requests))]
            answer = ask(request.signature, request.inputs)
            taken[number].append(1e3 * (time.perf_counter() - began))
            is_near = request.difference(answer) <= _TOLERANCE
            is_right = is_near and not request.disagreements(answer, 0.0)
            wrong[number] += not is_right

    threads = [threading.Thread(target=client, args=(k,)) for k in range(_CLIENTS.value)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    times = np.concatenate(taken)
    p50, p99 = np.percentile(times, (50, 99))
    return {
        "answers": len(times),
        "wrong": sum(wrong),
        "answers/s": round(len(times) / seconds),
        "p50 ms": round(float(p50), 2),
        "p99 ms": round(float(p99), 2),
    }


@contextlib.contextmanager
def stand_in() -> Iterator[str]:
    """Starts the stand-in; yields its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.deployment.stand_in", f"--folder={_EXPORT.value}"],
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process.stdout.readline().removeprefix("gRPC ").strip()
    finally:
        process.terminate()
        process.wait()


def over_grpc(address: str, model: str) -> Ask:
    """Asks a server by gRPC."""
    service = prediction_service_pb2_grpc.PredictionServiceStub(grpc.insecure_channel(address))

    def ask(signature: str, inputs: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        request = predict_pb2.PredictRequest()
        request.model_spec.name = model
        request.model_spec.signature_name = signature
        for name, values in inputs.items():
            request.inputs[name].CopyFrom(tf.make_tensor_proto(values))
        outputs = service.Predict(request, timeout=60).outputs
        return {name: tf.make_ndarray(tensor) for name, tensor in outputs.items()}

    return ask


def main(arguments: list[str]) -> None:
    """Asks every server, and prints a table."""
    del arguments
    place = pathlib.Path(_EXPORT.value) / str(_VERSION.value)
    requests = single_images(warm_up.read(place))
    found = {}
    if _SERVER.value:
        found[_SERVER.value] = ask_for_a_while(over_grpc(_SERVER.value, serving.MODEL), requests)
    else:
        with CSession(place, intra_op_threads=1, inter_op_threads=os.cpu_count() or 1) as session:
            found["TensorFlow's C++ session"] = ask_for_a_while(session.run, requests)
        with stand_in() as address:
            found["stand-in, gRPC"] = ask_for_a_while(over_grpc(address, serving.MODEL), requests)
    table = rich.table.Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("server")
    for heading in next(iter(found.values())):
        table.add_column(heading, justify="right")
    for name, row in found.items():
        table.add_row(name, *(str(value) for value in row.values()))
    rich.console.Console().print(table)
    if _OUTPUT.value:
        command = " ".join(["python", "benchmarks/serving_clients.py", *sys.argv[1:]])
        settings = {"clients": _CLIENTS.value, "seconds": _SECONDS.value}
        figures = {"command": command, **settings, "servers": found}
        pathlib.Path(_OUTPUT.value).write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    app.run(main)
