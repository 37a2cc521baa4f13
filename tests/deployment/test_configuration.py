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
# From TF-Serving's servables/tensorflow/util.cc, TensorFlow's loader.cc, Prometheus and HAProxy.
METRICS = {
    "up",
    ":tensorflow:serving:request_count",
    ":tensorflow:serving:request_latency_bucket",
    ":tensorflow:cc:saved_model:load_attempt_count",
    "haproxy_backend_http_responses_total",
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
def proxy_service():
    return read_yaml("compose.yaml")["services"]["proxy"]


@pytest.fixture
def pod():
    return manifest("deployment.yaml", "Deployment")["spec"]["template"]["spec"]


@pytest.fixture
def container(pod):
    return {container["name"]: container for container in pod["containers"]}["serving"]


@pytest.fixture
def proxy_container(pod):
    return {container["name"]: container for container in pod["containers"]}["proxy"]


@pytest.fixture
def proxy_ports():
    """{frontend of haproxy.cfg: its port}."""
    text = (KIT / "proxy" / "haproxy.cfg").read_text()
    return dict(re.findall(r"^frontend (\w+)\n    bind :(\d+)", text, re.MULTILINE))


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
    most_images = inspect.signature(serving.export).parameters["most_images"].default
    # A request as large as the signatures take is divided, and not refused.
    assert config.max_batch_size.value == most_images
    assert config.enable_large_batch_splitting.value and not config.allowed_batch_sizes
    assert 1 < config.max_execution_batch_size.value <= config.max_batch_size.value
    assert config.max_enqueued_batches.value > config.num_batch_threads.value > 0
    assert 0 <= config.batch_timeout_micros.value <= 10_000


def test_one_path_for_metrics(proxy_container, proxy_ports):
    config = read("monitoring.config", server_messages.MonitoringConfig()).prometheus_config
    assert config.enable
    of_server, of_proxy = read_yaml("prometheus.yml")["scrape_configs"]
    assert of_server["metrics_path"] == config.path and "metrics_path" not in of_proxy
    for scrape in (of_server, of_proxy):
        assert scrape["static_configs"][0]["targets"] == [f"proxy:{proxy_ports['metrics']}"]
    assert f"url {config.path} " in (KIT / "proxy" / "haproxy.cfg").read_text()
    template = manifest("deployment.yaml", "Deployment")["spec"]["template"]
    assert template["metadata"]["annotations"]["prometheus.io/path"] == config.path
    assert template["metadata"]["annotations"]["prometheus.io/port"] == proxy_ports["metrics"]
    ports = {port["name"]: str(port["containerPort"]) for port in proxy_container["ports"]}
    assert ports == proxy_ports


def test_alarms_are_on_metrics_that_exist():
    rules = read_yaml("alerts.yml")["groups"][0]["rules"]
    jobs = {scrape["job_name"] for scrape in read_yaml("prometheus.yml")["scrape_configs"]}
    assert read_yaml("prometheus.yml")["rule_files"] == ["alerts.yml"]
    for rule in rules:
        names = set(re.findall(r"([:a-z_]+)\{", rule["expr"]))
        assert names and names <= METRICS, names - METRICS
        asked = re.findall(r'job="([^"]+)"', rule["expr"])
        assert len(asked) == rule["expr"].count("{") and set(asked) <= jobs
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


def test_one_image(service, container, docker_run, proxy_service, proxy_container):
    assert docker_run[1] == service["image"]
    assert re.fullmatch(r"tensorflow/serving:\d+\.\d+\.\d+", service["image"])
    tags = {image["name"]: image["newTag"] for image in read_yaml("kustomization.yaml")["images"]}
    for composed, deployed in ((service, container), (proxy_service, proxy_container)):
        assert composed["image"] == f"{deployed['image']}:{tags[deployed['image']]}"


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


def test_one_proxy(proxy_service, proxy_container, service):
    command = proxy_service["command"]
    assert command == proxy_container["command"]
    (mount,) = proxy_service["volumes"]
    (in_pod,) = proxy_container["volumeMounts"]
    assert mount["target"] == in_pod["mountPath"] == command[command.index("-C") + 1]
    assert mount["source"] == "./proxy" and mount["read_only"] and in_pod["readOnly"]
    assert (KIT / "proxy" / command[command.index("-f") + 1]).exists()
    (host,) = [entry["value"] for entry in proxy_container["env"]]
    assert (proxy_service["environment"], host) == ({"SNAS_SERVER": "serving"}, "127.0.0.1")
    text = (KIT / "proxy" / "haproxy.cfg").read_text()
    given = flags(service["command"])
    servers = re.findall(r"^    server one \"\$\{SNAS_SERVER\}:(\d+)\"(.*)$", text, re.MULTILINE)
    rest, grpc = given["--rest_api_port"], given["--port"]
    assert [port for port, _ in servers] == [rest, grpc, rest]
    # Threads are left for health and metrics, and the server's own deadline comes first.
    (by_rest, by_grpc) = [
        int(n) for _, words in servers for n in re.findall(r"maxconn (\d+)", words)
    ]
    assert by_rest < int(given["--rest_api_num_threads"])
    assert by_grpc < int(given["--grpc_max_threads"])
    (seconds,) = re.findall(r"timeout server (\d+)s", text)
    assert int(seconds) * 1000 > int(given["--rest_api_timeout_in_ms"])


def test_only_the_proxy_is_reached(service, proxy_service, container, proxy_ports, docker_run):
    given = flags(service["command"])
    assert "ports" not in service and service["networks"] == ["inside"]
    assert read_yaml("compose.yaml")["networks"]["inside"] == {"internal": True}
    published = {f"127.0.0.1:{port}:{port}" for port in proxy_ports.values()}
    assert {*proxy_service["ports"]} == published
    own = [given["--port"], given["--rest_api_port"]]
    assert [str(port["containerPort"]) for port in container["ports"]] == own
    assert not {*own} & {*proxy_ports.values()}
    # Plain docker has no proxy: to the clients its ports are the same.
    assert [word for word in docker_run[0] if word.startswith("127")] == [
        f"127.0.0.1:{proxy_ports['grpc']}:{own[0]}",
        f"127.0.0.1:{proxy_ports['rest']}:{own[1]}",
    ]
    for kind in yaml.safe_load_all((KIT / "kubernetes" / "service.yaml").read_text()):
        ports = {port["targetPort"]: str(port["port"]) for port in kind["spec"]["ports"]}
        assert ports == {name: proxy_ports[name] for name in ("grpc", "rest")}
    (rule,) = manifest("network.yaml", "NetworkPolicy")["spec"]["ingress"]
    assert {port["port"] for port in rule["ports"]} == set(proxy_ports)


def test_the_proxy_stops_first(proxy_service, container, proxy_container, pod):
    text = (KIT / "proxy" / "haproxy.cfg").read_text()
    (longest,) = [int(seconds) for seconds in re.findall(r"hard-stop-after (\d+)s", text)]
    assert proxy_service["depends_on"] == {
        "serving": {"condition": "service_healthy", "restart": True}
    }
    assert proxy_service["stop_signal"] == "SIGUSR1"
    assert int(proxy_service["stop_grace_period"].removesuffix("s")) > longest
    waits = [
        int(one["lifecycle"]["preStop"]["exec"]["command"][1])
        for one in (proxy_container, container)
    ]
    assert waits[0] + longest < waits[1] < pod["terminationGracePeriodSeconds"]


def test_health_is_asked_of_the_labelled_version(
    model, service, container, proxy_service, proxy_container
):
    assert READY == f"/v1/models/{model.name}/labels/stable/metadata"
    for checked in (service, proxy_service):
        check = checked["healthcheck"]["test"]
        assert check[:3] == ["CMD", "bash", "-c"] and f"GET {READY} " in check[3]
    assert f"option httpchk GET {READY}\n" in (KIT / "proxy" / "haproxy.cfg").read_text()
    for probe in ("startupProbe", "readinessProbe"):
        assert container[probe]["httpGet"] == {"path": READY, "port": "server-rest"}
    assert proxy_container["readinessProbe"]["httpGet"] == {"path": READY, "port": "rest"}
    assert container["livenessProbe"]["httpGet"]["path"] == f"/v1/models/{model.name}"


def test_they_may_do_no_more_than_they_must(
    service, container, proxy_service, proxy_container, pod
):
    assert pod["securityContext"]["runAsNonRoot"] and not pod["automountServiceAccountToken"]
    for composed, deployed in ((service, container), (proxy_service, proxy_container)):
        assert composed["read_only"] and composed["cap_drop"] == ["ALL"]
        assert composed["security_opt"] == ["no-new-privileges:true"]
        assert "privileged" not in composed
        assert composed["user"] == "{runAsUser}:{runAsGroup}".format(**pod["securityContext"])
        context = deployed["securityContext"]
        assert context["readOnlyRootFilesystem"] and context["capabilities"] == {"drop": ["ALL"]}
        assert context["allowPrivilegeEscalation"] is False
        memory = deployed["resources"]["limits"]["memory"]
        assert composed["mem_limit"] == memory.removesuffix("i").lower()


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
    pod = by_kind["Deployment"]["spec"]["template"]
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    for volume, folder in (("config", KIT), ("proxy", KIT / "proxy")):
        config = objects["ConfigMap", volumes[volume]["configMap"]["name"]]
        assert config["data"] == {name: (folder / name).read_text() for name in config["data"]}
    assert {"haproxy.cfg", "inspect.lua"} == set(config["data"])
    config = objects["ConfigMap", volumes["config"]["configMap"]["name"]]
    claim = by_kind["PersistentVolumeClaim"]["metadata"]["name"]
    assert volumes["models"]["persistentVolumeClaim"]["claimName"] == claim
    composed = read_yaml("compose.yaml")["services"]
    images = {container["name"]: container["image"] for container in pod["spec"]["containers"]}
    assert images == {name: composed[name]["image"] for name in ("serving", "proxy")}
    used = {"models.config", "monitoring.config"}
    assert used <= set(config["data"])
    target = by_kind["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) in objects
    labels = pod["metadata"]["labels"].items()
    selectors = [
        found["spec"]["podSelector" if kind == "NetworkPolicy" else "selector"]
        for (kind, _), found in objects.items()
        if kind in {"Service", "PodDisruptionBudget", "Deployment", "NetworkPolicy"}
    ]
    assert len(selectors) == 5
    for selector in selectors:
        chosen = selector.get("matchLabels", selector).items()
        assert chosen and chosen <= labels
