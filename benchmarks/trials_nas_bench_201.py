# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""What searches by trials find on NAS-Bench-201, by true accuracies that others measured.

    python benchmarks/trials_nas_bench_201.py --table=nasbench201_cifar10.npz \
        --output=benchmarks/results/trials_nas_bench_201.json \
        --picture=benchmarks/results/trials_nas_bench_201.png --page=docs/trials.md

Every searcher makes --repeats searches of --trials trials; a trial looks its validation accuracy up
in the table. Shown is the test accuracy of the cell with the best validation accuracy so far: mean
and deviation over the repeats, after some numbers of trials, and as a curve. Beside them the
seconds that one search of 1,000 trials takes of one core. AREA's score is the number of
parameters, as good a guess as any zero-cost score on this space. The table of the figures takes its
place between the two marks in --page.
"""

from __future__ import annotations

import json
import pathlib
import sys
import time

import matplotlib.figure
import numpy as np
import rich.console
import rich.progress
import rich.table
from absl import app, flags
from figures_page import write_page

from snas_tf import black_box, space
from snas_tf.evaluation import Table

_TABLE = flags.DEFINE_string("table", None, "File of the true accuracies.", required=True)
_REPEATS = flags.DEFINE_integer("repeats", 200, "Searches by every searcher.", lower_bound=2)
_TRIALS = flags.DEFINE_integer("trials", 500, "Trials of every search.", lower_bound=10)
_SEARCHERS = flags.DEFINE_list(
    "searchers", ["random", "local", "evolution", "area", "policy"], "Which, in this order."
)
_OUTPUT = flags.DEFINE_string("output", "", "A JSON file for the figures; empty for none.")
_PICTURE = flags.DEFINE_string("picture", "", "A PNG file for the curves; empty for none.")
_PAGE = flags.DEFINE_string("page", "", "A page to write the table into; empty for none.")

_SHOWN = (10, 20, 50, 100, 200, 500)
_TIMED = 1000


def searcher(name: str, table: Table) -> black_box.Searcher:
    """A searcher with its defaults, as it stands before any search."""
    match name:
        case "random":
            return black_box.Random()
        case "local":
            return black_box.LocalSearch()
        case "evolution":
            return black_box.RegularizedEvolution()
        case "area":
            return black_box.Area(lambda cell: table(cell)["parameters"])
        case "policy":
            return black_box.Policy()
    sys.exit(f"--searchers must be of random, local, evolution, area, policy: given {name}")


def found(result: black_box.SearchResult) -> list[float]:
    """The test accuracy of the best cell by validation accuracy, after every trial."""
    best, accuracies = -np.inf, []
    for trial in result.trials:
        if trial.reward > best:
            best, accuracy = trial.reward, trial.metrics["test_accuracy"]
        accuracies.append(accuracy)
    return accuracies


def figures(name: str, table: Table, console: rich.console.Console) -> dict[str, object]:
    """All searches by a searcher."""
    cells = space.nas_bench_201_cells()
    given = searcher(name, table)  # one for all: searchers keep no state

    def search(trials: int, seed: int) -> black_box.SearchResult:
        return black_box.search(given, cells, table, trials, seed, objective="validation_accuracy")

    search(2, 0)  # what is imported late is imported now
    start = time.process_time()
    search(_TIMED, 0)
    seconds = time.process_time() - start
    seeds = rich.progress.track(range(1, 1 + _REPEATS.value), name, console=console)
    curves = np.array([found(search(_TRIALS.value, seed)) for seed in seeds])
    return {
        "searcher": name,
        "mean": curves.mean(axis=0).round(4).tolist(),
        "deviation": curves.std(axis=0, ddof=1).round(4).tolist(),
        f"core seconds of {_TIMED} trials": round(seconds, 2),
    }


def rows(all_figures: list[dict[str, object]]) -> list[list[str]]:
    """A row a searcher, below the headings."""
    shown = [count for count in _SHOWN if count <= _TRIALS.value]
    seconds = f"core seconds of {_TIMED} trials"
    table = [["searcher", *(f"after {count} trials" for count in shown), seconds]]
    for one in all_figures:
        pairs = [(one["mean"][count - 1], one["deviation"][count - 1]) for count in shown]
        values = [f"{mean:.2f} +- {deviation:.2f}" for mean, deviation in pairs]
        table.append([one["searcher"], *values, f"{one[seconds]:.1f}"])
    return table


def draw(all_figures: list[dict[str, object]], path: pathlib.Path) -> None:
    """The curves, with their standard errors."""
    figure = matplotlib.figure.Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    trials = np.arange(1, 1 + _TRIALS.value)
    for one in all_figures:
        mean = np.array(one["mean"])
        error = np.array(one["deviation"]) / np.sqrt(_REPEATS.value)
        (line,) = axes.plot(trials, mean, label=one["searcher"])
        axes.fill_between(trials, mean - error, mean + error, color=line.get_color(), alpha=0.2)
    axes.set(
        xlabel="trials",
        ylabel="true test accuracy, %",
        xscale="log",
        xlim=(5, _TRIALS.value),
        ylim=(92.0, 94.5),
    )
    axes.set_title("Best cell by validation accuracy so far, NAS-Bench-201", loc="left")
    axes.legend(frameon=False)
    figure.savefig(path, dpi=120)


def lines(table: list[list[str]]) -> list[str]:
    """A table in Markdown, a row a line."""
    return [f"| {' | '.join(row)} |" for row in (table[0], ["---"] * len(table[0]), *table[1:])]


def main(arguments: list[str]) -> None:
    """Runs all searches and shows what they found."""
    if arguments[1:]:
        sys.exit(f"no words are expected: given {' '.join(arguments[1:])}")
    console = rich.console.Console()
    given = Table.load(_TABLE.value)
    all_figures = [figures(name, given, console) for name in _SEARCHERS.value]
    table = rows(all_figures)
    shown = rich.table.Table(*table[0], box=None)
    for row in table[1:]:
        shown.add_row(*row)
    console.print(shown)
    if _OUTPUT.value:
        command = " ".join(["python", "benchmarks/trials_nas_bench_201.py", *sys.argv[1:]])
        content = {"command": command, "repeats": _REPEATS.value, "searchers": all_figures}
        pathlib.Path(_OUTPUT.value).write_text(json.dumps(content) + "\n")
    if _PICTURE.value:
        draw(all_figures, pathlib.Path(_PICTURE.value))
    if _PAGE.value:
        write_page(pathlib.Path(_PAGE.value), lines(table))


if __name__ == "__main__":
    app.run(main)
