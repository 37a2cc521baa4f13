# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A small network for digits, and its export, which the tests only read."""

import keras
import pytest

from snas_tf import ChildNetwork, data, serving, space

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
MOST_IMAGES = 64


@pytest.fixture(scope="session")
def digits():
    return data.load("digits")


@pytest.fixture(scope="session")
def parts(digits):
    """What `serving.export` and `serving.Served` take of a network for digits."""
    keras.utils.set_random_seed(1)
    return {
        "network": ChildNetwork(GENOTYPE, SKELETON),
        "normalization": data.normalization(digits),
        "frame": data.Framing().fitting(SKELETON.image_shape),
        "class_names": digits.class_names,
        "most_images": MOST_IMAGES,
    }


@pytest.fixture(scope="session")
def served(parts):
    return serving.Served(**parts)


@pytest.fixture(scope="session")
def examples(digits):
    return digits.validation.images[:32]


@pytest.fixture(scope="session")
def exported(parts, examples, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    others = {name: value for name, value in parts.items() if name != "network"}
    return serving.export(parts["network"], folder, examples=examples, **others)
