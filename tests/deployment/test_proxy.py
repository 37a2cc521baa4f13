# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The shipped proxy, by HAProxy itself: what is right passes, what is hostile never arrives."""

import gzip
import http.client
import json
import os
import socket
import subprocess
import types
import urllib.request
from concurrent import futures

import grpc
import pytest
import tensorflow as tf
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_management_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from tests.deployment.proxy import HAPROXY, READY, SHIPPED, Proxy
from tests.deployment.test_stand_in import PREDICT, encoded, predict, rest

pytestmark = pytest.mark.skipif(not HAPROXY, reason="needs HAProxy: apt-get install haproxy")
MOST_BYTES = 2_000_000


@pytest.fixture(scope="module")
def proxy(server, tmp_path_factory):
    with Proxy(tmp_path_factory.mktemp("proxy"), server) as running:
        yield running


def post(body, *headers, path=PREDICT, method="POST", length=None):
    """A request as bytes."""
    length = f"Content-Length: {len(body) if length is None else length}"
    head = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers, length]
    return "\r\n".join([*(line for line in head if line), "", ""]).encode() + body


def nested(opening, depth=20_000, before=b"", after=b""):
    return b'{"instances": ' + before + opening * depth + after


def test_the_configuration_has_no_mistake():
    done = subprocess.run(
        [HAPROXY, "-c", "-C", str(SHIPPED), "-f", "haproxy.cfg"],
        env=os.environ | {"SNAS_SERVER": "127.0.0.1"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, "WARNING" in done.stderr) == (0, False), done.stderr


@pytest.mark.parametrize("kind", ["rest", "grpc"])
def test_both_clients_are_answered_as_without_it(kind, clients, proxy, server, files, capfd):
    answers = []
    for asked in (server, proxy):
        port = {"rest": asked.rest_port, "grpc": asked.port}[kind]
        words = [f"--server=127.0.0.1:{port}", "--label=stable", "--json", *files]
        assert clients[kind].main(words) == 0
        answers.append(capfd.readouterr())
    assert answers[0] == answers[1] and len(answers[0].out.splitlines()) == len(files)


def test_every_kind_of_request_is_answered_as_without_it(proxy, server, files, images):
    pixels = images[:2].tolist()
    named = {"signature_name": "image_bytes", "instances": encoded(files[:2])}
    bracket = json.dumps(named | {"signature_name": '\\"[[[[[[[[[[[[[{{{{{{{{{{{{'})
    body = json.dumps({"instances": pixels}).encode()
    for path, content in [
        (PREDICT, {"instances": pixels}),
        (PREDICT, {"instances": [{"image": image} for image in pixels]}),
        (PREDICT, {"inputs": {"image": pixels}}),
        (PREDICT, named),
        (PREDICT, {"instances": [[1, 2]]}),
        (PREDICT, b"{"),
        (PREDICT, bracket.encode()),  # in a string nothing is nested
        (PREDICT, b"\xef\xbb\xbf{"),
        (PREDICT, b'{"instances": [' + b"[]," * 400_000 + b"[]]}"),  # wide, not deep
        (PREDICT, body.ljust(MOST_BYTES)),
        ("/v1/models/snas/labels/stable:predict", {"instances": pixels}),
        ("/v1/models/snas/versions/1:predict", {"instances": pixels}),
        ("/v1/models/snas/versions/9:predict", {"instances": pixels}),
        ("/v1/models/snas/labels/nobody:predict", {"instances": pixels}),
        ("/v1/models/snas", None),
        ("/v1/models/snas/versions/1", None),
        ("/v1/models/snas/labels/stable/metadata", None),
    ]:
        assert rest(proxy, path, content) == rest(server, path, content), (path, str(content)[:99])


def test_one_connection_may_ask_twice_and_wait_for_a_word(proxy, images):
    body = json.dumps({"instances": images[:1].tolist()}).encode()
    assert proxy.send(post(body) + post(body, "Connection: close"), half_close=False) == [200, 200]
    assert proxy.send(post(body, "Expect: 100-continue", "Connection: close"))[-1] == 200


HOSTILE = {
    "lists": (400, post(nested(b"["))),
    "objects": (400, post(nested(b'{"a":'))),
    "both": (400, post(nested(b'[{"a":', 10_000))),
    "spaces": (400, post(nested(b"[ \t\r\n"))),
    "9 deep": (400, post(nested(b"[", 8))),
    "closed": (400, post(nested(b"[", after=b"]" * 20_000 + b"}"))),
    "alone": (400, post(b"[" * 20_000)),
    "BOM": (400, post(b"\xef\xbb\xbf" + nested(b"["))),
    "behind a string": (400, post(nested(b"[", before=rb'"\\", "\"", "\\\"", '))),
    "in a broken string": (400, post(nested(b'["'))),
    "behind lists": (400, post(nested(b"[", before=b"[" + b"[]," * 50_000))),
    "behind closings": (400, post(nested(b"[", before=b"]" * 50_000))),
    "at the very end": (400, post(nested(b"[", before=b"[" + b"0," * 979_900))),
    "empty": (400, post(b"")),
    "too long": (413, post(b"[" * (MOST_BYTES + 1))),
    "much too long": (413, post(b"[" * 30_000_000)),
    "gzip": (415, post(gzip.compress(nested(b"[")), "Content-Encoding: gzip")),
    "x-gzip": (415, post(gzip.compress(b"{}"), "content-encoding:\tx-gzip")),
    "identity": (415, post(b"{}", "Content-Encoding: identity")),
    "chunks": (411, post(b"2\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked")),
    "odd chunks": (422, post(b"2\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: identity, chunked")),
    "no length": (411, f"POST {PREDICT} HTTP/1.1\r\nHost: a\r\n\r\n".encode()),
    "HTTP/1.0": (411, f"POST {PREDICT} HTTP/1.0\r\n\r\n{{}}".encode()),
    "two lengths": (400, post(b"{}", "Content-Length: 30")),
    "length of words": (400, post(b"{}", length="two")),
    "negative length": (400, post(b"{}", length=-2)),
    "huge length": (400, post(b"{}", length=2**64)),
    "header with a space": (400, post(b"{}", "Content-Encoding : gzip")),
    "long headers": (431, post(b"{}", "X: " + "1" * 9000)),
    "many headers": (400, post(b"{}", *["X: 1"] * 200)),
    "HTTP/2": (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9)),
    "other model": (404, post(b"{}", path="/v1/models/other:predict")),
    "capitals": (404, post(b"{}", path="/V1/models/snas:predict")),
    "two slashes": (404, post(b"{}", path="//v1/models/snas:predict")),
    "dots": (404, post(b"{}", path="/v1/models/x/../snas:predict")),
    "escapes": (404, post(b"{}", path="/v1/models/%73nas:predict")),
    "escaped slash": (404, post(b"{}", path="/v1/models%2Fsnas:predict")),
    "long version": (404, post(b"{}", path=f"/v1/models/snas/versions/{'9' * 19}:predict")),
    "query": (404, post(b"{}", path=PREDICT + "?a")),
    "fragment": (400, post(b"{}", path=PREDICT + "#a")),
    "absolute": (404, post(b"{}", path=f"http://localhost{PREDICT}")),
    "classify": (404, post(b"{}", path="/v1/models/snas:classify")),
    "metrics": (404, post(b"", path="/monitoring/prometheus/metrics", method="GET")),
    "GET predicts": (405, post(b"", method="GET")),
    "PUT": (405, post(b"{}", method="PUT")),
    "CONNECT": (404, post(b"", path="localhost:80", method="CONNECT")),
    "POST asks": (405, post(b"{}", path="/v1/models/snas")),
    "GET with a body": (400, post(nested(b"["), path="/v1/models/snas", method="GET")),
}


