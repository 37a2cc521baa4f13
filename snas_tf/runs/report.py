# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""--mode=report: writes report.html from the files of a run, finished or not."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import rich.console
from etils import epath
from ml_collections import ConfigDict

from snas_tf import reports, space
from snas_tf.errors import InvalidInput
from snas_tf.runs import history, next_commands, results
from snas_tf.runs.files import write_bytes, write_text
from snas_tf.runs.run_directory import STAGE_NAMES, STAGES, RunDirectory


def run(config: ConfigDict, directory: RunDirectory) -> None:
    """Writes the report anew and prints its summary.

    Args:
        config: Not used: the report is of what the run recorded.
        directory: The run directory.

    Raises:
        InvalidInput: The directory holds no run.
    """
    del config
    if not any(directory.recorded(stage) for stage in STAGES):
        raise InvalidInput(
            f"`--workdir` {directory.path} holds no run: do run --mode=search there first"
        )
    write(directory)
    console = rich.console.Console()
    reports.print_summary(console, assemble(directory))
    console.out(f"Report: {directory.report_path}", highlight=False)


def write(directory: RunDirectory) -> None:
    """Writes report.html, and a picture of each kind of cell."""
    report = assemble(directory)
    write_text(directory.report_path, reports.to_html(report))
    if report.genotype is not None:
        for kind in space.KINDS:
            picture = reports.draw_cell(report.genotype, kind)
            drawn = io.BytesIO()
            picture.savefig(drawn, format="png", dpi=150, bbox_inches="tight")
            write_bytes(directory.picture_path(kind), drawn.getvalue())


def assemble(directory: RunDirectory) -> reports.Report:
    """Reads the files of a run.

    Args:
        directory: The run directory, in which a stage has begun.

    Returns:
        The report of what the run has found so far.
    """
    recorded = {stage: directory.recorded(stage) for stage in STAGES}
    section = next(snapshot for snapshot in recorded.values() if snapshot)["space"]
    cells = space.CellSpace(section["num_nodes"], tuple(section["primitives"]))
    past = {stage: history.newest(directory.checkpoints_folder, stage) for stage in STAGES}
    dataset = _read(directory.dataset_path)
    found = [entry for stage in STAGES for entry in results.recorded(directory.results_path(stage))]
    resources = _read(directory.resources_path)
    seeds = results.recorded_seeds(directory.seeds_path)
    title = "Architecture search" if recorded["search"] else "Training"
    return reports.Report(
        title=f"{title} on {dataset.get('name', 'images')}",
        summary=_summary(directory, recorded, past, found),
        results=tuple(found),
        genotype=_genotype(directory, cells, past["search"]),
        cells=cells,
        search_rows=past["search"].rows,
        probabilities=past["search"].stacked(),
        training_rows=past["train"].rows,
        config={stage: snapshot for stage, snapshot in recorded.items() if snapshot},
        environment=directory.environments(),
        dataset=dataset,
        next_commands=next_commands.of(directory),
        seeds=seeds,
        trade_off=(*_of_epochs(recorded["search"], past["search"], cells, dataset), *_of(seeds)),
        gradient_shares={
            kind: np.array(rows) for kind, rows in resources.get("gradient_norms", {}).items()
        },
        target=resources.get("target", ""),
        target_missed=resources.get("target_missed", False),
        warnings=_warnings(directory, recorded["search"], past["search"], cells, dataset),
    )


def _warnings(
    directory: RunDirectory,
    recorded: dict[str, Any],
    past: history.History,
    cells: space.CellSpace,
    dataset: dict[str, Any],
) -> tuple[space.Degeneracy, ...]:
    """What went astray in a search."""
    if not past.epochs:
        return ()
    path = directory.genotype_path
    return space.degeneracies(
        past.stacked(),
        cells,
        epochs=recorded["search"]["epochs"],
        rule=recorded["search"]["derivation"],
        found=space.Genotype.load(path) if path.exists() else None,
        kinds={plan.kind for plan in _skeleton(recorded, dataset).plan(cells.num_nodes)},
    )


def _skeleton(recorded: dict[str, Any], dataset: dict[str, Any]) -> space.Skeleton:
    """The plan of a search's networks."""
    search = recorded["search"]
    return space.Skeleton(
        num_cells=search["num_cells"],
        init_channels=search["init_channels"],
        num_classes=len(dataset["class_names"]),
        image_shape=tuple(dataset["image_shape"]),
        stem=recorded["space"]["stem"],
    )


def _of_epochs(
    recorded: dict[str, Any],
    past: history.History,
    cells: space.CellSpace,
    dataset: dict[str, Any],
) -> list[reports.TradeOffPoint]:
    """What the child of every epoch of a search was worth, and what it cost."""
    if not past.epochs:
        return []
    search, skeleton = recorded["search"], _skeleton(recorded, dataset)
    points = []
    for epoch, row in enumerate(past.rows):
        if "val_accuracy" in row:
            probabilities = {kind: values[epoch] for kind, values in past.probabilities.items()}
            genotype = space.derive(probabilities, cells, search["derivation"])
            cost = space.cost(genotype, skeleton)
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


def _genotype(
    directory: RunDirectory, cells: space.CellSpace, search: history.History
) -> space.Genotype | None:
    """What the search found, or would find if it ended now; without a search, what is trained."""
    for path in (directory.genotype_path, directory.training_genotype_path):
        if path.exists():
            return space.Genotype.load(path)
    if not search.epochs:
        return None
    rule = directory.recorded("search")["search"]["derivation"]
    last = {kind: values[-1] for kind, values in search.probabilities.items()}
    return space.derive(last, cells, rule)


def _summary(
    directory: RunDirectory,
    recorded: dict[str, Any],
    past: dict[str, history.History],
    found: list[reports.Result],
) -> str:
    sentences = []
    for stage in STAGES:
        if not recorded[stage]:
            continue
        epochs, total = past[stage].epochs, recorded[stage][stage]["epochs"]
        state = "is finished" if directory.finished(stage) else "is not finished"
        sentences.append(f"The {STAGE_NAMES[stage]} {state}: {epochs} of {total} epochs.")
    measured = {entry.name: entry.accuracy for entry in found if entry.split == "validation"}
    child, supernet = measured.get(results.CHILD), measured.get(results.SUPERNET)
    if child is not None and supernet is not None:
        sentences.append(
            f"The child network that the search found classifies {child:.1%} of the validation "
            f"images correctly with the weights it inherited, without any retraining; the supernet "
            f"under sampled architectures {supernet:.1%}."
        )
    return " ".join(sentences)


def _read(path: epath.Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
