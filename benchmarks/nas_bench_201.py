# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""What searches of NAS-Bench-201's space find, by true accuracies that others measured.

    python benchmarks/nas_bench_201.py --table=nasbench201_cifar10.npz --data_dir=DIR \
        --output=benchmarks/results/nas_bench_201.json --page=docs/nas_bench_201.md

Searches on CIFAR-10 with every recipe and seed by the real command and configs/nas_bench_201.py,
one after the other, and looks the found cell up in the table. Beside its true test accuracy: its
rank; how well the supernet ranks --cells random cells (Kendall's tau of its accuracy on validation
images with the table's on test images, by statistics of batch normalisation that were tracked, and
by those of the batch); the accuracy of the supernet under sampled architectures and of its child
without retraining, on validation images; seconds on the clock and summed over the cores. What is
finished in --workdir is not done again. Words after `--` go to every search. The table of the
figures takes its place between the two marks in --page.
"""

from __future__ import annotations

import json
import pathlib
import statistics
import sys

import numpy as np
import rich.console
import rich.progress
import table_search
from absl import app, flags
from figures_page import write_page

RECIPES = {
    "concrete": (),
    "concrete-cold": ("search.warmup_epochs=0", "search.architecture_learning_rate=0.01"),
    "concrete-slow": ("search.warmup_epochs=0", "search.architecture_learning_rate=3e-4"),
    "straight_through": ("search.estimator=straight_through", "search.warmup_epochs=0"),
    "score_function": ("search.estimator=score_function", "search.warmup_epochs=0"),
    "softmax": ("search.estimator=softmax",),
    "softmax-cold": ("search.estimator=softmax", "search.warmup_epochs=0"),
}
"""What each recipe changes in configs/nas_bench_201.py."""

_TABLE = flags.DEFINE_string("table", None, "File of the true accuracies.", required=True)
_DATA_DIR = flags.DEFINE_string("data_dir", "", "Folder of TensorFlow Datasets with cifar10.")
_RECIPES = flags.DEFINE_list("recipes", ["concrete", "softmax-cold"], f"Of {', '.join(RECIPES)}.")
_SEEDS = flags.DEFINE_list("seeds", ["4", "5", "6", "7", "8"], "Seeds of every recipe.")
_RANKED = flags.DEFINE_list("ranked", ["concrete"], "Recipes whose supernets rank random cells.")
_CELLS = flags.DEFINE_integer("cells", 200, "Random cells to rank; 0: none.", lower_bound=0)
_IMAGES = flags.DEFINE_integer("images", 1000, "Validation images to rank them on.", lower_bound=1)
_WORKDIR = flags.DEFINE_string("workdir", "runs/nas_bench_201", "Where the searches are kept.")
_OUTPUT = flags.DEFINE_string("output", "", "A JSON file for the figures; empty for none.")
_PAGE = flags.DEFINE_string("page", "", "A page to write the table into; empty for none.")

_BATCH = 250


def search(recipe: str, seed: str, words: list[str]) -> pathlib.Path:
    """Runs one search to its end, or nothing if it is finished; gives back its run directory."""
    return table_search.run(
        table_search.ROOT / _WORKDIR.value / f"{recipe}-{seed}",
        _TABLE.value,
        (f"seed={seed}", f"data.data_dir={_DATA_DIR.value}", *RECIPES[recipe]),
        words,
    )


def figures(recipe: str, seed: str, workdir: pathlib.Path) -> dict[str, object]:
    """What a search found, and how its supernet ranks."""
    return {
        "recipe": recipe,
        "seed": int(seed),
        **table_search.found(workdir),
        **(ranking(workdir) if _CELLS.value and recipe in _RANKED.value else {}),
    }


def ranking(workdir: pathlib.Path) -> dict[str, float]:
    """Kendall's tau of a supernet with the table, on random cells, the same for every search."""
    path = table_search.beside(workdir, f"ranking-{_CELLS.value}-{_IMAGES.value}")
    if not path.exists():
        path.write_text(json.dumps(_ranking(workdir)))
    return json.loads(path.read_text())


def recorded_config(recorded: dict) -> object:
    """The whole config of a search: what it depended on as recorded, all else by default."""
    from snas_tf import config as base

    config = base.get_config()
    config.seed = recorded["seed"]
    for section in ("data", "space", "network", "search"):
        for name, value in recorded[section].items():
            config[section][name] = tuple(value) if isinstance(value, list) else value
    return config


