# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""How well NASWOT ranks the cells of NAS-Bench-201, what it picks, and how long it takes.

    python benchmarks/naswot.py --table=nasbench201_cifar10.npz --data_dir=DIR \
        --pytorch=torch_environment/bin/python \
        --output=benchmarks/results/naswot.json --page=docs/scores.md

Scores the networks of random cells (16 channels, five cells a stage, fresh weights) on one batch of
CIFAR-10, training images without augmentation, and compares with the accuracies of the table:
Kendall's tau, beside that of the sizes alone and of the sum of ranks; the true test accuracy of the
best by score among 10 and 100 cells drawn of them, beside the best by size and by true validation
accuracy; AREA against regularised evolution and random search, its pool drawn of the scored cells.

With --pytorch, an environment with PyTorch, --yardstick of the cells are also scored by the
method as released (pytorch_naswot.py), in turns with ours; each takes --threads threads, and the
building of the network is part of the time. Every score is kept in --workdir and not computed
again. Ours has the custom C++ ops, as searches by trials have. The tables of the figures take their
place between the two marks in --page.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
import rich.progress
from absl import app, flags
from figures_page import write_page

_TABLE = flags.DEFINE_string("table", None, "File of the true accuracies.", required=True)
_DATA_DIR = flags.DEFINE_string("data_dir", "", "Folder of TensorFlow Datasets with cifar10.")
_CELLS = flags.DEFINE_integer("cells", 300, "Random cells.", lower_bound=3)
_BATCH = flags.DEFINE_integer("batch", 128, "Images of the batch.", lower_bound=2)
_PYTORCH = flags.DEFINE_string("pytorch", "", "A Python with PyTorch; empty for none.")
_YARDSTICK = flags.DEFINE_integer("yardstick", 30, "Cells that PyTorch scores too.")
_THREADS = flags.DEFINE_integer("threads", 1, "Threads of either.", lower_bound=1)
_REPEATS = flags.DEFINE_integer("repeats", 50, "Searches by trials of each kind.", lower_bound=2)
_TRIALS = flags.DEFINE_list("trials", ["20", "50", "100", "200"], "Trials to look at.")
_WORKDIR = flags.DEFINE_string("workdir", "runs/naswot", "Where the scores are kept.")
_OUTPUT = flags.DEFINE_string("output", "", "A JSON file for the figures; empty for none.")
_PAGE = flags.DEFINE_string("page", "", "A page to write the tables into; empty for none.")

_ROOT = pathlib.Path(__file__).resolve().parents[1]
_PICKS, _DRAWS = (10, 100), 1000
_TEST, _VALIDATION = "test_accuracy", "validation_accuracy"


def cells(space, count: int) -> list:
    """Random cells, all different."""
    rng, found = np.random.default_rng(0), {}
    while len(found) < count:
        found[space.sample(rng)] = None
    return [*found]


def batch(size: int) -> np.ndarray:
    """Normalised training images of all classes, float32 (size, 32, 32, 3)."""
    from snas_tf import data
    from snas_tf.programs.datasets import dataset

    images = data.load("tfds:cifar10", data_dir=_DATA_DIR.value)
    chosen = dataset.spread(images.train, size)
    normalized = data.evaluation_dataset(
        chosen, batch_size=size, normalization=data.normalization(images)
    )
    return next(iter(normalized))[0].numpy()


