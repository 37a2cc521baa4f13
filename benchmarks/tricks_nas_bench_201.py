# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""What each trick does to searches of NAS-Bench-201's space, by true accuracies of others.

    python benchmarks/tricks_nas_bench_201.py --table=nasbench201_cifar10.npz --data_dir=DIR \
        --output=benchmarks/results/tricks_nas_bench_201.json --page=docs/tricks.md

Every method with and without each trick, seed by seed, by the real command and
configs/nas_bench_201.py; what is finished in --workdir is not done again, so that it may take
several evenings, and after each search the output and the page hold all that is finished. A row's
difference is paired: to the same method and seed without the trick. "Skips" counts the skip
connections of the six edges. Words after `--` go to every search, such as
--config.data.num_images=6000 for a smaller one.

The last line names the recipe with the highest accuracy of its child without retraining on
validation images, a choice that has not seen the test column.
"""

from __future__ import annotations

import json
import pathlib
import statistics

import rich.console
import rich.progress
import table_search
from absl import app, flags
from figures_page import write_page

METHODS = {
    "concrete": (),
    "softmax": ("search.estimator=softmax",),
    "straight_through": ("search.estimator=straight_through",),
    "score_function": ("search.estimator=score_function",),
    "dirichlet": ("search.estimator=dirichlet",),
    "reinmax": ("search.estimator=reinmax",),
}
"""How Z is drawn: SNAS, DARTS's mixture, GDAS, DSNAS, DrNAS, ReinMax."""

TRICKS = {
    "none": (),
    "no_warmup": ("search.warmup_epochs=0",),
    "settling": ("search.settling_epochs=2",),
    "hot": ("search.initial_temperature=5.0", "search.temperature_schedule=exponential"),
    "exponential": ("search.temperature_schedule=exponential",),
    "drop_path": ("search.drop_path=0.2",),
    "random": ("search.perturbation=random",),
    "adversarial": ("search.perturbation=adversarial",),
    "smoothing": ("search.label_smoothing=0.1",),
    "logits_decay": ("search.architecture_weight_decay=1e-3",),
    "two_levels": ("search.bilevel=True",),
    "two_cells": ("network.num_cells=2",),
}
"""What each changes in configs/nas_bench_201.py, which has a warm-up of half of its epochs."""

_TABLE = flags.DEFINE_string("table", None, "File of the true accuracies.", required=True)
_DATA_DIR = flags.DEFINE_string("data_dir", "", "Folder of TensorFlow Datasets with cifar10.")
_METHODS = flags.DEFINE_list("methods", ["concrete"], f"Of {', '.join(METHODS)}.")
_TRICKS = flags.DEFINE_list("tricks", [*TRICKS], f"Of {', '.join(TRICKS)}.")
_SEEDS = flags.DEFINE_list("seeds", ["4", "5", "6", "7", "8"], "Seeds of every row.")
_WORKDIR = flags.DEFINE_string("workdir", "runs/tricks", "Where the searches are kept.")
_OUTPUT = flags.DEFINE_string("output", "", "A JSON file for the figures; empty for none.")
_PAGE = flags.DEFINE_string("page", "", "A page to write the table into; empty for none.")

_ACCURACY = "test_accuracy"


def measured(method: str, trick: str, seed: str, words: list[str]) -> dict[str, object]:
    """Searches once, unless it is done, and looks the cell up."""
    workdir = table_search.ROOT / _WORKDIR.value / f"{method}-{trick}-{seed}"
    settings = (f"seed={seed}", f"data.data_dir={_DATA_DIR.value}")
    changes = (*METHODS[method], *TRICKS[trick])
    found = table_search.found(
        table_search.run(workdir, _TABLE.value, (*settings, *changes), words)
    )
    skips = found["architecture"].count("skip_connect")
    return {"method": method, "trick": trick, "seed": int(seed), "skips": skips, **found}


def lines(runs: list[dict]) -> list[str]:
    """The table in Markdown: a row a method and trick, mean and deviation over its seeds."""
    plain = {(run["method"], run["seed"]): run[_ACCURACY] for run in runs if run["trick"] == "none"}
    heads = ("method", "trick", "seeds", "true test accuracy, %", "difference, paired")
    heads += ("skips of 6", "child without retraining, %", "core seconds")
    rows = [f"| {' | '.join(heads)} |", "|" + " --- |" * len(heads)]
    for of_row in grouped(runs).values():
        paired = [
            run[_ACCURACY] - plain[run["method"], run["seed"]]
            for run in of_row
            if run["trick"] != "none" and (run["method"], run["seed"]) in plain
        ]
        texts = (
            f"`{of_row[0]['method']}`",
            of_row[0]["trick"],
            str(len(of_row)),
            spread([run[_ACCURACY] for run in of_row], ".2f"),
            spread(paired, "+.2f"),
            spread([run["skips"] for run in of_row], ".1f"),
            spread([100 * run["child"] for run in of_row], ".1f"),
            spread([run["core_seconds"] for run in of_row if "core_seconds" in run], ".0f"),
        )
        rows.append(f"| {' | '.join(texts)} |")
    return rows


def spread(values: list[float], form: str) -> str:
    """Mean and sample standard deviation, as far as there are any."""
    if not values:
        return ""
    mean = f"{statistics.fmean(values):{form}}"
    if len(values) == 1:
        return mean
    return f"{mean} +- {statistics.stdev(values):{form.replace('+', '')}}"


def grouped(runs: list[dict]) -> dict[tuple[str, str], list[dict]]:
    """The runs of every method and trick."""
    found: dict[tuple[str, str], list[dict]] = {}
    for run in runs:
        found.setdefault((run["method"], run["trick"]), []).append(run)
    return found


def recipe(runs: list[dict]) -> str:
    """The row with the best children by validation images, of those with the most seeds."""
    rows = grouped(runs)
    most = max(map(len, rows.values()))
    means = {
        name: statistics.fmean(run["child"] for run in of_row)
        for name, of_row in rows.items()
        if len(of_row) == most
    }
    method, trick = max(means, key=means.get)
    return f"{method}, {trick} (child without retraining {means[method, trick]:.1%})"


def main(arguments: list[str]) -> None:
    for flag, known in ((_METHODS, METHODS), (_TRICKS, TRICKS)):
        if unknown := {*flag.value} - {*known}:
            raise app.UsageError(f"--{flag.name} must be of {', '.join(known)}: given {unknown}")
    console = rich.console.Console()
    todo = [
        (method, trick, seed)
        for seed in _SEEDS.value
        for method in _METHODS.value
        for trick in _TRICKS.value
    ]
    runs: list[dict] = []
    for method, trick, seed in rich.progress.track(todo, "searching", console=console):
        runs.append(measured(method, trick, seed, arguments[1:]))
        told = f"{method}, {trick}, seed {seed}: {runs[-1][_ACCURACY]:.2f}"
        console.print(f"{told}  {runs[-1]['architecture']}", highlight=False, soft_wrap=True)
        if _OUTPUT.value:
            pathlib.Path(_OUTPUT.value).write_text(json.dumps(runs, indent=2) + "\n")
        if _PAGE.value:
            write_page(pathlib.Path(_PAGE.value), lines(runs))
    print("\n".join(lines(runs)))
    print(f"best by validation images: {recipe(runs)}")


if __name__ == "__main__":
    app.run(main)
