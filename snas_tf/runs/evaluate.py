# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""--mode=evaluate: measures the networks of a run on the test images."""

from __future__ import annotations

import rich.console
from ml_collections import ConfigDict

from snas_tf import reports
from snas_tf.data.pipeline_errors import named_images
from snas_tf.errors import InvalidInput
from snas_tf.networks import ChildNetwork
from snas_tf.runs import dataset, measurement, network_files, report, results, runtime
from snas_tf.runs.run_directory import STAGES, RunDirectory


@named_images()
def run(config: ConfigDict, directory: RunDirectory) -> None:
    """Evaluates every finished network of a run and adds the results to its report.

    Accuracy and top-5 accuracy on the test images, the accuracy of every class, parameters and
    multiply-adds, and the latency of one image on this device, with as many threads as the run has.
    Nothing is chosen by these images: all networks are shown.

    Args:
        config: Where and how to compute: reads `runtime` and `latency.repetitions`; everything else
            is what the run recorded.
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
        measured = [
            measurement.on_test(
                name, network, images, recorded.data.batch_size, config.latency.repetitions
            )
            for name, network in networks(directory, stage).items()
        ]
        results.record(directory.results_path(stage), measured)
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


def networks(directory: RunDirectory, stage: str) -> dict[str, ChildNetwork]:
    """All networks that a stage left, by the names that results give them.

    Args:
        directory: The run directory.
        stage: "search" or "train".

    Returns:
        The child of a search; of a training the last epoch's network and the best epoch's.
    """
    if stage == "search":
        return {results.CHILD: load_network(directory, stage)}
    found = {results.TRAINED: load_network(directory, stage)}
    if directory.best_network_path.exists():  # a training by an earlier version left none
        found[results.BEST] = network_files.load(directory.best_network_path)
    return found


def load_network(directory: RunDirectory, stage: str) -> ChildNetwork:
    """The network that a stage left at its end."""
    return network_files.load(directory.network_path(stage))
