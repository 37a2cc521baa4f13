# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""--mode=evaluate: measures the networks of a run on the test images."""

from __future__ import annotations

import keras
import rich.console
from ml_collections import ConfigDict

from snas_tf import data, reports, space
from snas_tf.errors import InvalidInput
from snas_tf.networks import ChildNetwork
from snas_tf.runs import dataset, report, results, runtime
from snas_tf.runs.run_directory import STAGES, RunDirectory

_NAMES = {"search": results.CHILD, "train": results.TRAINED}


def run(config: ConfigDict, directory: RunDirectory) -> None:
    """Evaluates every finished network of a run and adds the results to its report.

    Args:
        config: Where to compute: reads `runtime`; everything else is what the run recorded.
        directory: The run directory.

    Raises:
        InvalidInput: The directory holds no network, or its data set is gone.
    """
    console = rich.console.Console()
    stages = finished(directory)
    directory.lock()
    runtime.configure(config)
    for stage in stages:
        recorded = ConfigDict(directory.recorded(stage))
        images = dataset.load(recorded)
        network = load_network(directory, stage)
        test = data.evaluation_dataset(
            images.test,
            batch_size=recorded.data.batch_size,
            normalization=data.normalization(images),
        )
        measured = reports.Result(
            name=_NAMES[stage],
            split="test",
            accuracy=dataset.accuracy(network, test),
            count=images.test.size,
            cost=space.cost(network.genotype, network.skeleton),
        )
        results.record(directory.results_path(stage), [measured])
    report.write(directory)
    reports.print_summary(console, report.assemble(directory))


def finished(directory: RunDirectory) -> list[str]:
    """The finished stages of a run, in order.

    Raises:
        InvalidInput: There is none.
    """
    stages = [stage for stage in STAGES if directory.finished(stage)]
    if not stages:
        raise InvalidInput(
            f"`--workdir` {directory.path} holds no finished network: do run --mode=search there "
            "to its end first"
        )
    return stages


def load_network(directory: RunDirectory, stage: str) -> ChildNetwork:
    """The network that a stage left."""
    return keras.saving.load_model(directory.network_path(stage), compile=False)
