# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""The main claim of SNAS: the child network keeps the supernet's accuracy without retraining.

    python benchmarks/child_accuracy.py
    python benchmarks/child_accuracy.py --estimators=concrete,straight_through,score_function

Searches on the handwritten digits with the default config, for every seed and estimator, by the
real command; then compares, on the validation images, the supernet under sampled architectures with
its child, which gets the supernet's weights and no training of its own. Beside it the child after a
refresh of its batch normalisation statistics on training images, and what the whole search took,
from the command to its report: seconds on the clock, which count where the machine does nothing
else, and summed over the cores. A search that is finished in --workdir is not run again.
"""

from __future__ import annotations

import json
import pathlib
import resource
import subprocess
import sys
import time

import numpy as np
import rich.console
import rich.progress
import rich.table
from absl import app, flags

_SEEDS = flags.DEFINE_integer("seeds", 5, "Number of seeds.", lower_bound=1)
_ESTIMATORS = flags.DEFINE_list("estimators", ["concrete", "softmax"], "Estimators to compare.")
_EPOCHS = flags.DEFINE_integer("epochs", 60, "Epochs of every search.", lower_bound=1)
_WORKDIR = flags.DEFINE_string("workdir", "runs/child_accuracy", "Where the searches are kept.")
_OUTPUT = flags.DEFINE_string("output", "", "A JSON file for the figures; empty for none.")

_ROOT = pathlib.Path(__file__).resolve().parents[1]
_REFRESH_EPOCHS = 8
_TIMES = ("seconds", "core_seconds")
_FIGURES = ("supernet, sampled", "child without retraining", "child, statistics refreshed")


def search(estimator: str, seed: int) -> pathlib.Path:
    """Runs one search to its end, or nothing if it is finished; gives back its run directory.

    What it took is kept beside the directory, unless it went on where another had stopped.
    """
    workdir = pathlib.Path(_WORKDIR.value) / f"{estimator}-{seed}"
    words = [
        "--mode=search",
        f"--workdir={workdir}",
        f"--config.seed={seed}",
        f"--config.search.estimator={estimator}",
        f"--config.search.epochs={_EPOCHS.value}",
    ]
    command = [sys.executable, "-m", "snas_tf.main", *words]
    new = not (_ROOT / workdir).exists()
    start = time.perf_counter(), _core_seconds()
    answer = subprocess.run(command, capture_output=True, text=True, cwd=_ROOT)
    if answer.returncode:
        sys.exit(answer.stderr)
    if new:
        taken = time.perf_counter() - start[0], _core_seconds() - start[1]
        _times_path(_ROOT / workdir).write_text(json.dumps(dict(zip(_TIMES, taken, strict=True))))
    return _ROOT / workdir


def _times_path(workdir: pathlib.Path) -> pathlib.Path:
    return workdir.with_name(f"{workdir.name}.json")


def _core_seconds() -> float:
    """Of all processes that were started and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def figures(workdir: pathlib.Path) -> dict[str, float]:
    """The three accuracies of one search, on its validation images, and where known its times."""
    from ml_collections import ConfigDict

    from snas_tf.machine import startup

    startup.load_tensorflow()
    from snas_tf import data
    from snas_tf.fitting.fit import validation_dataset
    from snas_tf.programs import found_network
    from snas_tf.programs.datasets import dataset
    from snas_tf.runs.run_directory import RunDirectory

    directory = RunDirectory(workdir)
    found = json.loads(directory.results_path("search").read_text())
    measured = {entry["name"]: entry["accuracy"] for entry in found if entry["split"] != "test"}
    config = ConfigDict(directory.recorded("search"))
    images = dataset.load(config)
    child = found_network.choose(directory, "child").load()
    training = data.training_dataset(
        images.train,
        batch_size=config.data.batch_size,
        seed=config.seed,
        augmentation=data.Augmentation(),
        normalization=data.normalization(images),
        epochs=_REFRESH_EPOCHS,
    )
    child.refresh_statistics(training.map(lambda batch, labels: batch))
    refreshed = dataset.accuracy(child, validation_dataset(images, config.data.batch_size))
    path = _times_path(workdir)
    times = json.loads(path.read_text()) if path.exists() else {}
    return {**measured, _FIGURES[-1]: refreshed, **times}


def table(measured: dict[str, list[dict[str, float]]]) -> rich.table.Table:
    """Mean and standard deviation over the seeds, in percent."""
    result = rich.table.Table(
        title=f"Digits, {_EPOCHS.value} epochs, {_SEEDS.value} seeds: validation accuracy, percent"
    )
    result.add_column("estimator", no_wrap=True)
    for figure in _FIGURES:
        result.add_column(figure, justify="right")
    for name in _TIMES:
        result.add_column(name.replace("_", " "), justify="right")
    for estimator, runs in measured.items():
        cells = []
        for figure in _FIGURES:
            values = 100 * np.array([run[figure] for run in runs])
            deviation = values.std(ddof=1) if len(values) > 1 else 0.0
            cells.append(f"{values.mean():.2f} +- {deviation:.2f}")
        for name in _TIMES:
            values = [run[name] for run in runs if name in run]
            cells.append(f"{np.mean(values):.0f}" if values else "unknown")
        result.add_row(estimator, *cells)
    return result


def main(arguments: list[str]) -> None:
    if len(arguments) > 1:
        raise app.UsageError(f"unknown argument {arguments[1]!r}")
    runs = [(name, seed) for name in _ESTIMATORS.value for seed in range(_SEEDS.value)]
    measured = {name: [] for name in _ESTIMATORS.value}
    console = rich.console.Console()
    for estimator, seed in rich.progress.track(runs, "searching", console=console):
        measured[estimator].append(figures(search(estimator, seed)))
        run = measured[estimator][-1]
        shown = ", ".join(f"{name} {run[name]:.2%}" for name in _FIGURES)
        console.print(f"{estimator}, seed {seed}: {shown}", highlight=False, soft_wrap=True)
    console.print(table(measured))
    if _OUTPUT.value:
        pathlib.Path(_OUTPUT.value).write_text(json.dumps(measured, indent=2) + "\n")


if __name__ == "__main__":
    sys.path.insert(0, str(_ROOT))
    app.run(main)
