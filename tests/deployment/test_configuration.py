# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Every configuration file is what its reader expects, and they agree with one another."""

import inspect
import pathlib
import re
import shutil
import subprocess

import pytest
import yaml
from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2, platform_config_pb2

from snas_tf import serving
from tests.deployment import server_messages

KIT = pathlib.Path(__file__).parents[2] / "export"

# Of tensorflow_model_server, from TF-Serving's main.cc.
FLAGS = {
    "--port",
    "--rest_api_port",
    "--rest_api_num_threads",
    "--rest_api_timeout_in_ms",
    "--grpc_max_threads",
    "--model_config_file",
    "--model_config_file_poll_wait_seconds",
    "--allow_version_labels_for_unavailable_models",
    "--monitoring_config_file",
    "--enable_model_warmup",
    "--tensorflow_intra_op_parallelism",
    "--tensorflow_inter_op_parallelism",
    "--enable_batching",
    "--batching_parameters_file",
    "--platform_config_file",
    "--num_request_iterations_for_warmup",
}
# From TF-Serving's servables/tensorflow/util.cc and TensorFlow's loader.cc, and Prometheus's own.
METRICS = {
    "up",
    ":tensorflow:serving:request_count",
    ":tensorflow:serving:request_latency_bucket",
    ":tensorflow:cc:saved_model:load_attempt_count",
}
READY = "/v1/models/snas/labels/stable/metadata"


def read(name, message):
    return text_format.Parse((KIT / name).read_text(), message)


def read_yaml(name):
    return yaml.safe_load((KIT / name).read_text())


def manifest(name, kind):
    documents = yaml.safe_load_all((KIT / "kubernetes" / name).read_text())
    return next(document for document in documents if document["kind"] == kind)


def flags(words):
    return dict(word.split("=", 1) for word in words)


@pytest.fixture
def model():
    config = read("models.config", model_server_config_pb2.ModelServerConfig())
    (model,) = config.model_config_list.config
    return model


@pytest.fixture
def service():
    return read_yaml("compose.yaml")["services"]["serving"]


