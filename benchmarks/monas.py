# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""Several objectives at once, as in MONAS, on true accuracies that others measured.

    python benchmarks/monas.py --table=nasbench201_cifar10.npz \
        --output=benchmarks/results/monas.json --page=docs/objectives.md

Searches the cells of NAS-Bench-201 by trials that look up validation accuracy and parameters, with
every searcher and seed, nothing being trained. "bound": the validation accuracy is the reward, 0
for cells of more than --parameters. Shown are the share of proposals that keep to the bound in the
first and the last 100 trials, the share of the last 100 with a validation accuracy of --good or
more, how many different cells are among them, the best that was found within the bound, and the
hypervolume of the front of accuracy and parameters within it, in shares of that of the whole table.
"front": two rewards, or one made of both, and the hypervolume alone, of all parameters. The
reference of all hypervolumes has --least validation accuracy. What stands in --output already is
not done again. The tables take their place between the two marks in --page.
"""

from __future__ import annotations

import json
import math
import pathlib
import statistics
import sys
import time

import rich.progress
from absl import app, flags
from figures_page import write_page

_TABLE = flags.DEFINE_string("table", None, "File of the true accuracies.", required=True)
_SEEDS = flags.DEFINE_integer("seeds", 20, "Seeds of every searcher.", lower_bound=1)
_TRIALS = flags.DEFINE_integer("trials", 500, "Trials of a search.", lower_bound=200)
_PARAMETERS = flags.DEFINE_float("parameters", 400_000, "The bound.")
_GOOD = flags.DEFINE_float("good", 89.0, "A validation accuracy that is called good, percent.")
_LEAST = flags.DEFINE_float("least", 80.0, "Validation accuracy of the reference, percent.")
_ONLY = flags.DEFINE_list("only", [], "Words of the rows to do; empty for all.")
_OUTPUT = flags.DEFINE_string("output", "", "A JSON file for the figures; empty for none.")
_PAGE = flags.DEFINE_string("page", "", "A page to write the tables into; empty for none.")

_ROOT = pathlib.Path(__file__).resolve().parents[1]
_ACCURACY, _COST = "validation_accuracy", "parameters"
_AT_ENDS = 100

_SHARES = {
    "within, first 100": ("within_first", 100, ".0f"),
    "within, last 100": ("within_last", 100, ".1f"),
    "good, last 100": ("good_last", 100, ".0f"),
    "different, last 100": ("different", 1, ".0f"),
    "best validation, %": ("best", 1, ".2f"),
    "its test, %": ("test", 1, ".2f"),
    "hypervolume, %": ("volume", 100, ".1f"),
    "seconds": ("seconds", 1, ".1f"),
}
_VOLUMES = {name: _SHARES[name] for name in ("hypervolume, %", "seconds")}


def rows() -> dict[str, tuple]:
    """What is compared: {name: (searcher, objective, the most parameters)}."""
    from snas_tf import black_box

    bound = {_COST: (-math.inf, _PARAMETERS.value)}
    constrained = black_box.Constrained(_ACCURACY, bound)
    mixed = black_box.WeightedSum({_ACCURACY: 0.5, _COST: -0.5}, _ranges())
    product = black_box.Product(_ACCURACY, _COST, _PARAMETERS.value)
    front = black_box.Pareto({_ACCURACY: 1, _COST: -1})
    searchers = {
        "random": black_box.Random(),
        "evolution": black_box.RegularizedEvolution(),
        "policy": black_box.Policy(),
        "policy, no entropy bonus": black_box.Policy(entropy_weight=0.0),
        "policy, moving mean, bonus 1": black_box.Policy(
            learning_rate=0.05, window=0, entropy_weight=1.0
        ),
        "policy, moving mean, no bonus": black_box.Policy(
            learning_rate=0.05, window=0, entropy_weight=0.0
        ),
        "controller": black_box.Controller(),
        "controller, no entropy bonus": black_box.Controller(entropy_weight=0.0),
    }
    found = {
        f"bound: {name}": (searcher, constrained, _PARAMETERS.value)
        for name, searcher in searchers.items()
    }
    return {
        **found,
        "front: random": (black_box.Random(), front, math.inf),
        "front: evolution": (black_box.RegularizedEvolution(), front, math.inf),
        "front: nsga2": (black_box.Optuna("nsga2"), front, math.inf),
        "front: policy, product": (black_box.Policy(), product, math.inf),
        "front: policy, weighted sum": (black_box.Policy(), mixed, math.inf),
    }


def _ranges() -> dict[str, tuple[float, float]]:
    """Of the weighted sum: what the table's units are brought to."""
    return {_ACCURACY: (0.0, 100.0), _COST: (0.0, 1.6e6)}


