# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Both clients over real sockets: the network's own answers, and one line for whatever fails."""

import ast
import contextlib
import io
import json
import os
import pathlib
import shlex
import socket
import subprocess
import sys
import threading
import time
import types
from concurrent import futures

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

CLIENTS = pathlib.Path(__file__).parents[2] / "export" / "clients"
KINDS = ("rest", "grpc")


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def ask(kind, clients, capfd):
    """Runs a client: (server, arguments) -> (exit code, lines of output, lines of errors)."""

    def run(server, *arguments):
        port = {"rest": server.rest_port, "grpc": server.port}[kind]
        words = [f"--server=127.0.0.1:{port}", *map(str, arguments)]
        code = clients[kind].main(words)
        written = capfd.readouterr()
        return code, written.out.splitlines(), written.err.splitlines()

    return run


def test_the_network_s_own_answers(ask, server, files, classes, digits):
    code, lines, errors = ask(server, *files)  # more than one request takes
    assert (code, errors, len(lines)) == (0, [], len(files))
    for file, class_id, line in zip(files, classes[1], lines, strict=True):
        named, class_name, probability, top = line.split("\t")
        assert (named, class_name) == (file, digits.class_names[class_id])
        assert top.startswith(f"{class_name} {probability}, #")
    assert len({line.split("\t")[1] for line in lines}) > 3


@pytest.mark.slow
def test_labels_and_versions_are_asked_for(ask, canary, files, classes, digits):
    assert classes[1] != classes[2]
    for choice, version in (
        ("--label=stable", 1),
        ("--label=canary", 2),
        ("--version=1", 1),
        ("--version=2", 2),
        ("--model=snas", 2),  # neither: the greatest that is loaded
    ):
        code, lines, _ = ask(canary, choice, *files[:12])
        assert code == 0
        names = [digits.class_names[class_id] for class_id in classes[version][:12]]
        assert [line.split("\t")[1] for line in lines] == names


def test_json_and_the_most_probable_classes(ask, server, files, exported, networks, images, digits):
    labels = exported / "1" / "assets" / "labels.txt"
    code, lines, _ = ask(server, "--json", "--top=4", f"--labels={labels}", *files[:3])
    network, normalization = networks[1]
    expected = tf.nn.softmax(network(normalization(images[:3]))).numpy()
    assert code == 0
    for line, probabilities in zip(lines, expected, strict=True):
        record = json.loads(line)
        order = np.argsort(-probabilities)[:4]
        assert [entry["class_id"] for entry in record["top"]] == order.tolist()
        assert [entry["class_name"] for entry in record["top"]] == [
            digits.class_names[class_id] for class_id in order
        ]
        found = [entry["probability"] for entry in record["top"]]
        np.testing.assert_allclose(found, probabilities[order], atol=1e-5)
        assert record["probability"] == found[0]


def test_standard_input_and_other_kinds_of_images(ask, server, files, tmp_path, monkeypatch, rng):
    contents = pathlib.Path(files[0]).read_bytes()
    _, (expected,), _ = ask(server, files[0])
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(contents)))
    code, (line,), _ = ask(server, "-")
    assert code == 0 and line.split("\t")[1:] == expected.split("\t")[1:]
    pixels = rng.integers(0, 256, (30, 20, 3), dtype=np.uint8)
    (tmp_path / "photo.jpg").write_bytes(tf.io.encode_jpeg(pixels).numpy())
    # Noise does not shrink: more than the 4 MiB that gRPC allows unless told otherwise.
    noise = rng.integers(0, 256, (2200, 2200, 1), dtype=np.uint8)
    (tmp_path / "large.png").write_bytes(tf.io.encode_png(noise, compression=0).numpy())
    assert (tmp_path / "large.png").stat().st_size > 4 * 2**20
    code, lines, errors = ask(server, tmp_path / "photo.jpg", tmp_path / "large.png")
    assert (code, len(lines), errors) == (0, 2, [])


