# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Searches by trials as the stage "search" of a run: begun, gone on with, kept and reported."""

from __future__ import annotations

import functools

import rich.console
from ml_collections import ConfigDict

from snas_tf import black_box, data, reports
from snas_tf.black_box import SearchResult, Trial
from snas_tf.data.pipeline_errors import named_images
from snas_tf.errors import InvalidInput
from snas_tf.evaluation import Table
from snas_tf.machine import interruption, native_operations, runtime
from snas_tf.programs import introduction, problems, report, run_warnings, true_accuracy
from snas_tf.programs.datasets import data_binding
from snas_tf.programs.trials import evaluators, objectives, outcome, searchers
from snas_tf.programs.trials.display import TrialsDisplay
from snas_tf.runs.run_directory import RunDirectory
from snas_tf.runs.trial_log import TrialLogFile

STAGE = "search"


def run(config: ConfigDict, directory: RunDirectory) -> None:
    """Searches, or continues a search that was stopped.

    Args:
        config: The config, checked; its `search.method` is not snas.
        directory: The run directory.

    Raises:
        InvalidInput: The data, a file that a key names, or the directory cannot be used.
        Failure: No trial succeeded, or the run could not go on; what it saved is kept.
        Interrupted: The run was asked to end, and is saved.
    """
    console = runtime.console(config)
    perform(config, directory, console)
    reports.print_summary(console, report.assemble(directory))


@named_images()
def perform(config: ConfigDict, directory: RunDirectory, console: rich.console.Console) -> None:
    """As `run`, without a summary.

    Args:
        config: The config, checked.
        directory: The run directory.
        console: Where progress is shown.

    Raises:
        InvalidInput: As `run`.
        Failure: As `run`.
        Interrupted: As `run`.
    """
    # A trial is short, and each is another graph: to optimise it takes longer than it saves.
    workers = runtime.join_workers(config, searching=True)
    if workers.number > 1:
        raise InvalidInput(
            f"`--config.search.method={config.search.method}` must be run by one process, without "
            f"TF_CONFIG: given {workers.number} workers; do use --config.trials.workers or "
            "scheduler"
        )
    native_operations.choose(config, console)
    images, table, truth = _check(config, directory, console)
    problem = problems.of(config, STAGE, images)
    searchers.check_space(config.search.method, problem.space)
    here = functools.partial(evaluators.build, config, images, directory, table)
    place = searchers.workplace(config.trials, here=table is not None)
    searcher = searchers.searcher(config, lambda: evaluators.score(config, images))
    directory.begin(STAGE, config)
    data_binding.record(directory, STAGE, images, console)
    log = TrialLogFile(directory.trials_path, problem.space)
    before = sum(trial.ended for trial in log.read())
    _tell(config, images, before, workers, console)
    display = TrialsDisplay(config.trials.number, before, console)
    with interruption.deferred("after the trial that runs") as request, display.shown():

        def progress(trial: Trial, result: SearchResult) -> None:
            display.tell(trial, result)
            outcome.forget_networks(config, directory, result)
            if request.number:
                saved = f"{directory.trials_path} ({len(result.trials)} trials)"
                raise interruption.Interrupted(request.number, saved)

        result = black_box.search(
            searcher,
            problem.space,
            evaluators.OfRun.of(config, directory, here),
            config.trials.number,
            config.seed,
            objective=objectives.objective(config.trials),
            executor=place.executor,
            workers=place.workers,
            log=log,
            seconds=config.trials.seconds or None,
            limit=config.trials.limit or None,
            ahead=searchers.ahead(config, place),
            progress=progress,
        )
    outcome.keep(result, config, directory, images)
    with directory.finishing(STAGE):
        report.write(directory, truth)


def _check(
    config: ConfigDict, directory: RunDirectory, console: rich.console.Console
) -> tuple[data.ImageData, Table | None, Table | None]:
    """Opens what a search needs, and refuses what cannot be done, before anything is written."""
    recorded_in = None
    if config.trials.supernet:
        evaluators.check_supernet(config, directory)
        # Images that its supernet learnt from can judge nothing.
        recorded_in = directory.another(config.trials.supernet)
    searched = problems.family(config).space_of(config)
    table = evaluators.open_table(config, searched)
    evaluators.check_metrics(config.trials, table)
    truth = true_accuracy.open_table(config.evaluation.table, searched)
    images = data_binding.open_for_stage(config, directory, STAGE, console, recorded_in=recorded_in)
    return images, table, truth


def _tell(
    config: ConfigDict,
    images: data.ImageData,
    before: int,
    workers: runtime.Workers,
    console: rich.console.Console,
) -> None:
    """What is about to happen."""
    trials = config.trials
    introduction.tell(
        f"Searching by {trials.number} trials ({config.search.method}, judged by "
        f"{trials.evaluator.replace('_', ' ')})",
        images,
        data.steps_per_epoch(images.train, config.data.batch_size),
        workers,
        console,
    )
    run_warnings.tell_of_data(images, console)
    if before:
        console.print(f"Continuing after {before} of {trials.number} trials.", soft_wrap=True)