def volume(points: list[tuple[float, float]], most: float) -> float:
    """The hypervolume of (accuracy, parameters) within the most parameters."""
    from snas_tf.black_box import pareto

    most = min(most, 1.6e6)
    kept = [(accuracy, -cost) for accuracy, cost in points if cost <= most]
    # A cell that has exactly the most is within: the reference lies one parameter beyond.
    return pareto.hypervolume(kept, (_LEAST.value, -most - 1))


def figures(row: tuple, table: object, seed: int) -> dict:
    """One search, measured."""
    from snas_tf import black_box, space

    searcher, objective, most = row
    start = time.process_time()
    result = black_box.search(
        searcher,
        space.nas_bench_201_cells(),
        table,
        _TRIALS.value,
        seed,
        objective=objective,
    )
    seconds = time.process_time() - start
    trials = [(each.metrics[_ACCURACY], each.metrics[_COST]) for each in result.trials]
    first, last = trials[:_AT_ENDS], trials[-_AT_ENDS:]
    within = [each for each in result.trials if each.metrics[_COST] <= most]
    best = max(within, key=lambda each: each.metrics[_ACCURACY])
    every = [*zip(table.column(_ACCURACY).tolist(), table.column(_COST).tolist(), strict=True)]
    return {
        "within_first": statistics.fmean(cost <= most for _, cost in first),
        "within_last": statistics.fmean(cost <= most for _, cost in last),
        "good_last": statistics.fmean(accuracy >= _GOOD.value for accuracy, _ in last),
        "different": len({each.architecture for each in result.trials[-_AT_ENDS:]}),
        "best": best.metrics[_ACCURACY],
        "test": best.metrics["test_accuracy"],
        "volume": volume(trials, most) / volume(every, most),
        "seconds": seconds,
    }


def lines(measured: list[dict]) -> list[str]:
    """Two tables in Markdown: mean and sample standard deviation over the seeds."""
    written = []
    for kind, columns in (("bound", _SHARES), ("front", _VOLUMES)):
        names = dict.fromkeys(each["row"] for each in measured if each["row"].startswith(kind))
        if not names:
            continue
        written += ["| searcher | seeds | " + " | ".join(columns) + " |"]
        written += ["| --- |" + " --- |" * (1 + len(columns))]
        for name in names:
            runs = [each for each in measured if each["row"] == name]
            texts = []
            for key, factor, form in columns.values():
                values = [factor * run[key] for run in runs]
                spread = f" +- {statistics.stdev(values):{form}}" if len(values) > 1 else ""
                texts.append(f"{statistics.fmean(values):{form}}{spread}")
            label = name.removeprefix(f"{kind}: ")
            written.append(f"| {label} | {len(runs)} | " + " | ".join(texts) + " |")
        written.append("")
    return written[:-1]


def main(arguments: list[str]) -> None:
    if arguments[1:]:
        raise app.UsageError(f"no further words are expected: given {arguments[1:]}")
    from snas_tf.evaluation import Table
    from snas_tf.machine import startup

    startup.load_tensorflow()
    table = Table.load(_TABLE.value)
    output = pathlib.Path(_OUTPUT.value) if _OUTPUT.value else None
    measured = json.loads(output.read_text()) if output and output.exists() else []
    done = {(each["row"], each["seed"]) for each in measured}
    compared = {
        name: row
        for name, row in rows().items()
        if not _ONLY.value or any(word in name for word in _ONLY.value)
    }
    runs = [(name, seed) for name in compared for seed in range(_SEEDS.value)]
    for name, seed in rich.progress.track(runs, "searching"):
        if (name, seed) not in done:
            found = figures(compared[name], table, seed)
            measured.append({"row": name, "seed": seed, **found})
            if output:
                output.write_text(json.dumps(measured, indent=1) + "\n")
    print("\n".join(lines(measured)))
    if _PAGE.value:
        write_page(pathlib.Path(_PAGE.value), lines(measured))


if __name__ == "__main__":
    sys.path.insert(0, str(_ROOT))
    app.run(main)
