# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What was seen to go wrong with the real server goes wrong with the stand-in."""

import functools
import gzip
import http.client
import json
import shutil
import threading
import urllib.error
import urllib.request
from concurrent import futures

import grpc
import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format
from tensorflow_serving.apis import model_management_pb2, model_pb2, model_service_pb2_grpc

from tests.deployment import server_messages
from tests.deployment.batches import Batches
from tests.deployment.loaded_models import Models, read_config
from tests.deployment.refusals import Refusal
from tests.deployment.stand_in import StandIn
from tests.deployment.test_stand_in import KIT, PREDICT, encoded, rest


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b"[ \n"])
def test_nested_json_kills_it(server, images, opening):
    with StandIn(server.rest.models) as victim:
        assert rest(victim, PREDICT, {"instances": images[:1].tolist()})[0] == 200
        with pytest.raises(http.client.RemoteDisconnected):
            rest(victim, PREDICT, b'{"instances": ' + opening * 20_000)
        assert victim.rest.dead.is_set()
        with pytest.raises(http.client.RemoteDisconnected):
            rest(victim, "/v1/models/snas")


def test_it_unpacks_gzip(server, images):
    body = gzip.compress(json.dumps({"instances": images[:1].tolist()}).encode())
    url = f"http://127.0.0.1:{server.rest_port}{PREDICT}"
    request = urllib.request.Request(url, body, {"Content-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert len(json.load(answer)["predictions"]) == 1


def test_its_own_deadline_is_504(slow, images):
    with StandIn(slow.rest.models, rest_timeout=0.1) as hasty:
        status, answer = rest(hasty, PREDICT, {"instances": images[:1].tolist()})
    assert status == 504 and answer["error"]


def test_an_unknown_name_is_refused_in_rows_and_ignored_in_columns(server, images):
    pixels = images[:1].tolist()
    rows = {"instances": [{"image": pixels[0], "unknown": 3}]}
    columns = {"inputs": {"image": pixels, "unknown": 3}}
    assert rest(server, PREDICT, rows)[0] == 400
    assert rest(server, PREDICT, columns) == rest(server, PREDICT, {"inputs": pixels})
    assert rest(server, PREDICT, columns)[0] == 200


def test_the_low_byte_of_32_bits_counts_and_more_is_refused(server, images):
    image = images[:1].astype(int)
    plain = rest(server, PREDICT, {"instances": image.tolist()})
    for added, status in ((2**31 - 256, 200), (2**31, 400), (-(2**31), 200), (-(2**32), 400)):
        found = rest(server, PREDICT, {"instances": (image + added).tolist()})
        assert found[0] == status and (status == 400 or found == plain), added


def test_a_broken_version_ends_and_returns_only_by_way_of_the_configuration(exported, tmp_path):
    folder = tmp_path / "export"
    shutil.copytree(exported / "1", folder / "1")
    (folder / "2").mkdir()
    first, both = read_config(KIT / "models.config"), read_config(KIT / "models.config")
    both.model_config_list.config[0].model_version_policy.specific.versions.append(2)
    with StandIn(Models(both, folder, unavailable_labels=True)) as server:

        def states():
            told = rest(server, "/v1/models/snas")[1]["model_version_status"]
            return {entry["version"]: entry["state"] for entry in told}

        def read(config):
            request = model_management_pb2.ReloadConfigRequest(config=config)
            with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
                service = model_service_pb2_grpc.ModelServiceStub(channel)
                service.HandleReloadConfigRequest(request, timeout=60)

        assert states() == {"1": "AVAILABLE", "2": "END"}
        assert rest(server, "/v1/models/snas/versions/2/metadata")[0] == 404
        shutil.rmtree(folder / "2")
        shutil.copytree(exported / "2", folder / "2")
        read(both)
        assert states() == {"1": "AVAILABLE", "2": "END"}  # repaired, and no matter
        read(first)
        assert states() == {"1": "AVAILABLE"}
        read(both)
        assert states() == {"1": "AVAILABLE", "2": "AVAILABLE"}
        both.model_config_list.config[0].version_labels["stable"] = 3
        with pytest.raises(grpc.RpcError, match="label to version 3"):
            read(both)


def parameters(text):
    return text_format.Parse(text, server_messages.BatchingParameters())


@pytest.fixture(scope="module")
def batching(exported):
    """The stand-in with the kit's batching.config."""
    merged = parameters((KIT / "batching.config").read_text())
    config = read_config(KIT / "models.config")
    with StandIn(Models(config, exported, unavailable_labels=True, batching=merged)) as running:
        yield running


def test_the_kit_s_batching_divides_long_requests(batching, server, images, files):
    for count in (1, 32, 33, 256, None):
        content = {"instances": np.resize(images, (count or 1, 8, 8, 1)).tolist()}
        if not count:
            content = {"signature_name": "image_bytes", "instances": encoded(files)}
        status, merged = rest(batching, PREDICT, content)
        _, plain = rest(server, PREDICT, content)
        assert status == 200
        np.testing.assert_allclose(
            [row["logits"] for row in merged["predictions"]],
            [row["logits"] for row in plain["predictions"]],
            atol=1e-5,
        )
    status, answer = rest(batching, PREDICT, {"instances": images[:1].tolist() * 257})
    assert (status, answer["error"]) == (
        400,
        "Task size 257 is larger than maximum input batch size 256",
    )


def test_without_splitting_long_requests_are_refused(server, images):
    few = parameters("max_batch_size { value: 32 } num_batch_threads { value: 2 }")
    servable = server.rest.models.find(_spec())
    batches = Batches(functools.partial(servable.run, "serving_default"), few)
    assert len(batches.run({"image": tf.constant(images[:32])})["class_id"]) == 32
    with pytest.raises(Refusal, match="Task size 33 is larger than maximum input batch size 32"):
        batches.run({"image": tf.constant(images[:33])})


def test_merged_requests_share_an_error(server, images):
    slow = "max_batch_size { value: 256 } num_batch_threads { value: 2 }"
    slow += " batch_timeout_micros { value: 1000000 }"
    servable = server.rest.models.find(_spec())
    batches = Batches(functools.partial(servable.run, "serving_default"), parameters(slow))
    together = threading.Barrier(2)

    def ask(pixels):
        together.wait()
        return batches.run({"image": tf.constant(pixels)})

    with futures.ThreadPoolExecutor(2) as clients:
        good = clients.submit(ask, images[:1])
        wrong = clients.submit(ask, np.zeros((1, 9, 9, 1), np.uint8))
        for answer in (good, wrong):
            with pytest.raises(Refusal, match="have different shapes"):
                answer.result()


def _spec():
    return model_pb2.ModelSpec(name="snas")
