# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""--mode=report: writes report.html from the files of a run, finished or not."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import rich.console
from ml_collections import ConfigDict

from snas_tf import reports, space
from snas_tf.errors import InvalidInput
from snas_tf.evaluation import Table, derivation_names
from snas_tf.fitting import history
from snas_tf.programs import (
    problems,
    run_warnings,
    true_accuracy,
)
from snas_tf.programs.ending import early_stop, leaving_network
from snas_tf.programs.trials import record
from snas_tf.reports import doubts, notation
from snas_tf.runs import next_commands, results
from snas_tf.runs.files import read_json, write_bytes, write_text
from snas_tf.runs.run_directory import RunDirectory
from snas_tf.runs.stages import STAGE_NAMES, STAGES
from snas_tf.search.early_stopping import Stop


def run(config: ConfigDict, directory: RunDirectory) -> None:
    """Writes the report anew and prints its summary.

    Args:
        config: The config; reads `evaluation.table`. All else is as the run recorded it.
        directory: The run directory.

    Raises:
        InvalidInput: The directory holds no run, or the table cannot be used.
    """
    if not any(directory.recorded(stage) for stage in STAGES):
        raise InvalidInput(
            f"`--workdir` {directory.path} holds no run: do run --mode=search there first"
        )
    write(
        directory,
        true_accuracy.open_table(config.evaluation.table, problems.recorded_space(directory)),
    )
    console = rich.console.Console()
    reports.print_summary(console, assemble(directory))
    console.out(f"Report: {directory.report_path}", highlight=False)


def write(directory: RunDirectory, table: Table | None = None) -> None:
    """Writes report.html, and beside it the pictures that the family of the space has.

    Args:
        directory: The run directory, in which a stage has begun.
        table: True accuracies; what they say of the search is kept in the run. None for what was
            kept before.
    """
    report = assemble(directory, table)
    if table and report.truth:
        true_accuracy.record(directory, report.truth)
    write_text(directory.report_path, reports.to_html(report))
    if report.trials is not None:
        write_text(directory.trials_table_path, reports.to_csv(report.trials))
    if report.architecture is None:
        return
    for name, picture in report.presentation.drawings(report):
        drawn = io.BytesIO()
        picture.savefig(drawn, format="png", dpi=150, bbox_inches="tight")
        write_bytes(directory.picture_path(name), drawn.getvalue())


def assemble(directory: RunDirectory, table: Table | None = None) -> reports.Report:
    """Reads the files of a run.

    Args:
        directory: The run directory, in which a stage has begun.
        table: As in `write`.

    Returns:
        The report of what the run has found so far.
    """
    recorded = {stage: directory.recorded(stage) for stage in STAGES}
    searched = problems.recorded_space(directory)
    past = {stage: history.newest(directory.checkpoints_folder, stage) for stage in STAGES}
    dataset = read_json(directory.dataset_path, {})
    found = [entry for stage in STAGES for entry in results.recorded(directory.results_path(stage))]
    uses = problems.recorded_uses(directory, dataset)
    absent = {f"entropy_{each.name}" for each in searched.decisions if each.name not in uses}
    resources = read_json(directory.resources_path, {})
    bounds = tuple(map(space.Limit.from_config, resources.get("limits", [])))
    seeds = results.recorded_seeds(directory.seeds_path)
    tried = record.trials(directory)
    stopped = None
    if recorded["search"] and tried is None:
        stopped = early_stop.stop(recorded["search"]["search"], past["search"], searched, uses)
    title = "Architecture search" if recorded["search"] else "Training"
    architecture = _architecture(directory, searched, past["search"], bounds, tried)
    leaving = leaving_network.of_run(directory)
    return reports.Report(
        title=f"{title} on {dataset.get('name', 'images')}",
        summary=_summary(directory, recorded, past, found, uses, tried, stopped),
        headline=leaving_network.headline(
            directory, leaving, found, dataset.get("labelled", "images")
        ),
        results=tuple(found),
        mistakes=leaving_network.mistakes(directory, leaving),
        outline=leaving_network.outline(directory, architecture, dataset),
        architecture=architecture,
        space=searched,
        uses=uses,
        search_rows=[_without(absent, row) for row in past["search"].rows],
        probabilities={
            name: values for name, values in past["search"].stacked().items() if name in uses
        },
        training_rows=past["train"].rows,
        config={stage: snapshot for stage, snapshot in recorded.items() if snapshot},
        environment=directory.environments(),
        dataset=dataset,
        next_commands=next_commands.of(directory),
        seeds=seeds,
        trade_off=(
            *_of_epochs(directory, past["search"], searched, dataset, bounds),
            *_of(seeds),
        ),
        gradient_shares={
            name: np.array(rows)
            for name, rows in resources.get("gradient_norms", {}).items()
            if name in uses
        },
        target=resources.get("target", ""),
        target_missed=resources.get("target_missed", False),
        trials=tried,
        choice=results.recorded_choice(directory.choice_path),
        truth=_truth(directory, table, past["search"], searched, bounds, tried),
        warnings=run_warnings.of_run(directory, past, found, dataset, bounds),
        presentation=problems.recorded_family(directory).presentation(),
    )


