# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Networks that grow by morphs: built in Keras's own layers, read from them, weights inherited."""

from snas_tf.networks.morphs.building import build
from snas_tf.networks.morphs.inheriting import inherit, take_inherited
from snas_tf.networks.morphs.reading import layer_graph, trunk

__all__ = ["build", "inherit", "layer_graph", "take_inherited", "trunk"]
