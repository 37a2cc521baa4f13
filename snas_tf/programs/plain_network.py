# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""network.keras: the found network of a run in Keras's own layers, for programs without this one.

It takes raw pixels and normalises them by the statistics that the run recorded; the names of the
classes and the genotype are within.
"""

from __future__ import annotations

import keras

from snas_tf import data
from snas_tf.networks import ImageNetwork, plain
from snas_tf.programs import found_network
from snas_tf.programs.datasets import recorded_dataset
from snas_tf.programs.found_network import FoundNetwork
from snas_tf.runs import network_files
from snas_tf.runs.run_directory import RunDirectory


def write(directory: RunDirectory) -> None:
    """Writes network.keras, whole or not at all, of the run's best network as it is now.

    Of networks that Keras has no layers for, as of graphs, there is none.

    Args:
        directory: The run directory, in which a stage has measured what it left.

    Raises:
        InvalidInput: It holds no network, or no record of its data set.
    """
    found = found_network.choose(directory)
    network = found.load()
    if network.in_keras_layers:
        network_files.save(_written(directory, found, network), directory.plain_network_path)


def load(directory: RunDirectory, found: FoundNetwork) -> keras.Model:
    """A network of a run in Keras's own layers, from network.keras where that holds it.

    Args:
        directory: The run directory.
        found: The network.

    Returns:
        The model, not compiled: raw pixels, (batch, height, width, channels), to logits.

    Raises:
        InvalidInput: network.keras is damaged.
    """
    path = directory.plain_network_path
    if path.exists() and plain.metadata(path)["origin"] == found.name:
        return network_files.load(path)
    return _written(directory, found, found.load())


def _written(directory: RunDirectory, found: FoundNetwork, network: ImageNetwork) -> keras.Model:
    images = recorded_dataset.load(directory)
    return network.to_keras(
        mean=images.mean or None,
        deviation=images.deviation or None,
        unit=data.unit_of(images.dtype),
        class_names=images.class_names,
        origin=found.name,
    )