def asked_for(server):
    """What came to the server, but for the proxy's own question whether it is there."""
    return [(method, path) for method, path in server.rest.seen if path != READY]


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_never_reaches_the_server(name, proxy, server):
    expected, request = HOSTILE[name]
    before = asked_for(server)
    statuses = proxy.send(request)
    # What follows a request that was refused early is no request either.
    assert statuses[:1] == [expected] and all(400 <= status < 500 for status in statuses)
    assert asked_for(server) == before and not server.rest.dead.is_set()


def test_a_request_within_another_is_one_of_its_own(proxy, server, images):
    inner = post(nested(b"["), "Connection: close")
    body = json.dumps({"instances": images[:1].tolist()}).encode()
    assert proxy.send(post(body) + inner, half_close=False) == [200, 400]
    # What is longer than it says is read as the next request, and refused as that.
    assert proxy.send(post(body + nested(b"["), length=len(body)), half_close=False) == [200, 400]
    assert not server.rest.dead.is_set()


def depth(json_bytes):
    """Most brackets and braces that are open at once outside of strings, byte by byte."""
    opened = deepest = 0
    in_string = escaped = False
    for byte in json_bytes.decode("latin-1"):
        if in_string:
            in_string = escaped or byte != '"'
            escaped = byte == "\\" and not escaped
        elif byte == '"':
            in_string = True
        elif byte in "[{":
            opened += 1
            deepest = max(deepest, opened)
        elif byte in "]}":
            opened = max(opened - 1, 0)
    return deepest


