# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Graphs with features of nodes and edges: files, the record of them, and batches."""

from __future__ import annotations

from snas_tf.data.graphs.given import LEVELS, NO_CLASS
from snas_tf.data.graphs.graphs import Graphs, concatenate
from snas_tf.data.graphs.opposites import both_directions
from snas_tf.data.graphs.padding import INPUTS, padded

__all__ = [
    "INPUTS",
    "LEVELS",
    "NO_CLASS",
    "Graphs",
    "both_directions",
    "concatenate",
    "padded",
]
