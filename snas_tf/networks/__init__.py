# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How cells are stacked: the supernet of the search and the child network, on one skeleton."""

from snas_tf.networks.child_network import ChildNetwork
from snas_tf.networks.supernet import Supernet

__all__ = ["ChildNetwork", "Supernet"]
