# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The export of a network of graphs."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from ml_collections import ConfigDict

from snas_tf import data, serving
from snas_tf.data.graphs import Graphs
from snas_tf.errors import InvalidInput
from snas_tf.networks import ImageNetwork
from snas_tf.reports import notation
from snas_tf.serving.saved_model import Describe

_BATCH = 32


class GraphExporter:
    """See `Exporter`; of flat arrays of one or more graphs.

    Args:
        export: The part `export` of the config.
        graphs: The data set that the run began with.

    Raises:
        InvalidInput: An extra format is asked for.
    """

    examples = "graphs"

    def __init__(self, export: ConfigDict, graphs: data.ImageData) -> None:
        if export.formats:
            raise InvalidInput(
                "`--config.export.formats` must be left out with networks of graphs, which these "
                f"formats cannot hold: given {', '.join(export.formats)}"
            )
        self._export = export
        self._graphs = graphs
        self.answer = "value" if graphs.regression else "probability"

    def write(
        self, network: ImageNetwork, folder: pathlib.Path, describe: Describe
    ) -> serving.Exported:
        """See `Exporter`."""
        return serving.export_graphs(
            network,
            folder,
            normalization=data.normalization(self._graphs),
            class_names=self._graphs.class_names,
            examples=self._graphs.validation.graphs,
            most_graphs=self._export.max_batch_size,
            keep=self._export.keep_versions,
            describe=describe,
        )

    def measured(
        self, draft: pathlib.Path, formats: Mapping[str, pathlib.Path]
    ) -> Mapping[str, Any]:
        """See `Exporter`."""
        del formats
        name = "mean_absolute_error" if self._graphs.regression else "accuracy"
        return {name: {"saved_model": _measured(draft, self._graphs.test.graphs)}}

    def lines(self, exported: serving.Exported) -> Sequence[str]:
        """See `Exporter`."""
        test = self._graphs.test
        labels = f"{len(test.labels):,} test {test.labelled}"
        if self._graphs.regression:
            error = exported.metadata["mean_absolute_error"]["saved_model"]
            right = f"Its mean absolute error on the {labels} is {notation.decimal(error)}."
            answers = "value"
        else:
            accuracy = exported.metadata["accuracy"]["saved_model"]
            right = f"It puts {accuracy:.2%} of the {labels} into the right class."
            answers = "class_id, class_name, probabilities and logits"
        return (
            right,
            f"Signature {serving.GRAPH_SIGNATURE}: num_nodes and num_edges int32 (graphs,), nodes "
            "and edges float32 (all of them, features), sources and targets int32 (all edges,), "
            f"counted within a graph; up to {exported.metadata['most_images']} graphs.",
            f"It answers {answers}, a row for each of the {test.labelled}.",
        )


def _measured(draft: pathlib.Path, graphs: Graphs) -> float:
    """The part of the labels that a written model tells right; of numbers its mean error."""
    predict, total, count = serving.graph_predictor(draft), 0.0, 0
    for start in range(0, graphs.size, _BATCH):
        some = graphs.take(np.arange(start, min(start + _BATCH, graphs.size)))
        if graphs.regression:
            there = np.isfinite(some.labels)
            found = np.abs(predict(some) - some.labels)
        else:
            there = some.labels >= 0
            found = predict(some).argmax(axis=1) == some.labels
        total += float(found[there].sum())
        count += int(there.sum())
    return total / count