@contextlib.contextmanager
def yardstick(images: np.ndarray) -> Iterator[Callable[[str], dict] | None]:
    """PyTorch's answer to a cell string; None without it."""
    if not _PYTORCH.value:
        yield None
        return
    path = _ROOT / _WORKDIR.value / "images.npy"
    np.save(path, images)
    command = [_PYTORCH.value, str(_ROOT / "benchmarks" / "pytorch_naswot.py"), str(path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([*command, str(_THREADS.value)], **pipes) as process:

        def ask(text: str) -> dict:
            print(text, file=process.stdin, flush=True)
            return json.loads(process.stdout.readline())

        yield ask
        process.stdin.close()


def measured(space) -> list[dict]:
    """A record a cell: its string, its score and what that took, and PyTorch's."""
    import tensorflow as tf

    from snas_tf import ChildNetwork, evaluation, native
    from snas_tf import space as spaces

    tf.config.threading.set_inter_op_parallelism_threads(_THREADS.value)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: _THREADS.value])
    native.use()
    workdir = _ROOT / _WORKDIR.value
    workdir.mkdir(parents=True, exist_ok=True)
    kept = workdir / f"scores-{_BATCH.value}.jsonl"
    lines = kept.read_text().splitlines() if kept.exists() else []
    records = [json.loads(line) for line in lines][: _CELLS.value]
    images = batch(_BATCH.value)
    skeleton = spaces.nas_bench_201_skeleton()
    naswot = evaluation.ZeroCost(lambda cell: ChildNetwork(cell, skeleton), images)
    left = cells(space, _CELLS.value)[len(records) :]
    if left and not records:
        naswot(left[0])  # what TensorFlow does once a process is no part of a cell's time
    with yardstick(images) as ask, kept.open("a") as file:
        for cell in rich.progress.track(left, "scoring"):
            text = cell.to_nas_bench_201()
            start = time.perf_counter(), time.process_time()
            score = naswot(cell)
            taken = time.perf_counter() - start[0], time.process_time() - start[1]
            record = {"architecture": text, "score": score}
            record |= {"seconds": taken[0], "core_seconds": taken[1]}
            if ask is not None and sum("pytorch" in one for one in records) < _YARDSTICK.value:
                record["pytorch"] = ask(text)
            records.append(record)
            print(json.dumps(record), file=file, flush=True)
    return records


def correlations(records: list[dict], table) -> dict[str, dict[str, float]]:
    """Kendall's tau of each way to rank with the accuracies of the table."""
    from snas_tf import space
    from snas_tf.evaluation import zero_cost

    skeleton = space.nas_bench_201_skeleton()
    genotypes = [space.Genotype.from_nas_bench_201(one["architecture"]) for one in records]
    costs = [space.cost(genotype, skeleton) for genotype in genotypes]
    ranked = {
        "NASWOT": [record["score"] for record in records],
        "parameters": [float(cost.parameters) for cost in costs],
        "multiply-adds": [float(cost.multiply_adds) for cost in costs],
    }
    both = {name: ranked[name] for name in ("NASWOT", "parameters")}
    ranked["NASWOT and parameters, sum of ranks"] = zero_cost.rank_sum(both).tolist()
    known = [table(record["architecture"]) for record in records]
    found = {}
    for name, scores in ranked.items():
        found[name] = {
            metric: zero_cost.correlation(scores, [one[metric] for one in known])[0]
            for metric in (_TEST, _VALIDATION)
        }
        found[name] |= picks(scores, [one[_TEST] for one in known])
    validation = [one[_VALIDATION] for one in known]
    found["true validation accuracy"] = picks(validation, [one[_TEST] for one in known])
    return found


def picks(scores: list[float], test: list[float]) -> dict[str, tuple[float, float]]:
    """Mean and deviation of the test accuracy of the best by score among some drawn cells."""
    rng, scores, test = np.random.default_rng(0), np.nan_to_num(scores), np.array(test)
    found = {}
    for count in _PICKS:
        if count < len(test):
            drawn = [rng.choice(len(test), count, replace=False) for _ in range(_DRAWS)]
            best = [test[one[scores[one].argmax()]] for one in drawn]
            found[f"best of {count}"] = float(np.mean(best)), float(np.std(best, ddof=1))
    return found


class Pool:
    """The whole space, but that random cells are drawn of those that were scored."""

    def __init__(self, space, scored: list) -> None:
        self._space, self._scored = space, scored

    def __getattr__(self, name: str):
        return getattr(self._space, name)

    def sample(self, rng: np.random.Generator):
        """One of the scored cells."""
        return self._scored[rng.integers(len(self._scored))]


