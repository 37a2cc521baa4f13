# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""--mode=ablate: the same search with and without each trick, with several seeds, and a table.

Every search is a run of its own, `<workdir>/ablation/<variant>/<seed>/`, that can be stopped and
continued, and is not repeated once it is finished. All of a seed learn from the same images, so
that variants are compared seed by seed.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import rich.console
import rich.text
from ml_collections import ConfigDict

from snas_tf import reports
from snas_tf.programs import search, true_accuracy
from snas_tf.programs.ablation import variants
from snas_tf.reports import ablation, terminal_tables
from snas_tf.runs import results
from snas_tf.runs.files import write_json, write_text
from snas_tf.runs.run_directory import RunDirectory

STAGE = "search"


def run(config: ConfigDict, directory: RunDirectory) -> None:
    """Searches with every variant and seed, or goes on with it, and tells what each is worth.

    The table is written anew after every search: ablation.html, ablation.csv and, for programs,
    ablation.json.

    Args:
        config: The config, checked.
        directory: The run directory.

    Raises:
        InvalidInput: The data or a directory cannot be used, or a search there has another config.
    """
    console = rich.console.Console()
    asked = variants.of(config)
    directory.claim()
    found: list[reports.AblationResult] = []
    planned = len(asked) * config.ablate.seeds
    for variant in asked:
        for seed, of_seed in variants.with_seeds(variant):
            console.rule(f"{variant.name}, seed {seed}: search {len(found) + 1} of {planned}")
            place = directory.ablation_folder / variant.folder / str(seed)
            with directory.another(place, overwrite=directory.overwrite) as own:
                own.check(STAGE, of_seed)
                if directory.overwrite or not own.finished(STAGE):
                    keras.backend.clear_session()
                    search.perform(of_seed, own, console)
                found.append(_result(variant.name, seed, own))
            _write(directory, found, planned)
    told = _told(found, planned)
    console.print()
    table = terminal_tables.plain(ablation.headings(told), ablation.lines(told), 1)
    console.print(table)
    for note in ablation.notes(told):
        console.print(rich.text.Text(note), highlight=False)
    console.out(f"Page: {directory.ablation_path('html')}", highlight=False)


def _result(variant: str, seed: int, directory: RunDirectory) -> reports.AblationResult:
    """What a search recorded."""
    measured = {one.name: one for one in results.recorded(directory.results_path(STAGE))}
    child, supernet = measured[results.CHILD], measured[results.SUPERNET]
    truth = true_accuracy.recorded(directory)
    true = None
    if truth is not None and truth.found.values:
        true = truth.found.values[truth.accuracies[0]]
    metrics = directory.metrics_path(STAGE).read_text(encoding="utf-8")
    return reports.AblationResult(
        variant=variant,
        seed=seed,
        accuracy=child.accuracy,
        recalibrated=child.recalibrated,
        supernet=supernet.accuracy,
        truth=true,
        cost=child.cost,
        epochs=len(metrics.splitlines()) - 1,
    )


def _told(found: Sequence[reports.AblationResult], planned: int) -> reports.Ablation:
    return reports.Ablation("What each trick is worth", tuple(found), planned)


def _write(directory: RunDirectory, found: Sequence[reports.AblationResult], planned: int) -> None:
    told = _told(found, planned)
    write_text(directory.ablation_path("csv"), reports.ablation_to_csv(told))
    write_text(directory.ablation_path("html"), reports.ablation_to_html(told))
    summary = [
        dict(zip(ablation.headings(told), line, strict=True)) for line in ablation.lines(told)
    ]
    write_json(directory.ablation_path("json"), {"variants": summary, "planned": planned})