def _truth(
    directory: RunDirectory,
    table: Table | None,
    past: history.History,
    searched: space.DecisionSpace,
    bounds: tuple[space.Limit, ...],
    tried: reports.Trials | None,
) -> reports.Truth | None:
    """What a table says of a search, or said when it was last asked."""
    if table is None:
        return true_accuracy.recorded(directory)
    if tried is not None:
        found = [] if tried.best is None else [tried.best.architecture]
        return true_accuracy.judge(table, found, searched) if found else None
    if not past.epochs:
        return None
    trajectory = _trajectory(directory, past, searched, bounds)
    if directory.genotype_path.exists():  # the last is what was found, however it was chosen
        found = problems.recorded_family(directory).load(directory.genotype_path)
        trajectory = [*trajectory[:-1], found]
    return true_accuracy.judge(table, trajectory, searched, bounds)


def _trajectory(
    directory: RunDirectory,
    past: history.History,
    searched: space.DecisionSpace,
    bounds: tuple[space.Limit, ...],
) -> list[space.Architecture]:
    """What a search would have ended with after every epoch."""
    rule = _rule(directory)
    return [
        space.derive(
            {name: values[epoch] for name, values in past.probabilities.items()},
            searched,
            rule,
            bounds,
        )
        for epoch in range(past.epochs)
    ]


def _without(columns: set[str], row: history.Row) -> history.Row:
    return {name: value for name, value in row.items() if name not in columns}


def _of_epochs(
    directory: RunDirectory,
    past: history.History,
    searched: space.DecisionSpace,
    dataset: dict[str, Any],
    bounds: tuple[space.Limit, ...],
) -> list[reports.TradeOffPoint]:
    """What the child of every epoch of a search was worth, and what it cost."""
    if not past.epochs:
        return []
    problem = problems.of_run(directory, "search", dataset)
    points = []
    trajectory = _trajectory(directory, past, searched, bounds)
    for architecture, row in zip(trajectory, past.rows, strict=True):
        if "val_accuracy" in row:
            cost = problem.cost(architecture)
            label = reports.TradeOffPoint.EPOCHS
            points.append(
                reports.TradeOffPoint(label=label, cost=cost, accuracy=row["val_accuracy"])
            )
    return points


def _of(seeds: tuple[reports.SeedResult, ...]) -> list[reports.TradeOffPoint]:
    """The children of several searches."""
    return [
        reports.TradeOffPoint(label="child of a seed", cost=seed.cost, accuracy=seed.child_accuracy)
        for seed in seeds
    ]


def _architecture(
    directory: RunDirectory,
    searched: space.DecisionSpace,
    search: history.History,
    bounds: tuple[space.Limit, ...],
    tried: reports.Trials | None,
) -> space.Architecture | None:
    """What the search found, or would find if it ended now; without a search, what is trained."""
    for path in (directory.genotype_path, directory.training_genotype_path):
        if path.exists():
            return problems.recorded_family(directory).load(path)
    if tried is not None and tried.best is not None:
        return tried.best.architecture
    if not search.epochs:
        return None
    last = {name: values[-1] for name, values in search.probabilities.items()}
    return space.derive(last, searched, _rule(directory), bounds)


def _rule(directory: RunDirectory) -> str:
    """How every epoch of a search is read."""
    return derivation_names.rule(directory.recorded("search")["search"]["derivation"])


def _summary(
    directory: RunDirectory,
    recorded: dict[str, Any],
    past: dict[str, history.History],
    found: list[reports.Result],
    uses: Sequence[str],
    tried: reports.Trials | None,
    stopped: Stop | None,
) -> str:
    sentences = []
    for stage in STAGES:
        if not recorded[stage]:
            continue
        state = "is finished" if directory.finished(stage) else "is not finished"
        come = f"{past[stage].epochs} of {recorded[stage][stage]['epochs']} epochs"
        if stage == "search" and stopped:
            come += f", {stopped}"
        if stage == "search" and tried is not None:
            come = _of_trials(tried)
        sentences.append(f"The {STAGE_NAMES[stage]} {state}: {come}.")
        last = {name: values[-1] for name, values in past[stage].probabilities.items()}
        if last := {name: values for name, values in last.items() if name in uses}:
            places = sum(map(len, last.values()))
            sentences.append(
                f"It has decided {places - doubts.undecided(last)} of {places} choices, in which "
                f"one option has 50 % or more; {doubts.entropy_told(last)}."
            )
    measured = {entry.name: entry for entry in found if entry.split == "validation"}
    if {results.CHILD, results.SUPERNET} <= {*measured}:
        sentences.append(_of_child(measured[results.CHILD], measured[results.SUPERNET]))
    return " ".join(sentences)


def _of_child(child: reports.Result, supernet: reports.Result) -> str:
    """What the network that a search left is worth."""
    if child.accuracy is None:
        return (
            f"The child network that the search found has {child.told()} on the validation images "
            "with the weights it inherited, without any retraining; the supernet under sampled "
            f"architectures {supernet.told()}."
        )
    return (
        f"The child network that the search found classifies {_percent(child.accuracy)} of the "
        "validation images correctly with the weights it inherited, without any retraining; "
        f"the supernet under sampled architectures {_percent(supernet.accuracy)}."
    )


def _of_trials(tried: reports.Trials) -> str:
    """How far a search by trials has come, and which is the best so far."""
    told = f"{len(tried.result.trials)} of {tried.planned} trials"
    if failed := tried.result.failed:
        told += f", of which {len(failed)} failed"
    if (best := tried.best) is not None:
        told += f"; the best, number {best.number}, has {reports.worth(tried.told, best)}"
    return told


def _percent(fraction: float) -> str:
    return notation.percent(fraction, digits=1)