@pytest.fixture
def container():
    deployment = manifest("deployment.yaml", "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    return container


@pytest.fixture
def docker_run():
    """The words of the README's docker run: (those before the image, image, flags)."""
    (command,) = re.findall(
        r"^docker run(?:.*\\\n)+.*$", (KIT / "README.md").read_text(), re.MULTILINE
    )
    words = command.replace("\\\n", " ").split()
    (at,) = [k for k, word in enumerate(words) if word.startswith("tensorflow/serving")]
    return words[:at], words[at], flags(words[at + 1 :])


def test_the_model_is_the_one_that_is_exported(model):
    assert model.name == serving.MODEL
    assert model.model_platform == "tensorflow"
    loaded = set(model.model_version_policy.specific.versions)
    assert loaded == {1}, "a first start has version 1 only"
    assert set(model.version_labels) == {"stable", "canary"}
    assert set(model.version_labels.values()) <= loaded


def test_batches_fit_the_scheduler_and_the_signatures():
    config = read("batching.config", server_messages.BatchingParameters())
    sizes = [*config.allowed_batch_sizes]
    assert sizes == sorted(set(sizes)) and sizes[0] == 1
    assert sizes[-1] == config.max_batch_size.value
    most_images = inspect.signature(serving.export).parameters["most_images"].default
    assert config.max_batch_size.value <= most_images
    assert config.max_enqueued_batches.value > config.num_batch_threads.value > 0
    assert 0 <= config.batch_timeout_micros.value <= 10_000


def test_one_path_for_metrics(container):
    config = read("monitoring.config", server_messages.MonitoringConfig()).prometheus_config
    assert config.enable
    (scrape,) = read_yaml("prometheus.yml")["scrape_configs"]
    assert scrape["metrics_path"] == config.path
    template = manifest("deployment.yaml", "Deployment")["spec"]["template"]
    assert template["metadata"]["annotations"]["prometheus.io/path"] == config.path
    assert template["metadata"]["annotations"]["prometheus.io/port"] == str(
        {port["name"]: port["containerPort"] for port in container["ports"]}["rest"]
    )


def test_alarms_are_on_metrics_that_exist():
    rules = read_yaml("alerts.yml")["groups"][0]["rules"]
    (scrape,) = read_yaml("prometheus.yml")["scrape_configs"]
    assert read_yaml("prometheus.yml")["rule_files"] == ["alerts.yml"]
    for rule in rules:
        names = set(re.findall(r"([:a-z_]+)\{", rule["expr"]))
        assert names and names <= METRICS, names - METRICS
        assert rule["expr"].count(f'job="{scrape["job_name"]}"') == rule["expr"].count("{")
        assert rule["labels"]["severity"] in {"page", "ticket"} and rule["annotations"]["summary"]


def test_the_platform_says_what_the_flags_say(model, service):
    config = text_format.Parse(
        (KIT / "platform.config").read_text(),
        platform_config_pb2.PlatformConfigMap(),
        descriptor_pool=server_messages.POOL,
    )
    assert set(config.platform_configs) == {model.model_platform}
    packed = config.platform_configs[model.model_platform].source_adapter_config
    adapter = server_messages.SavedModelBundleSourceAdapterConfig()
    assert packed.type_url == f"type.googleapis.com/{adapter.DESCRIPTOR.full_name}"
    adapter.ParseFromString(packed.value)
    session = adapter.legacy_config.session_config
    given = flags(service["command"])
    assert adapter.legacy_config.enable_model_warmup and given["--enable_model_warmup"] == "true"
    assert str(session.intra_op_parallelism_threads) == given["--tensorflow_intra_op_parallelism"]
    assert str(session.inter_op_parallelism_threads) == given["--tensorflow_inter_op_parallelism"]


def test_one_command_in_all_deployments(service, container, docker_run):
    given = flags(service["command"])
    before, image, documented = docker_run
    assert documented == given
    # Kubernetes starts new pods in place of reading the file again.
    assert flags(container["args"]) | {"--model_config_file_poll_wait_seconds": "10"} == given
    assert set(given) <= FLAGS
    assert given["--allow_version_labels_for_unavailable_models"] == "true"
    assert service["entrypoint"] == container["command"] == ["tensorflow_model_server"]
    assert f"--entrypoint={service['entrypoint'][0]}" in before


def test_every_flag_that_is_named_exists():
    for file in [*KIT.glob("*.config"), KIT / "README.md"]:
        named = set(re.findall(r"--[a-z]+_[a-z_]+", file.read_text()))
        assert named <= FLAGS, (file.name, named - FLAGS)


def test_one_image(service, container, docker_run):
    name, tag = service["image"].split(":")
    assert docker_run[1] == service["image"]
    assert container["image"] == name
    (image,) = read_yaml("kustomization.yaml")["images"]
    assert (image["name"], image["newTag"]) == (name, tag)
    assert re.fullmatch(r"\d+\.\d+\.\d+", tag)


def test_one_place_for_models_and_configuration(model, service, container, docker_run):
    config_file = flags(service["command"])["--model_config_file"]
    config_folder = str(pathlib.PurePosixPath(config_file).parent)
    mounts = {mount["target"]: mount for mount in service["volumes"]}
    assert set(mounts) == {model.base_path, config_folder}
    assert all(mount["read_only"] for mount in mounts.values())
    assert mounts[config_folder]["source"] == "."
    in_pod = {mount["mountPath"]: mount for mount in container["volumeMounts"]}
    assert in_pod[model.base_path]["readOnly"] and in_pod[config_folder]["readOnly"]
    targets = {word.split(":")[1] for word in docker_run[0] if word.startswith('"$PWD')}
    assert targets == {model.base_path, config_folder}


def test_one_pair_of_ports(service, container, docker_run):
    given = flags(service["command"])
    ports = [given["--port"], given["--rest_api_port"]]
    published = [f"127.0.0.1:{port}:{port}" for port in ports]
    assert service["ports"] == published
    assert [word for word in docker_run[0] if word.startswith("127")] == published
    assert [str(port["containerPort"]) for port in container["ports"]] == ports
    names = {port["name"] for port in container["ports"]}
    for kind in yaml.safe_load_all((KIT / "kubernetes" / "service.yaml").read_text()):
        assert [str(port["port"]) for port in kind["spec"]["ports"]] == ports
        assert {port["targetPort"] for port in kind["spec"]["ports"]} == names
    (scrape,) = read_yaml("prometheus.yml")["scrape_configs"]
    assert scrape["static_configs"][0]["targets"] == [f"serving:{ports[1]}"]


def test_health_is_asked_of_the_labelled_version(model, service, container):
    check = service["healthcheck"]["test"]
    assert check[:3] == ["CMD", "bash", "-c"] and f"GET {READY} " in check[3]
    assert READY == f"/v1/models/{model.name}/labels/stable/metadata"
    for probe in ("startupProbe", "readinessProbe"):
        assert container[probe]["httpGet"] == {"path": READY, "port": "rest"}
    assert container["livenessProbe"]["httpGet"]["path"] == f"/v1/models/{model.name}"


def test_the_server_may_do_no_more_than_it_must(service, container):
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service and service["user"].split(":")[0] != "0"
    context = container["securityContext"]
    assert context["readOnlyRootFilesystem"] and context["capabilities"] == {"drop": ["ALL"]}
    assert context["allowPrivilegeEscalation"] is False
    pod = manifest("deployment.yaml", "Deployment")["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] and not pod["automountServiceAccountToken"]
    assert service["user"] == "{runAsUser}:{runAsGroup}".format(**pod["securityContext"])


def test_as_many_operations_side_by_side_as_cores(service, container):
    threads = flags(service["command"])["--tensorflow_inter_op_parallelism"]
    assert str(service["cpus"]) == threads == container["resources"]["limits"]["cpu"]
    batching = read("batching.config", server_messages.BatchingParameters())
    assert str(batching.num_batch_threads.value) == threads


@pytest.mark.skipif(not shutil.which("kubectl"), reason="needs kubectl")
def test_kustomize_puts_the_same_files_into_the_cluster(tmp_path):
    # A copy: kustomize follows no links out of its folder, which is what a sandbox is made of.
    words = ["kubectl", "kustomize", str(shutil.copytree(KIT, tmp_path / "export"))]
    built = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True).stdout
    objects = {
        (found["kind"], found["metadata"]["name"]): found for found in yaml.safe_load_all(built)
    }
    by_kind = {kind: found for (kind, _), found in objects.items()}
    config = by_kind["ConfigMap"]
    for name, text in config["data"].items():
        assert text == (KIT / name).read_text()
    pod = by_kind["Deployment"]["spec"]["template"]
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    assert volumes["config"]["configMap"]["name"] == config["metadata"]["name"]
    claim = by_kind["PersistentVolumeClaim"]["metadata"]["name"]
    assert volumes["models"]["persistentVolumeClaim"]["claimName"] == claim
    (container,) = pod["spec"]["containers"]
    assert container["image"] == read_yaml("compose.yaml")["services"]["serving"]["image"]
    used = {"models.config", "monitoring.config"}
    assert used <= set(config["data"])
    target = by_kind["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) in objects
    labels = pod["metadata"]["labels"].items()
    selectors = [
        found["spec"]["selector"]
        for (kind, _), found in objects.items()
        if kind in {"Service", "PodDisruptionBudget", "Deployment"}
    ]
    assert len(selectors) == 4
    for selector in selectors:
        chosen = selector.get("matchLabels", selector).items()
        assert chosen and chosen <= labels
