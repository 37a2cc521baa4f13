# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""--mode=search with several seeds: a search each, a short training of each child, the best kept.

Every search is a run of its own, `<workdir>/seeds/<seed>/`, that can be stopped and continued; all
learn from the same images and are compared on the same validation images. What the best one found
is copied into the run directory, as if it were its only search.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import keras
import rich.console
from ml_collections import ConfigDict

from snas_tf import reports
from snas_tf.fitting import generation
from snas_tf.machine import native_operations, runtime
from snas_tf.programs import plain_network, report, search, train, true_accuracy
from snas_tf.programs.datasets import data_binding
from snas_tf.runs import files, results
from snas_tf.runs.run_directory import RunDirectory

STAGE = "search"


def run(config: ConfigDict, directory: RunDirectory) -> None:
    """Searches with every seed, or continues where it was stopped, and keeps the best child.

    Args:
        config: The config, checked; `search.num_seeds` is above 1.
        directory: The run directory.

    Raises:
        InvalidInput: The data or the directory cannot be used.
    """
    console = runtime.console(config)
    workers = runtime.join_workers(config)
    native_operations.choose(config, console)
    images, *_ = search.check(config, directory, workers, console)
    replicas = workers.strategy.num_replicas_in_sync

    def begin() -> None:
        directory.begin(STAGE, config, replicas=replicas)
        data_binding.record(directory, STAGE, images, console)

    workers.on_chief(begin)
    found = []
    for number, (seed, of_seed) in enumerate(_configs(config), start=1):
        console.rule(f"seed {seed}, search {number} of {config.search.num_seeds}")
        place = directory.seed_path(seed)
        with directory.another(place, overwrite=directory.overwrite) as own:
            keras.backend.clear_session()
            _search_and_train(of_seed, own, console, directory)
            found.append(_result(seed, own))
    workers.on_chief(lambda: _keep(found, directory))
    reports.print_summary(console, report.assemble(directory))


def choose(found: list[reports.SeedResult]) -> reports.SeedResult:
    """The best child: after its short training, or without one as the search left it.

    Args:
        found: What each seed gave; either all or none were trained.

    Returns:
        The one with the highest validation accuracy; the cheaper, then the first of equals.
    """

    def worth(entry: reports.SeedResult) -> tuple[float, int]:
        trained = entry.trained_accuracy
        accuracy = entry.child_accuracy if trained is None else trained
        return accuracy, -entry.cost.parameters

    return max(found, key=worth)


def _configs(config: ConfigDict) -> Iterator[tuple[int, ConfigDict]]:
    """Each seed with the config of its own search and short training."""
    split_seed = config.seed if config.data.split_seed < 0 else config.data.split_seed
    for seed in range(config.seed, config.seed + config.search.num_seeds):
        of_seed = train.shortened(config, max(config.search.selection_epochs, 1))  # 0 trains none
        of_seed.seed = seed
        of_seed.data.split_seed = split_seed
        of_seed.search.num_seeds = 1
        of_seed.train.inherit = True
        yield seed, of_seed


def _search_and_train(
    config: ConfigDict,
    directory: RunDirectory,
    console: rich.console.Console,
    recorded_in: RunDirectory,
) -> None:
    """What is not finished yet of one seed's search and short training."""
    if directory.overwrite or not directory.finished("search"):
        search.perform(config, directory, console, recorded_in=recorded_in)
    trains = config.search.selection_epochs > 0
    if trains and (directory.overwrite or not directory.finished("train")):
        train.perform(config, directory, console)


def _result(seed: int, directory: RunDirectory) -> reports.SeedResult:
    """What a seed's run recorded on validation images."""
    measured = {
        entry.name: entry
        for stage in ("search", "train")
        for entry in results.recorded(directory.results_path(stage))
        if entry.split == "validation"
    }
    trained = measured.get(results.TRAINED)
    return reports.SeedResult(
        seed=seed,
        supernet_accuracy=measured[results.SUPERNET].accuracy,
        child_accuracy=measured[results.CHILD].accuracy,
        trained_accuracy=trained and trained.accuracy,
        cost=measured[results.CHILD].cost,
    )


def _keep(found: list[reports.SeedResult], directory: RunDirectory) -> None:
    """Makes the best search the run's own, and records all of them."""
    best = choose(found)
    _copy(directory.another(directory.seed_path(best.seed)), directory)
    results.record_seeds(
        directory.seeds_path,
        [dataclasses.replace(entry, chosen=entry is best) for entry in found],
    )
    plain_network.write(directory)
    with directory.finishing(STAGE):
        report.write(directory)


def _copy(chosen: RunDirectory, directory: RunDirectory) -> None:
    """Makes what the chosen search left the run's own; its last checkpoint holds the history."""
    for path, place in (
        (chosen.genotype_path, directory.genotype_path),
        (chosen.network_path(STAGE), directory.network_path(STAGE)),
        (chosen.metrics_path(STAGE), directory.metrics_path(STAGE)),
        (chosen.results_path(STAGE), directory.results_path(STAGE)),
        (chosen.resources_path, directory.resources_path),
    ):
        files.write_bytes(place, path.read_bytes())
    if chosen.choice_path.exists():
        files.write_bytes(directory.choice_path, chosen.choice_path.read_bytes())
    if (truth := true_accuracy.recorded(chosen)) is not None:
        true_accuracy.record(directory, truth)
    newest = generation.newest_intact(chosen.checkpoints_folder, STAGE)
    place = directory.checkpoints_folder / newest.path.name
    place.mkdir(parents=True, exist_ok=True)
    for path in newest.path.iterdir():
        files.write_bytes(place / path.name, path.read_bytes())
