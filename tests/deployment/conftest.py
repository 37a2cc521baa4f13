# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Two versions of a small untrained network, served by the stand-in over real sockets."""

import importlib
import pathlib
import sys

import keras
import pytest
import tensorflow as tf

from snas_tf import ChildNetwork, data, serving, space
from tests.deployment.loaded_models import Models, read_config
from tests.deployment.stand_in import StandIn

KIT = pathlib.Path(__file__).parents[2] / "export"
SKELETON = space.Skeleton(num_cells=2, init_channels=4, num_classes=10, image_shape=(8, 8, 1))
GENOTYPE = space.Genotype(
    {
        "normal": (space.Connection(0, 2, "sep_conv_3x3"), space.Connection(2, 3, "max_pool_3x3")),
        "reduction": (
            space.Connection(1, 2, "dil_conv_5x5"),
            space.Connection(0, 3, "skip_connect"),
        ),
    },
    num_nodes=2,
)
CANARY = """
model_config_list { config {
  name: "snas" base_path: "/models/snas" model_platform: "tensorflow"
  model_version_policy { specific { versions: 1 versions: 2 } }
  version_labels { key: "stable" value: 1 }
  version_labels { key: "canary" value: 2 }
} }
"""


@pytest.fixture(scope="session")
def digits():
    return data.load("digits")


@pytest.fixture(scope="session")
def images(digits):
    """uint8 (40, 8, 8, 1)."""
    batch = digits.validation.keys(None).batch(40).take(1).map(digits.validation.reader())
    ((pixels, _),) = batch.as_numpy_iterator()
    return pixels


@pytest.fixture(scope="session")
def networks(digits, images):
    """{version: (network, normalization)}."""
    normalization = data.normalization(digits)

    def network(seed):
        keras.utils.set_random_seed(seed)
        child = ChildNetwork(GENOTYPE, SKELETON)
        # Untrained, it takes all images for one class: logits of mean 0 and deviation 1 say more.
        logits = child(normalization(images)).numpy()
        mean, deviation = logits.mean(0), logits.std(0)
        *rest, weights, bias = child.get_weights()
        child.set_weights([*rest, weights / deviation, (bias - mean) / deviation])
        return child, normalization

    return {1: network(1), 2: network(2)}


@pytest.fixture(scope="session")
def exported(networks, digits, images, tmp_path_factory):
    """A folder with version 1 as --mode=export writes it, and version 2, unverified for speed."""
    folder = tmp_path_factory.mktemp("export")
    network, normalization = networks[1]
    served = {
        "normalization": normalization,
        "frame": data.Framing(8),
        "class_names": digits.class_names,
    }
    serving.export(network, folder, **served, examples=images[:4])
    module = tf.Module()
    module.network, module.normalization = networks[2]
    signatures = serving.Served(network=module.network, **served, most_images=256).signatures()
    tf.saved_model.save(module, str(folder / "2"), signatures)
    return folder


@pytest.fixture(scope="session")
def classes(networks, images):
    """{version: class of each image, by the network itself}."""
    return {
        version: network(normalization(images)).numpy().argmax(-1).tolist()
        for version, (network, normalization) in networks.items()
    }


@pytest.fixture(scope="session")
def files(images, tmp_path_factory):
    """The images as PNG files; the first is also `five.png`, as the README calls it."""
    folder = tmp_path_factory.mktemp("images")
    for position, image in enumerate(images):
        png = tf.io.encode_png(image).numpy()
        (folder / f"{position:02}.png").write_bytes(png)
    (folder / "five.png").write_bytes((folder / "00.png").read_bytes())
    return sorted(str(file) for file in folder.glob("[0-9]*.png"))


@pytest.fixture(scope="session")
def server(exported):
    """The stand-in as the kit configures it: one version."""
    config = read_config(KIT / "models.config")
    with StandIn(Models(config, exported, unavailable_labels=True)) as running:
        yield running


@pytest.fixture(scope="session")
def canary(exported, tmp_path_factory):
    """The stand-in during a canary: two versions, `stable` on 1 and `canary` on 2."""
    file = tmp_path_factory.mktemp("config") / "models.config"
    file.write_text(CANARY)
    with StandIn(Models(read_config(file), exported, unavailable_labels=True)) as running:
        yield running


@pytest.fixture(scope="session")
def slow(exported):
    """The stand-in, two seconds late."""
    config = read_config(KIT / "models.config")
    with StandIn(Models(config, exported, unavailable_labels=True, delay=2.0)) as running:
        yield running


@pytest.fixture(scope="session")
def clients():
    """{"rest", "grpc"}: the clients as modules; a script finds its neighbour in its own folder."""
    folder = str(KIT / "clients")
    sys.path.insert(0, folder)
    try:
        yield {kind: importlib.import_module(f"predict_{kind}") for kind in ("rest", "grpc")}
    finally:
        sys.path.remove(folder)
