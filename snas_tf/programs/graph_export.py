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
    if images.regression:
        raise InvalidInput(
            f"`--mode=export` must be of a network that tells classes: given {directory.path}, "
            "which learnt numbers; do load the network that the run left with Keras"
        )
    test = images.test.graphs

    def describe(draft: pathlib.Path, formats: Mapping[str, pathlib.Path]) -> dict[str, Any]:
        del formats
        return {
            "accuracy": {"saved_model": _accuracy(draft, test)},
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
    accuracy = exported.metadata["accuracy"]["saved_model"]
    lines = [
        f"Wrote {exported.place}: {found.describe()}.",
        f"Verified against the network, requests of {', '.join(map(str, verified.batch_sizes))} "
        f"graphs: greatest difference of a probability {verified.greatest_difference():.1e}; "
        f"{verified.malformed_refused} malformed requests refused.",
        f"It puts {accuracy:.2%} of the {len(images.test.labels):,} test {images.test.labelled} "
        "into the right class.",
        f"Signature {serving.GRAPH_SIGNATURE}: num_nodes and num_edges int32 (graphs,), nodes and "
        "edges float32 (all of them, features), sources and targets int32 (all edges,), counted "
        f"within a graph; up to {exported.metadata['most_images']} graphs.",
        "It answers class_id, class_name, probabilities and logits, a row for each of the "
        f"{images.test.labelled}.",
        f"Serve it: {next_commands.server(serving.MODEL, exported.place.parent)}",
    ]
    rich.console.Console().print("\n".join(lines), soft_wrap=True, highlight=False, markup=False)


def _accuracy(draft: pathlib.Path, graphs: Graphs) -> float:
    """The part of the labels that a written model tells right."""
    predict, right, count = serving.graph_predictor(draft), 0, 0
    for start in range(0, graphs.size, _BATCH):
        some = graphs.take(np.arange(start, min(start + _BATCH, graphs.size)))
        there = some.labels >= 0
        answers = predict(some).argmax(axis=1)
        right += int((answers == some.labels)[there].sum())
        count += int(there.sum())
    return right / count
