# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How cells are stacked: the supernet of the search and the child network, on one skeleton.

Any Keras model with choices in it, as the network of a search. And how long a network and its
pieces take on this device.
"""

from snas_tf.networks.cached_features import cached_features
from snas_tf.networks.cells.child_network import ChildNetwork
from snas_tf.networks.cells.latency import measure, measure_with_networks
from snas_tf.networks.cells.supernet import Supernet
from snas_tf.networks.chains.chain_network import ChainNetwork
from snas_tf.networks.choices.choice_latency import costs_with_latency
from snas_tf.networks.choices.choice_network import ChoiceNetwork, PlannedChoiceSupernet
from snas_tf.networks.choices.choice_supernet import ChoiceSupernet
from snas_tf.networks.graphs.graph_network import GraphNetwork
from snas_tf.networks.graphs.graph_supernet import GraphSupernet
from snas_tf.networks.image_network import ImageNetwork
from snas_tf.networks.morphs.morph_network import MorphNetwork
from snas_tf.networks.searchable import Searchable
from snas_tf.networks.timing import device_name, network_milliseconds

__all__ = [
    "ChainNetwork",
    "ChildNetwork",
    "ChoiceNetwork",
    "ChoiceSupernet",
    "GraphNetwork",
    "GraphSupernet",
    "ImageNetwork",
    "MorphNetwork",
    "PlannedChoiceSupernet",
    "Searchable",
    "Supernet",
    "cached_features",
    "costs_with_latency",
    "device_name",
    "measure",
    "measure_with_networks",
    "network_milliseconds",
]