def test_depth_is_counted_as_a_parser_does(proxy, rng):
    connection = http.client.HTTPConnection("127.0.0.1", proxy.rest_port, timeout=30)
    seen = set()
    for _ in range(200):
        length = rng.integers(1, 60)
        body = bytes(rng.choice([*b'[[[{{]}""\\\\1, x\0\xff'], length).astype("uint8"))
        connection.request("POST", PREDICT, body)
        refused = b"nested more than 8 deep" in connection.getresponse().read()
        assert refused == (depth(body) > 8), body
        seen.add(refused)
    connection.close()
    assert seen == {False, True}


def test_its_own_answers_are_told_by_the_client(clients, proxy, files, capfd):
    words = [f"--server=127.0.0.1:{proxy.rest_port}", "--model=other", files[0]]
    assert clients["rest"].main(words) == 1
    assert "HTTP 404: Not a path of this model." in capfd.readouterr().err


def test_no_more_at_a_time_than_it_says(slow, images, tmp_path):
    with Proxy(tmp_path, slow, {"timeout queue 5s": "timeout queue 500ms"}) as proxy:
        with futures.ThreadPoolExecutor(12) as clients:
            content = {"instances": images[:1].tolist()}
            by_rest = [clients.submit(rest, proxy, PREDICT, content) for _ in range(12)]
            statuses = sorted(answer.result()[0] for answer in by_rest)
            assert statuses == [200] * 4 + [503] * 8
            by_grpc = [clients.submit(predict, proxy, {"image": images[:1]}) for _ in range(12)]
            refused = [answer.exception() for answer in by_grpc if answer.exception()]
        assert len(refused) == 8
        assert {error.code() for error in refused} == {grpc.StatusCode.UNAVAILABLE}


def test_a_soft_stop_loses_no_request(slow, images, tmp_path):
    with Proxy(tmp_path, slow) as proxy, futures.ThreadPoolExecutor(8) as clients:
        slow.rest.seen.clear()
        content = {"instances": images[:1].tolist()}
        asked = [clients.submit(rest, proxy, PREDICT, content) for _ in range(4)]
        asked += [clients.submit(predict, proxy, {"image": images[:1]}) for _ in range(4)]
        while [method for method, _ in slow.rest.seen].count("POST") < 4:
            pass
        proxy.stop()
        assert [answer.result()[0] for answer in asked[:4]] == [200] * 4
        assert all(len(answer.result().outputs) == 4 for answer in asked[4:])
        assert proxy.process.wait(timeout=30) == 0
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", proxy.rest_port))


