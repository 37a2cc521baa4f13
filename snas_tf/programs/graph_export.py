# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""--mode=export of a run that learnt from graphs."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import rich.console
from ml_collections import ConfigDict

from snas_tf import data, serving
from snas_tf.data.graphs import Graphs
from snas_tf.errors import InvalidInput
from snas_tf.networks import ImageNetwork
from snas_tf.programs.found_network import FoundNetwork
from snas_tf.reports import notation
from snas_tf.runs import next_commands
from snas_tf.runs.run_directory import RunDirectory

_BATCH = 32


def write(
    config: ConfigDict,
    directory: RunDirectory,
    found: FoundNetwork,
    network: ImageNetwork,
    images: data.ImageData,
    recorded: Mapping[str, Any],
) -> None:
    """Exports a network of graphs, and tells of it.

    Args:
        config: What to write; reads `export`.
        directory: The run directory.
        found: The network as the run knows it.
        network: The network.
        images: The graphs that the run began with.
        recorded: What the run says of the network, for the metadata.

    Raises:
        InvalidInput: An extra format is asked for.
        Failure: What was written does not answer as the network does; nothing was exported.
    """
    if config.export.formats:
        raise InvalidInput(
            "`--config.export.formats` must be left out with networks of graphs, which these "
            f"formats cannot hold: given {', '.join(config.export.formats)}"
        )
    test = images.test.graphs
    measured = "mean_absolute_error" if images.regression else "accuracy"

    def describe(draft: pathlib.Path, formats: Mapping[str, pathlib.Path]) -> dict[str, Any]:
        del formats
        return {
            measured: {"saved_model": _measured(draft, test)},
            "cost": dataclasses.asdict(network.cost),
            "dataset": images.describe(),
            "config": directory.recorded(found.stage),
            **recorded,
        }

    exported = serving.export_graphs(
        network,
        pathlib.Path(directory.export_folder),
        normalization=data.normalization(images),
        class_names=images.class_names,
        examples=images.validation.graphs,
        most_graphs=config.export.max_batch_size,
        keep=config.export.keep_versions,
        describe=describe,
    )
    _tell(exported, images, found)


def _tell(exported: serving.Exported, images: data.ImageData, found: FoundNetwork) -> None:
    verified = exported.verification
    labels = f"{len(images.test.labels):,} test {images.test.labelled}"
    if images.regression:
        error = exported.metadata["mean_absolute_error"]["saved_model"]
        right = f"Its mean absolute error on the {labels} is {notation.decimal(error)}."
        answers = what = "value"
    else:
        accuracy = exported.metadata["accuracy"]["saved_model"]
        right = f"It puts {accuracy:.2%} of the {labels} into the right class."
        answers, what = "class_id, class_name, probabilities and logits", "probability"
    lines = [
        f"Wrote {exported.place}: {found.describe()}.",
        f"Verified against the network, requests of {', '.join(map(str, verified.batch_sizes))} "
        f"graphs: greatest difference of a {what} {verified.greatest_difference():.1e}; "
        f"{verified.malformed_refused} malformed requests refused.",
        right,
        f"Signature {serving.GRAPH_SIGNATURE}: num_nodes and num_edges int32 (graphs,), nodes and "
        "edges float32 (all of them, features), sources and targets int32 (all edges,), counted "
        f"within a graph; up to {exported.metadata['most_images']} graphs.",
        f"It answers {answers}, a row for each of the {images.test.labelled}.",
        f"Serve it: {next_commands.server(serving.MODEL, exported.place.parent)}",
    ]
    rich.console.Console().print("\n".join(lines), soft_wrap=True, highlight=False, markup=False)


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