def _ranking(workdir: pathlib.Path) -> dict[str, float]:
    import tensorflow as tf
    from scipy import stats

    from snas_tf import data
    from snas_tf.evaluation import Table
    from snas_tf.fitting.checkpoint import Checkpoints
    from snas_tf.programs import search as program
    from snas_tf.programs.datasets import dataset
    from snas_tf.runs.run_directory import RunDirectory

    directory = RunDirectory(workdir)
    config = recorded_config(directory.recorded("search"))
    images = dataset.load(config)
    model = program.build(config, images, 1)
    Checkpoints(directory.checkpoints_folder, "search", {}).load(model)
    supernet, cells = model.supernet, model.supernet.space
    rng = np.random.default_rng(0)
    table = Table.load(_TABLE.value)
    sampled = [cells.sample(rng) for _ in range(_CELLS.value)]
    batches = data.evaluation_dataset(
        images.validation, batch_size=_BATCH, normalization=data.normalization(images)
    ).take(_IMAGES.value // _BATCH)
    batches = [*batches]

    @tf.function
    def right(pixels, labels, samples, training):
        logits = supernet(pixels, samples, training=training)
        hits = tf.argmax(logits, axis=-1) == tf.cast(labels, tf.int64)
        return tf.math.count_nonzero(hits)

    true = [table(cell)["test_accuracy"] for cell in sampled]
    taus = {}
    # Statistics of the batch last, for taking them moves the tracked ones.
    for name, training in (("tau_tracked", False), ("tau_batch", True)):
        scores = [
            sum(int(right(*batch[:2], cells.encode(cell), training)) for batch in batches)
            for cell in sampled
        ]
        taus[name] = float(stats.kendalltau(scores, true).statistic)
    if "parameters" in table.metrics:
        sizes = [table(cell)["parameters"] for cell in sampled]
        taus["tau_parameters"] = float(stats.kendalltau(sizes, true).statistic)
    return taus


_COLUMNS = {
    "true test accuracy, %": ("test_accuracy", 1, ".2f"),
    "rank": ("rank", 1, ",.0f"),
    "supernet, sampled, %": ("supernet", 100, ".1f"),
    "child without retraining, %": ("child", 100, ".1f"),
    "tau, tracked": ("tau_tracked", 1, ".2f"),
    "tau, batch": ("tau_batch", 1, ".2f"),
    "seconds": ("seconds", 1, ".0f"),
    "core seconds": ("core_seconds", 1, ".0f"),
}


def lines(measured: list[dict]) -> list[str]:
    """The table in Markdown: a row a recipe, mean and sample standard deviation over its seeds."""
    columns = {
        heading: column
        for heading, column in _COLUMNS.items()
        if any(column[0] in run for run in measured)
    }
    rows = ["| recipe | seeds | " + " | ".join(columns) + " |"]
    rows += ["| --- |" + " --- |" * (1 + len(columns))]
    for recipe in dict.fromkeys(entry["recipe"] for entry in measured):
        runs = [entry for entry in measured if entry["recipe"] == recipe]
        texts = []
        for name, factor, form in columns.values():
            values = [factor * run[name] for run in runs if name in run]
            spread = f" +- {statistics.stdev(values):{form}}" if len(values) > 1 else ""
            texts.append(f"{statistics.fmean(values):{form}}{spread}" if values else "not measured")
        seeds = ", ".join(str(run["seed"]) for run in runs)
        rows.append(f"| `{recipe}` | {seeds} | " + " | ".join(texts) + " |")
    return rows


def main(arguments: list[str]) -> None:
    unknown = {*_RECIPES.value} - {*RECIPES}
    if unknown:
        raise app.UsageError(f"--recipes must be of {', '.join(RECIPES)}: given {unknown}")
    from snas_tf.machine import startup

    startup.load_tensorflow()
    console = rich.console.Console()
    runs = [(recipe, seed) for recipe in _RECIPES.value for seed in _SEEDS.value]
    measured = []
    for recipe, seed in rich.progress.track(runs, "searching", console=console):
        found = figures(recipe, seed, search(recipe, seed, arguments[1:]))
        measured.append(found)
        told = (
            f"{recipe}, seed {seed}: {found['test_accuracy']:.2f} (rank {found['rank']:,}), "
            f"child {found['child']:.1%}  {found['architecture']}"
        )
        console.print(told, highlight=False, soft_wrap=True)
        if _OUTPUT.value:
            pathlib.Path(_OUTPUT.value).write_text(json.dumps(measured, indent=2) + "\n")
    print("\n".join(lines(measured)))
    if _PAGE.value:
        write_page(pathlib.Path(_PAGE.value), lines(measured))


if __name__ == "__main__":
    sys.path.insert(0, str(table_search.ROOT))
    app.run(main)
