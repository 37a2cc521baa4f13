# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a report warns of: why the results of a run are to be doubted, and what went astray."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import rich.console

from snas_tf import data, space
from snas_tf.evaluation import derivation_names
from snas_tf.fitting.history import History
from snas_tf.programs import problems
from snas_tf.reports import Doubt, Result, doubts, print_warning
from snas_tf.runs import results
from snas_tf.runs.run_directory import RunDirectory
from snas_tf.runs.stages import STAGES

_LAST = {"search": results.CHILD, "train": results.TRAINED}


def of_run(
    directory: RunDirectory,
    past: Mapping[str, History],
    found: Sequence[Result],
    dataset: Mapping[str, Any],
    bounds: tuple[space.Limit, ...] = (),
) -> tuple[Doubt | space.Degeneracy, ...]:
    """All warnings of a run.

    Args:
        directory: The run directory.
        past: What each stage has been through.
        found: What was measured.
        dataset: What the run recorded of its data set; {} for nothing.
        bounds: The limits of the search's budget.

    Returns:
        Doubts of what was found, then what went astray in the search.
    """
    astray = _astray(directory, past, dataset, bounds)
    return (*_doubts(directory, past, found, dataset), *astray)


def _doubts(
    directory: RunDirectory,
    past: Mapping[str, History],
    found: Sequence[Result],
    dataset: Mapping[str, Any],
) -> Iterator[Doubt]:
    if not dataset:
        return
    counts, names = dataset.get("class_counts", {}), dataset["class_names"]
    # The supernet leaves no run: its child is what matters.
    leaving = [result for result in found if result.name != results.SUPERNET]
    told = [*doubts.of_results(leaving, counts, len(names))]
    yield from told
    lagging = {doubt.about for doubt in told if doubt.what == "statistics"}
    for stage in STAGES:
        if directory.finished(stage):
            size = dataset.get("sizes", {}).get("validation", 0)
            lags = _LAST[stage] in lagging
            yield from doubts.of_epochs(stage, past[stage].rows, size, lags=lags)
    if directory.finished("search") and past["search"].probabilities:
        search = directory.recorded("search")["search"]
        there = problems.recorded_uses(directory, dataset)
        yield from doubts.of_search(
            {
                kind: values[-1]
                for kind, values in past["search"].probabilities.items()
                if kind in there
            },
            epochs=search["epochs"],
            final_temperature=search["final_temperature"],
        )
    yield from doubts.of_dataset(names, counts)


def _astray(
    directory: RunDirectory,
    past: Mapping[str, History],
    dataset: Mapping[str, Any],
    bounds: tuple[space.Limit, ...],
) -> tuple[space.Degeneracy, ...]:
    """What went astray in a search."""
    if not past["search"].epochs:
        return ()
    search, path = directory.recorded("search")["search"], directory.genotype_path
    family = problems.recorded_family(directory)
    return space.degeneracies(
        past["search"].stacked(),
        problems.recorded_space(directory),
        epochs=search["epochs"],
        rule=derivation_names.rule(search["derivation"]),
        bounds=bounds,
        found=family.load(path) if path.exists() else None,
        uses=problems.recorded_uses(directory, dataset),
    )


def tell_of_data(images: data.ImageData, console: rich.console.Console) -> None:
    """Warns of classes that lack images, before much time is spent on them.

    Args:
        images: The data set.
        console: Where to print.
    """
    for doubt in doubts.of_dataset(images.class_names, images.describe()["class_counts"]):
        print_warning(console, f"{doubt.sentence}.")
