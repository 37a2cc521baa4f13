# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How networks are exported, by what their examples are."""

from __future__ import annotations

from ml_collections import ConfigDict

from snas_tf import data
from snas_tf.data.splits import GRAPHS
from snas_tf.programs.exporters.exporter import Exporter
from snas_tf.programs.exporters.graphs import GraphExporter
from snas_tf.programs.exporters.images import ImageExporter

__all__ = ["Exporter", "exporter_of"]


def exporter_of(export: ConfigDict, recorded: ConfigDict, examples: data.ImageData) -> Exporter:
    """What exports a network of a run.

    Args:
        export: The part `export` of the config.
        recorded: The config that the run recorded.
        examples: The data set that the run began with.

    Raises:
        InvalidInput: What is asked for cannot be had with such examples.
    """
    if examples.dtype == GRAPHS:
        return GraphExporter(export, examples)
    return ImageExporter(export, recorded.data, examples)
