# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is kept of a search by trials: the best trial's architecture, and its network if it has one.

A table or a score leaves no weights; then `train` trains the architecture afresh.
"""

from __future__ import annotations

from etils import epath
from ml_collections import ConfigDict

from snas_tf import data
from snas_tf.black_box import SearchResult
from snas_tf.black_box.trial import evaluation_seed
from snas_tf.programs import measurement, plain_network
from snas_tf.programs.trials import evaluators
from snas_tf.runs import files, network_files, results
from snas_tf.runs.run_directory import RunDirectory

STAGE = "search"


def keep(
    result: SearchResult, config: ConfigDict, directory: RunDirectory, images: data.ImageData
) -> None:
    """Writes what a search found.

    Args:
        result: Its trials.
        config: The config.
        directory: The run directory.
        images: The data set.

    Raises:
        Failure: No trial succeeded.
    """
    best = result.best
    files.write_text(directory.genotype_path, best.architecture.to_json())
    place = directory.network_path(STAGE)
    match config.trials.evaluator:
        case "training":
            kept = _path(config, directory, best.number)
            files.write_bytes(place, kept.read_bytes())
        case "weight_sharing":
            child = evaluators.supernet(config, images, directory).child(best.architecture)
            network_files.save(child, place)
        case _:
            return
    measured = measurement.on_validation(
        results.OF_TRIAL,
        network_files.load(place),
        images,
        config.data.batch_size,
        recalibrate=True,
    )
    results.record(directory.results_path(STAGE), [measured])
    plain_network.write(directory)


def forget_networks(config: ConfigDict, directory: RunDirectory, result: SearchResult) -> None:
    """Removes the networks of trials that neither lead nor may be inherited from.

    Args:
        config: The config.
        directory: The run directory.
        result: The trials so far.
    """
    if config.trials.evaluator != "training" or config.trials.inherit or not result.succeeded:
        return
    leading = {result.best.number, *(trial.number for trial in result.front)}
    # Only of trials that ended: another one's may just have been written.
    others = (trial.number for trial in result.trials if trial.number not in leading)
    names = {_path(config, directory, number).name for number in others}
    for path in directory.trial_networks_folder.iterdir():
        if path.name in names:
            path.unlink()


def _path(config: ConfigDict, directory: RunDirectory, number: int) -> epath.Path:
    return directory.trial_network_path(evaluation_seed(config.seed, number))