def test_a_name_that_the_terminal_cannot_show_is_no_failure(ask, server, files, tmp_path):
    file = tmp_path / os.fsdecode(b"caf\xe9.png")
    file.write_bytes(pathlib.Path(files[0]).read_bytes())
    code, (line,), errors = ask(server, file)
    assert (code, errors) == (0, []) and "caf\\udce9.png\t" in line


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ("--label=nobody {image}", 1, "Unrecognized servable version label: nobody"),
        ("--version=9 {image}", 1, "Servable not found for request: Specific(snas, 9)"),
        ("--model=other {image}", 1, "Servable not found for request: Latest(other)"),
        ("{text}", 1, "must be PNG or JPEG files"),
        ("{half}", 1, "half.png: "),
        ("{image} {text}", 1, "--batch=1 tells which of the 2 it is"),
        ("--batch=1 {image} {text}", 1, "notes.txt: "),
        ("{image} nowhere.png", 2, "nowhere.png could not be read: No such file"),
        ("{folder}", 2, "Is a directory"),
        ("{empty}", 2, "is empty"),
        ("", 2, "IMAGE"),
        ("--batch=0 {image}", 2, "--batch: must be a whole number above 0: given '0'"),
        ("--top=many {image}", 2, "--top: must be a whole number above 0: given 'many'"),
        ("--timeout=0 {image}", 2, "--timeout: must be seconds above 0"),
        ("--timeout=nan {image}", 2, "--timeout: must be seconds above 0"),
        ("--version=1 --label=stable {image}", 2, "not allowed with"),
        ("--label= {image}", 2, "must not be empty"),
        ("--lable=stable {image}", 2, "unrecognized arguments: --lable=stable"),
        ("--server=a:b {image}", 2, "--server must be HOST or HOST:PORT: given 'a:b'"),
        ("--server=http://localhost {image}", 2, "--server must be HOST or HOST:PORT"),
        ("- -", 2, "can be read once"),
        ("--labels=nowhere.txt {image}", 2, "nowhere.txt could not be read"),
        ("--labels={text} {image}", 2, "has 1 names, but the model has 10 classes"),
        ("--server=localhost:1 {image}", 1, "localhost:1 "),
    ],
)
def test_one_line_and_an_exit_code(ask, server, files, tmp_path, arguments, code, words):
    (tmp_path / "notes.txt").write_text("no image")
    (tmp_path / "empty.png").touch()
    (tmp_path / "half.png").write_bytes(pathlib.Path(files[0]).read_bytes()[:70])
    places = {
        "image": files[0],
        "folder": tmp_path,
        "text": tmp_path / "notes.txt",
        "empty": tmp_path / "empty.png",
        "half": tmp_path / "half.png",
    }
    found, lines, errors = ask(server, *arguments.format(**places).split())
    assert found == code
    assert len(errors) == 1 and words in errors[0], errors
    assert "Traceback" not in errors[0]
    if "--batch=1 {image}" in arguments:
        assert len(lines) == 1  # what was answered before stays


def test_where_the_number_is_refused_the_number_is_named(ask, clients, server, files):
    code, lines, errors = ask(server, "--batch=300", *files * 7)
    assert (code, lines, len(errors)) == (1, [], 1)
    assert "must hold 1 to 256 images" in errors[0] and errors[0].endswith("; ask with --batch=256")
    assert "--batch=1 " not in errors[0]
    code, lines, errors = ask(server, "--batch=256", *files * 7)
    assert (code, len(lines), errors) == (0, 7 * len(files), [])


def test_where_the_pixels_are_refused_no_image_is_blamed(ask, server, files, tmp_path):
    pixels = np.zeros((5000, 5000, 1), np.uint8)
    (tmp_path / "wide.png").write_bytes(tf.io.encode_png(pixels).numpy())
    code, lines, errors = ask(server, "--batch=32", *[tmp_path / "wide.png"] * 22)
    assert (code, lines, len(errors)) == (1, [], 1)
    assert "pixels in all" in errors[0] and errors[0].endswith("; ask with a smaller --batch")


def test_large_images_go_in_fewer_to_a_request(clients, server, files, tmp_path, rng, capfd):
    noise = rng.integers(0, 256, (700, 700, 1), dtype=np.uint8)
    (tmp_path / "large.png").write_bytes(tf.io.encode_png(noise, compression=0).numpy())
    server.rest.seen.clear()
    words = [f"--server=127.0.0.1:{server.rest_port}", *[str(tmp_path / "large.png")] * 5, files[0]]
    assert clients["rest"].main(words) == 0
    assert len(capfd.readouterr().out.splitlines()) == 6
    assert len(server.rest.seen) == 3  # of two of 0.5 MB each, and what is left


