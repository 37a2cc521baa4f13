# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The cluster is what TF_CONFIG lists."""

import json

import pytest

from snas_tf.errors import InvalidInput
from snas_tf.machine import cluster
from snas_tf.machine.cluster import Cluster

TWO = {"worker": ["a:1", "b:1"]}


def set_config(monkeypatch, addresses, role="worker", index=0):
    config = {"cluster": addresses, "task": {"type": role, "index": index}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(config))


@pytest.mark.parametrize("distribution", ["auto", "one_device", "mirrored", "tpu"])
def test_without_tf_config_there_is_one_worker(monkeypatch, distribution):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    assert cluster.find(distribution) == Cluster(1, 0)


def test_several_workers_without_tf_config_are_refused_with_an_example(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    with pytest.raises(InvalidInput, match="multi_worker.*TF_CONFIG.*not set") as told:
        cluster.find("multi_worker")
    example = str(told.value).partition("such as ")[2].partition(", with")[0]
    monkeypatch.setenv("TF_CONFIG", example)
    assert cluster.find("multi_worker") == Cluster(2, 0)


@pytest.mark.parametrize("distribution", ["auto", "multi_worker"])
def test_workers_are_counted_from_the_chief(monkeypatch, distribution):
    set_config(monkeypatch, TWO, index=1)
    assert cluster.find(distribution) == Cluster(2, 1)
    assert not cluster.find(distribution).is_chief
    set_config(monkeypatch, {"chief": ["c:1"], **TWO}, index=1)
    assert cluster.find(distribution) == Cluster(3, 2)
    set_config(monkeypatch, {"chief": ["c:1"], **TWO}, role="chief")
    assert cluster.find(distribution) == Cluster(3, 0)
    assert cluster.find(distribution).is_chief


@pytest.mark.parametrize("distribution", ["one_device", "mirrored", "tpu"])
def test_one_machine_stays_alone(monkeypatch, distribution):
    set_config(monkeypatch, TWO, index=1)
    assert cluster.find(distribution) == Cluster()


@pytest.mark.parametrize("text", ["{}", '{"cluster": {}, "task": {"type": "master", "index": 0}}'])
def test_a_cloud_that_sets_it_for_one_machine_means_one_machine(monkeypatch, text):
    monkeypatch.setenv("TF_CONFIG", text)
    assert cluster.find("auto") == Cluster()


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[1]",
        json.dumps({"cluster": TWO}),
        json.dumps({"cluster": TWO, "task": {"type": "worker", "index": 2}}),
        json.dumps({"cluster": TWO, "task": {"type": "worker", "index": "x"}}),
        json.dumps({"cluster": {"worker": 3}, "task": {"type": "worker", "index": 0}}),
    ],
)
def test_what_is_no_cluster_is_refused(monkeypatch, text):
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(InvalidInput, match="`TF_CONFIG` must be JSON"):
        cluster.find("auto")


def test_parameter_servers_are_refused(monkeypatch):
    set_config(monkeypatch, {**TWO, "ps": ["d:1"]})
    with pytest.raises(InvalidInput, match="given ps"):
        cluster.find("auto")