def test_a_server_that_is_not_there_is_said_so(clients, files, tmp_path, capfd):
    with Proxy(tmp_path, types.SimpleNamespace(port=1, rest_port=1), wait=False) as proxy:
        status, content = rest(proxy, PREDICT, {"instances": [[1]]})
        assert status == 503 and "busy, or not there" in content["error"]
        assert clients["rest"].main([f"--server=127.0.0.1:{proxy.rest_port}", files[0]]) == 1
        assert clients["grpc"].main([f"--server=127.0.0.1:{proxy.port}", files[0]]) == 1
    assert "busy, or not there" in capfd.readouterr().err


def channel(proxy, **options):
    options = [("grpc.max_send_message_length", -1), ("grpc.enable_retries", 0)]
    return grpc.insecure_channel(f"127.0.0.1:{proxy.port}", options)


def test_grpc_asks_for_status_and_metadata_but_changes_nothing(proxy, images):
    with channel(proxy) as way:
        service = model_service_pb2_grpc.ModelServiceStub(way)
        request = get_model_status_pb2.GetModelStatusRequest()
        request.model_spec.name = "snas"
        assert service.GetModelStatus(request, timeout=30).model_version_status[0].version == 1
        request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
        request.model_spec.name = "snas"
        metadata = prediction_service_pb2_grpc.PredictionServiceStub(way).GetModelMetadata
        assert metadata(request, timeout=30).model_spec.version.value == 1
        request = model_management_pb2.ReloadConfigRequest()
        request.config.model_config_list.config.add(name="snas", base_path="/tmp")
        with pytest.raises(grpc.RpcError) as refused:
            service.HandleReloadConfigRequest(request, timeout=30)
        assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED
    assert len(predict(proxy, {"image": images[:1]}).outputs["class_id"].int64_val) == 1


def test_grpc_takes_one_whole_message_for_this_model(proxy, images):
    right = predict_pb2.PredictRequest()
    right.model_spec.name = "snas"
    right.inputs["image"].CopyFrom(tf.make_tensor_proto(images[:1]))
    other = predict_pb2.PredictRequest()
    other.model_spec.name = "other"
    right, other = right.SerializeToString(), other.SerializeToString()
    large = predict_pb2.PredictRequest()
    large.model_spec.name = "snas"
    large.inputs["image"].CopyFrom(tf.make_tensor_proto(bytes(3_000_000)))
    # Field 1 with a number beyond 32 bits, which the server's parser takes for field 1.
    beyond = b"\x8a\x80\x80\x80\x10" + other[1:]
    code = grpc.StatusCode
    with channel(proxy) as way:
        ask = way.unary_unary("/tensorflow.serving.PredictionService/Predict")
        assert predict_pb2.PredictResponse.FromString(ask(right, timeout=30)).outputs
        for expected, content, compression in (
            (code.NOT_FOUND, other, None),
            (code.INVALID_ARGUMENT, right + other, None),
            (code.INVALID_ARGUMENT, right + beyond, None),
            (code.INVALID_ARGUMENT, b"", None),
            (code.INVALID_ARGUMENT, right[:-1], None),
            (code.INVALID_ARGUMENT, right, grpc.Compression.Gzip),
            (None, large.SerializeToString(), None),
        ):
            with pytest.raises(grpc.RpcError) as refused:
                ask(content, timeout=30, compression=compression)
            # The end of a message too long is not waited for: the stream may be reset meanwhile.
            allowed = {expected} if expected else {code.INVALID_ARGUMENT, code.CANCELLED}
            assert refused.value.code() in allowed, refused.value.details()


def test_metrics_have_a_port_of_their_own(proxy, server):
    def get(path):
        url = f"http://127.0.0.1:{proxy.metrics_port}{path}"
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.read().decode()

    assert get("/health") == "here"
    assert "haproxy_backend_http_responses_total" in get("/metrics")
    with pytest.raises(urllib.error.HTTPError, match="400"):  # the stand-in has no metrics
        get("/monitoring/prometheus/metrics")
    assert ("GET", "/monitoring/prometheus/metrics") in server.rest.seen
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get("/v1/models/snas")