def searches(space, records: list[dict], table) -> dict[str, dict[str, tuple[float, float]]]:
    """True test accuracy of the best by validation accuracy after some trials."""
    from snas_tf import black_box
    from snas_tf import space as spaces

    genotypes = [spaces.Genotype.from_nas_bench_201(one["architecture"]) for one in records]
    scores = dict(zip(genotypes, (one["score"] for one in records), strict=True))
    kinds = {
        "random search": (black_box.Random, space),
        "regularised evolution": (
            lambda: black_box.RegularizedEvolution(population=10, tournament=3),
            space,
        ),
        "AREA": (
            lambda: black_box.Area(scores.__getitem__, population=10, tournament=3),
            Pool(space, genotypes),
        ),
    }
    found = {}
    for name, (searcher, searched) in kinds.items():
        curves = []
        for seed in rich.progress.track(range(_REPEATS.value), name):
            result = black_box.search(
                searcher(),
                searched,
                table,
                trials=max(map(int, _TRIALS.value)),
                seed=seed,
                objective=_VALIDATION,
            )
            curves.append(curve(result.trials))
        found[name] = {
            count: (
                statistics.fmean(one[int(count) - 1] for one in curves),
                statistics.stdev(one[int(count) - 1] for one in curves),
            )
            for count in _TRIALS.value
        }
    return found


def curve(trials) -> list[float]:
    """After each trial, the test accuracy of the best so far by validation accuracy."""
    best, found = None, []
    for trial in trials:
        if best is None or trial.metrics[_VALIDATION] > best.metrics[_VALIDATION]:
            best = trial
        found.append(best.metrics[_TEST])
    return found


def times(records: list[dict]) -> dict[str, float]:
    """Seconds a cell, mean, of ours and PyTorch's, on the cells that both scored."""
    both = [record for record in records if "pytorch" in record]
    found = {"cells": len(both)}
    for unit in ("seconds", "core_seconds") if both else ():
        found[unit] = statistics.fmean(record[unit] for record in both)
        found[f"pytorch_{unit}"] = statistics.fmean(record["pytorch"][unit] for record in both)
    return found


def lines(figures: dict) -> list[str]:
    """The tables in Markdown."""

    def told(pair: tuple[float, float] | None) -> str:
        return "" if pair is None else f"{pair[0]:.2f} +- {pair[1]:.2f}"

    rows = ["| ranked by | tau, test | tau, validation | best of 10 | best of 100 |"]
    rows += ["| --- | --- | --- | --- | --- |"]
    for name, one in figures["ranking"].items():
        taus = [f"{one[metric]:.3f}" if metric in one else "" for metric in (_TEST, _VALIDATION)]
        best = [told(one.get(f"best of {count}")) for count in _PICKS]
        rows.append(f"| {' | '.join([name, *taus, *best])} |")
    rows += ["", "| trials | " + " | ".join(figures["searches"]) + " |"]
    rows += ["| --- |" + " --- |" * len(figures["searches"])]
    for count in _TRIALS.value:
        found = [told(one[count]) for one in figures["searches"].values()]
        rows.append(f"| {count} | {' | '.join(found)} |")
    taken = figures["times"]
    if taken["cells"]:
        rows += ["", "| a cell | core seconds | seconds |", "| --- | --- | --- |"]
        for name, prefix in (("snas_tf", ""), ("PyTorch, as released", "pytorch_")):
            numbers = (taken[f"{prefix}{unit}"] for unit in ("core_seconds", "seconds"))
            rows.append(f"| {name} | {' | '.join(f'{number:.2f}' for number in numbers)} |")
    return rows


def main(_: list[str]) -> None:
    from snas_tf import space
    from snas_tf.evaluation import Table
    from snas_tf.machine import startup

    startup.load_tensorflow()
    searched, table = space.nas_bench_201_cells(), Table.load(_TABLE.value)
    records = measured(searched)
    figures = {
        "cells": len(records),
        "batch": _BATCH.value,
        "threads": _THREADS.value,
        "ranking": correlations(records, table),
        "searches": searches(searched, records, table),
        "times": times(records),
    }
    print("\n".join(lines(figures)))
    if _OUTPUT.value:
        pathlib.Path(_OUTPUT.value).write_text(json.dumps(figures, indent=2) + "\n")
    if _PAGE.value:
        write_page(pathlib.Path(_PAGE.value), lines(figures))


if __name__ == "__main__":
    sys.path.insert(0, str(_ROOT))
    app.run(main)
