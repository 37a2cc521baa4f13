# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""--mode=evaluate: measures the networks of a run on the test images."""

from __future__ import annotations

import rich.console
from ml_collections import ConfigDict

from snas_tf import reports
from snas_tf.data.pipeline_errors import named_images
from snas_tf.machine import runtime
from snas_tf.programs import found_network, measurement, report
from snas_tf.programs.datasets import data_binding
from snas_tf.runs import results
from snas_tf.runs.run_directory import RunDirectory
from snas_tf.runs.stages import STAGES


@named_images()
def run(config: ConfigDict, directory: RunDirectory) -> None:
    """Evaluates every finished network of a run and adds the results to its report.

    Accuracy and top-5 accuracy on the test images, the accuracy of every class, parameters and
    multiply-adds, and the latency of one image on this device, with as many threads as the run has.
    Of the network that leaves the run, images on which it is wrong are kept for the report.
    Nothing is chosen by these images: all networks are shown.

    Args:
        config: What to measure and where to compute: reads `evaluate`, `runtime` and
            `latency.repetitions`; everything else is what the run recorded.
        directory: The run directory.

    Raises:
        InvalidInput: The directory holds no network, or its data set is gone.
    """
    console = rich.console.Console()
    stages = finished(directory)
    if not found_network.candidates(directory):
        raise found_network.none_found(directory)
    directory.lock()
    runtime.configure(config)
    leaving = found_network.choose(directory)
    for stage in stages:
        recorded = ConfigDict(directory.recorded(stage))
        images = data_binding.open_of_stage(config, directory, stage, console)
        batch_size, repetitions = recorded.data.batch_size, config.latency.repetitions
        measured = [
            measurement.on_test(
                found.name,
                found.load(),
                images,
                batch_size,
                repetitions,
                recalibrate=config.evaluation.recalibrate,
            )
            for found in found_network.candidates(directory)
            if found.stage == stage
        ]
        results.record(directory.results_path(stage), measured)
        if stage == leaving.stage:
            wrong = measurement.mistakes(leaving.load(), images, batch_size)
            results.record_mistakes(directory.mistakes_path, leaving.name, wrong)
    report.write(directory)
    reports.print_summary(console, report.assemble(directory))


def finished(directory: RunDirectory) -> list[str]:
    """The finished stages of a run, in order.

    Raises:
        InvalidInput: There is none.
    """
    stages = [stage for stage in STAGES if directory.finished(stage)]
    if not stages:
        raise found_network.none_found(directory)
    return stages
