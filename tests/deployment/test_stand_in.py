# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The stand-in answers as TF-Serving does, refuses as it does, and goes on serving."""

import base64
import json
import pathlib
import re
import subprocess
import sys
import urllib.error
import urllib.request
from concurrent import futures

import grpc
import numpy as np
import pytest
import tensorflow as tf
import yaml
from google.protobuf import text_format
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)
from tensorflow_serving.config.file_system_storage_path_source_pb2 import (
    FileSystemStoragePathSourceConfig,
)

from tests.deployment.loaded_models import Models, aspired_versions, read_config
from tests.deployment.refusals import Refusal

ROOT = pathlib.Path(__file__).parents[2]
KIT = ROOT / "export"
PREDICT = "/v1/models/snas:predict"
PATIENCE = 120
"""Seconds in which also a busy machine answers; what hangs fails."""


def rest(server, path, content=None):
    """(status, what the JSON says) of a GET, or of a POST of `content`, JSON or bytes."""
    if content is not None and not isinstance(content, bytes):
        content = json.dumps(content).encode()
    url = f"http://127.0.0.1:{server.rest_port}{path}"
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, content), timeout=PATIENCE
        ) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def encoded(files):
    return [{"b64": base64.b64encode(pathlib.Path(file).read_bytes()).decode()} for file in files]


def predict(server, inputs, **spec):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = spec.pop("name", "snas")
    for field, value in spec.items():
        setattr(request.model_spec, field, value)
    for name, value in inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        return prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict(
            request, timeout=PATIENCE
        )


def test_rows_columns_and_both_signatures_say_the_same(server, files, images, classes):
    pixels, bytes_ = images[:5].tolist(), encoded(files[:5])
    name = {"signature_name": "image_bytes"}
    rows = [
        rest(server, PREDICT, {"instances": pixels}),
        rest(server, PREDICT, {"instances": [{"image": image} for image in pixels]}),
        rest(server, PREDICT, {"instances": bytes_} | name),
        rest(server, PREDICT, {"instances": [{"image_bytes": image} for image in bytes_]} | name),
    ]
    for status, answer in rows:
        assert status == 200 and answer == rows[0][1]
        assert [row["class_id"] for row in answer["predictions"]] == classes[1][:5]
    columns = [
        rest(server, PREDICT, {"inputs": pixels}),
        rest(server, PREDICT, {"inputs": {"image": pixels}}),
        rest(server, PREDICT, {"inputs": {"image_bytes": bytes_}} | name),
    ]
    for status, answer in columns:
        assert status == 200 and answer == columns[0][1]
        assert answer["outputs"]["class_id"] == classes[1][:5]
    outputs = predict(server, {"image": images[:5]}).outputs
    assert tf.make_ndarray(outputs["class_id"]).tolist() == classes[1][:5]
    expected = [row["logits"] for row in rows[0][1]["predictions"]]
    np.testing.assert_array_equal(tf.make_ndarray(outputs["logits"]), np.float32(expected))


def test_a_pixel_s_low_byte_counts(server, images):
    image = images[:1].astype(int)
    outside = (image + 256).tolist()
    assert rest(server, PREDICT, {"instances": outside}) == rest(
        server, PREDICT, {"instances": image.tolist()}
    )


def test_what_is_wrong_is_refused_and_the_server_goes_on(server, images, files, classes):
    image = images[0].tolist()
    name = {"signature_name": "image_bytes"}
    right = {"instances": [image]}
    wrong = [
        (404, "/v1/models/other:predict", right),
        (404, "/v1/models/snas/versions/9:predict", right),
        (400, "/v1/models/snas/labels/nobody:predict", right),
        (400, "/v1/models/snas/versions/99999999999999999999:predict", right),
        (400, "/v1/models/snas/version/1:predict", right),
        (400, "/v1/models/snas", right),
        (400, PREDICT, b""),
        (400, PREDICT, b"{"),
        (400, PREDICT, b"[]"),
        (400, PREDICT, {}),
        (400, PREDICT, {"instances": []}),
        (400, PREDICT, {"instances": image, "inputs": image}),
        (400, PREDICT, right | {"signature_name": "nothing"}),
        (400, PREDICT, right | {"signature_name": 3}),
        (400, PREDICT, {"instances": [{"pixels": image}]}),
        (400, PREDICT, {"inputs": {"pixels": [image]}}),
        (400, PREDICT, {"instances": [[1, 2]]}),
        (400, PREDICT, {"instances": [image, image[:4]]}),
        (400, PREDICT, {"instances": [image[:4]]}),
        (400, PREDICT, {"instances": [[[[0.5]] * 8] * 8]}),
        (400, PREDICT, {"instances": [[[["0"]] * 8] * 8]}),
        (400, PREDICT, {"instances": [image] * 257}),
        (400, PREDICT, {"instances": ["no image"]} | name),
        (400, PREDICT, {"instances": [{"b64": "%"}]} | name),
        (400, PREDICT, {"instances": [*encoded(files[:2]), {"b64": ""}]} | name),
        (400, PREDICT, {"instances": encoded(files[:1]) * 257} | name),
    ]
    for expected, path, content in wrong:
        status, answer = rest(server, path, content)
        assert (status, [*answer]) == (expected, ["error"]), (path, content, answer)
        assert isinstance(answer["error"], str) and answer["error"]
    status, answer = rest(server, PREDICT, right)
    assert status == 200 and answer["predictions"][0]["class_id"] == classes[1][0]


