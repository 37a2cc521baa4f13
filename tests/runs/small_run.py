# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A run directory with networks that nothing was learnt for, as the stages leave them."""

from snas_tf import ChildNetwork, config, space
from snas_tf.reports import Result
from snas_tf.runs import network_files, results
from snas_tf.runs.files import write_json

GENOTYPE = space.Genotype(
    {
        "normal": (space.Connection(1, 2, "skip_connect"),),
        "reduction": (space.Connection(1, 2, "skip_connect"),),
    },
    num_nodes=1,
)
SKELETON = space.Skeleton(num_cells=1, init_channels=2, num_classes=3, image_shape=(4, 4, 1))
DATASET = {
    "name": "signs",
    "image_shape": [4, 4, 1],
    "class_names": ["stop", "go", "slow down"],
    "mean": [0.25],
    "deviation": [0.5],
    "sizes": {"train": 6, "validation": 300, "test": 3},
}


def search(directory):
    """A search that is over, but for network.keras."""
    directory.begin("search", config.get_config())
    write_json(directory.dataset_path, DATASET)
    leave(directory, "search", results.CHILD, 0.5)


def leave(directory, stage, name, accuracy):
    """A network of a stage, and what it is worth."""
    network = ChildNetwork(GENOTYPE, SKELETON)
    network_files.save(network, directory.network_path(stage))
    measured = Result(name=name, split="validation", accuracy=accuracy, count=300)
    results.record(directory.results_path(stage), [measured])
    return network