def test_a_server_that_answers_before_the_request_ends_is_heard(clients, tmp_path, capfd):
    (tmp_path / "large.png").write_bytes(bytes(30_000_000))
    answer = b'HTTP/1.1 413 Too Large\r\nContent-Length: 21\r\n\r\n{"error": "too much"}'
    with answering([answer]) as other:
        words = [f"--server=127.0.0.1:{other.rest_port}", str(tmp_path / "large.png")]
        assert clients["rest"].main(words) == 1
    assert "HTTP 413: too much" in capfd.readouterr().err


@pytest.mark.slow
def test_a_deadline_is_kept(ask, slow, files):
    start = time.monotonic()
    code, lines, errors = ask(slow, "--timeout=0.3", files[0])
    assert time.monotonic() - start < 1.5  # the stand-in takes 2 seconds
    assert (code, lines, len(errors)) == (1, [], 1)
    assert "no answer from 127.0.0.1" in errors[0] and "within 0.3 seconds" in errors[0]


def test_a_large_answer_by_grpc(clients, files, capfd):
    class Large(prediction_service_pb2_grpc.PredictionServiceServicer):
        def Predict(self, request, context):
            probabilities = np.zeros((1, 1_500_000), np.float32)
            answers = {"class_id": [0], "class_name": ["all"], "probabilities": probabilities}
            response = predict_pb2.PredictResponse()
            for name, value in answers.items():
                response.outputs[name].CopyFrom(tf.make_tensor_proto(value))
            assert response.ByteSize() > 4 * 2**20
            return response

    server = grpc.server(futures.ThreadPoolExecutor(1))
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(Large(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        code = clients["grpc"].main([f"--server=127.0.0.1:{port}", "--top=1", files[0]])
    finally:
        server.stop(None).wait()
    assert (code, capfd.readouterr().out) == (0, f"{files[0]}\tall\t0.0000\tall 0.0000\n")


@contextlib.contextmanager
def answering(pieces, pause=0.0):
    """A port at which every request gets these bytes, whatever it was."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, contextlib.suppress(OSError):
                    connection.recv(1 << 20)
                    for piece in pieces:
                        connection.sendall(piece)
                        time.sleep(pause)

    threading.Thread(target=serve, daemon=True).start()
    try:
        port = listener.getsockname()[1]
        yield types.SimpleNamespace(port=port, rest_port=port)
    finally:
        listener.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"hello, this is no HTTP",
        b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
        b"HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n<html>",
        b'HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n{"predictions": [1]}',
        b'HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\n{"predictions":[]}',
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>",
    ],
)
def test_something_else_than_the_server_answers(ask, files, answer):
    with answering([answer]) as other:
        code, lines, errors = ask(other, "--timeout=5", files[0])
    assert (code, lines, len(errors)) == (1, [], 1)


def test_a_server_that_trickles_is_left(clients, files, capfd):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n"
    with answering([head, *[b"x"] * 100], pause=0.1) as trickling:
        start = time.monotonic()
        words = [f"--server=127.0.0.1:{trickling.rest_port}", "--timeout=0.5", files[0]]
        assert clients["rest"].main(words) == 1
    assert time.monotonic() - start < 2
    assert "within 0.5 seconds" in capfd.readouterr().err


def test_the_scripts_need_nothing_of_this_project():
    for file in CLIENTS.glob("*.py"):
        tops = set()
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                tops |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                tops.add(node.module.split(".")[0])
        allowed = {"command_line"} if file.name != "command_line.py" else set()
        if file.name == "predict_grpc.py":
            allowed |= {"grpc", "tensorflow", "tensorflow_serving"}
        assert tops <= set(sys.stdlib_module_names) | allowed, file.name


def test_the_rest_script_runs_on_the_standard_library_alone(server, files):
    script = [sys.executable, "-S", str(CLIENTS / "predict_rest.py")]
    words = [*script, f"--server=127.0.0.1:{server.rest_port}", *files[:2]]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr, len(done.stdout.splitlines())) == (0, "", 2)


def test_a_reader_may_stop_early(server, files):
    script = shlex.join([sys.executable, "-S", str(CLIENTS / "predict_rest.py")])
    folder = pathlib.Path(files[0]).parent
    images = shlex.join([pathlib.Path(file).name for file in files] * 20)
    line = f"{script} --server=127.0.0.1:{server.rest_port} --batch=8 {images} | head -n 1"
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert (done.stderr, len(done.stdout.splitlines())) == ("", 1)