def test_statuses_by_grpc(server, images):
    code = grpc.StatusCode
    for expected, inputs, spec in (
        (code.NOT_FOUND, {"image": images[:1]}, {"name": "other"}),
        (code.INVALID_ARGUMENT, {"image": images[:1]}, {"version_label": "nobody"}),
        (code.FAILED_PRECONDITION, {"image": images[:1]}, {"signature_name": "nothing"}),
        (code.INVALID_ARGUMENT, {"pixels": images[:1]}, {}),
        (code.INVALID_ARGUMENT, {}, {}),
        (code.INVALID_ARGUMENT, {"image": images[:1].astype(np.float32)}, {}),
        (code.INVALID_ARGUMENT, {"image": images[0]}, {}),
        (code.INVALID_ARGUMENT, {"image": np.zeros((1, 9, 9, 1), np.uint8)}, {}),
        (code.INVALID_ARGUMENT, {"image_bytes": [b"none"]}, {"signature_name": "image_bytes"}),
    ):
        with pytest.raises(grpc.RpcError) as refused:
            predict(server, inputs, **spec)
        assert refused.value.code() == expected, refused.value.details()
        assert "traces" not in refused.value.details()


def test_status_and_metadata(canary):
    version = {"state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    both = {"model_version_status": [version | {"version": "2"}, version | {"version": "1"}]}
    assert rest(canary, "/v1/models/snas") == (200, both)
    assert rest(canary, "/v1/models/snas/versions/1")[1]["model_version_status"] == [
        version | {"version": "1"}
    ]
    for path in ("/v1/models/other", "/v1/models/snas/versions/3"):
        assert rest(canary, path)[0] == 404
    status, found = rest(canary, "/v1/models/snas/labels/canary/metadata")
    assert status == 200 and found["model_spec"]["version"] == "2"
    signatures = found["metadata"]["signature_def"]["signature_def"]
    assert set(signatures) == {"serving_default", "image_bytes"}
    assert rest(canary, "/v1/models/snas/labels/nobody/metadata")[0] == 400
    with grpc.insecure_channel(f"127.0.0.1:{canary.port}") as channel:
        request = get_model_status_pb2.GetModelStatusRequest()
        request.model_spec.name = "snas"
        states = model_service_pb2_grpc.ModelServiceStub(channel).GetModelStatus(request)
        assert [state.version for state in states.model_version_status] == [2, 1]
        request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
        request.model_spec.name = "snas"
        service = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        assert service.GetModelMetadata(request).model_spec.version.value == 2


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("", [10]),
        ("latest { num_versions: 2 }", [2, 10]),
        ("all { }", [1, 2, 10]),
        ("specific { versions: 1 versions: 7 }", [1]),
    ],
)
def test_the_policy_chooses_the_versions(tmp_path, policy, expected):
    for name in ("1", "2", "10", "notes", ".11.7"):
        (tmp_path / name).mkdir()
    config = FileSystemStoragePathSourceConfig.ServableVersionPolicy()
    assert aspired_versions(text_format.Parse(policy, config), tmp_path) == expected


def test_without_the_flag_the_labels_keep_the_server_from_starting(exported):
    with pytest.raises(Refusal, match="label to version 1 of model snas, which is not currently"):
        Models(read_config(KIT / "models.config"), exported, unavailable_labels=False)


@pytest.mark.parametrize("service", ["serving", "proxy"])
def test_the_health_check_of_compose(service, server):
    check = yaml.safe_load((KIT / "compose.yaml").read_text())["services"][service]["healthcheck"]
    _, *command, script = check["test"]
    (documented,) = re.findall(r"/(\d+) &&", script)
    script = script.replace("$$", "$")
    for port, label, healthy in (
        (server.rest_port, "stable", True),
        (server.rest_port, "nobody", False),
        (1, "stable", False),
    ):
        text = script.replace(f"/{documented} ", f"/{port} ").replace(
            "/labels/stable", f"/labels/{label}"
        )
        done = subprocess.run([*command, text], capture_output=True, timeout=20)
        assert (done.returncode == 0) == healthy, done.stderr


def test_many_clients_at_once(server, images, files, classes):
    def by_rest(position):
        content = {"signature_name": "image_bytes", "instances": encoded([files[position]])}
        return rest(server, PREDICT, content)[1]["predictions"][0]["class_id"]

    def by_grpc(position):
        outputs = predict(server, {"image": images[position : position + 1]}).outputs
        return tf.make_ndarray(outputs["class_id"]).item()

    positions = [k % len(files) for k in range(64)]
    with futures.ThreadPoolExecutor(24) as clients:
        for ask in (by_rest, by_grpc):
            assert [*clients.map(ask, positions)] == [classes[1][k] for k in positions]


def test_it_runs_as_a_process_and_says_what_it_is(exported):
    words = [sys.executable, "-m", "tests.deployment.stand_in", f"--folder={exported}"]
    with subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            grpc_line, rest_line = process.stdout.readline(), process.stdout.readline()
            port = re.fullmatch(r"REST 127\.0\.0\.1:(\d+)\n", rest_line)[1]
            assert re.fullmatch(r"gRPC 127\.0\.0\.1:\d+\n", grpc_line)
            url = f"http://127.0.0.1:{port}/v1/models/snas/labels/stable/metadata"
            with urllib.request.urlopen(url, timeout=20) as answer:
                assert answer.status == 200
        finally:
            process.terminate()
        assert "NOT FOR PRODUCTION" in process.stderr.read()
