# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""The resource constraint: what child networks cost, and what they are worth, by its level.

    python benchmarks/resource_levels.py --output=benchmarks/results/levels_digits
    python benchmarks/resource_levels.py --config=configs/cifar10_part.py --workdir=runs/levels_part

Searches with every level and seed by the real command, all on the same division of the images, and
writes a table, a JSON file and a picture of accuracy against cost. Besides the child's parameters
and multiply-adds the table has its C, the penalty that eta weighs, 1 for the mean of all networks,
and that of the published cells on the same skeleton. A search that is finished in --workdir is not
run again. Words after `--` go to every search.
"""

from __future__ import annotations

import concurrent.futures
import json
import pathlib
import subprocess
import sys

import numpy as np
import rich.console
import rich.progress
import rich.table
from absl import app, flags

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from snas_tf import space
from snas_tf.machine import startup

_CONFIG = flags.DEFINE_string("config", "configs/digits.py", "Config file that takes a level.")
_LEVELS = flags.DEFINE_list("levels", ["none", "mild", "moderate", "aggressive"], "Levels.")
_SEEDS = flags.DEFINE_integer("seeds", 5, "Number of seeds.", lower_bound=1)
_WORKDIR = flags.DEFINE_string("workdir", "runs/levels_digits", "Where the searches are kept.")
_OUTPUT = flags.DEFINE_string("output", "", "Path of the .json and .png; empty for none.")
_AT_ONCE = flags.DEFINE_integer("at_once", 1, "Searches side by side.", lower_bound=1)

_ROOT = pathlib.Path(__file__).resolve().parents[1]
_CHILD, _SUPERNET = "child without retraining", "supernet, sampled"


def search(level: str, seed: int, words: list[str]) -> pathlib.Path:
    """Runs one search to its end, or nothing if it is finished; gives back its run directory."""
    workdir = (_ROOT / _WORKDIR.value / f"{level}-{seed}").resolve()
    command = [
        *(sys.executable, "-m", "snas_tf.main", "--mode=search", f"--workdir={workdir}"),
        f"--config={_CONFIG.value}:{level}",
        f"--config.seed={seed}",
        "--config.data.split_seed=0",
        *([] if _AT_ONCE.value == 1 else ["--config.runtime.inter_op_threads=1"]),
        *words,
    ]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=_ROOT)
    if answer.returncode:
        raise RuntimeError(answer.stderr)
    return workdir


def figures(level: str, seed: int, workdir: pathlib.Path) -> dict[str, object]:
    """What a search found: accuracies on validation images, and costs."""
    found = json.loads((workdir / "results.json").read_text())
    measured = {entry["name"]: entry for entry in found if entry["split"] == "validation"}
    genotype = space.Genotype.load(workdir / "genotype.json")
    return {
        "level": level,
        "seed": seed,
        "supernet": measured[_SUPERNET]["accuracy"],
        "child": measured[_CHILD]["accuracy"],
        "cost": measured[_CHILD]["cost"],
        "penalty": penalty(genotype, skeleton_of(workdir)),
        "edges": sum(len(genotype.connections(kind)) for kind in genotype.kinds),
    }


def skeleton_of(workdir: pathlib.Path) -> space.Skeleton:
    """The plan of the networks of a search."""
    recorded = json.loads((workdir / "config.json").read_text())["search"]
    dataset = json.loads((workdir / "dataset.json").read_text())
    return space.Skeleton(
        num_cells=recorded["search"]["num_cells"],
        init_channels=recorded["search"]["init_channels"],
        num_classes=len(dataset["class_names"]),
        image_shape=tuple(dataset["image_shape"]),
        stem=recorded["space"]["stem"],
    )


def penalty(genotype: space.Genotype, skeleton: space.Skeleton) -> float:
    """C of a network, as the default `ResourceCost` has it."""
    from snas_tf import ResourceCost

    cells = space.CellSpace(genotype.num_nodes)
    chosen = {}
    for kind in space.KINDS:
        operations = {(c.source, c.node): c.operation for c in genotype.connections(kind)}
        columns = [cells.primitives.index(operations.get(edge, "none")) for edge in cells.edges]
        chosen[kind] = np.eye(cells.num_operations, dtype=np.float32)[columns]
    return float(ResourceCost(space.cell_cost_table(cells, skeleton)).penalty(chosen))


def table(measured: list[dict]) -> rich.table.Table:
    """Mean and sample standard deviation over the seeds."""
    result = rich.table.Table(title=f"{_CONFIG.value}, {_SEEDS.value} seeds")
    columns = {
        "supernet, %": (lambda entry: 100 * entry["supernet"], ".2f"),
        "child, %": (lambda entry: 100 * entry["child"], ".2f"),
        "parameters": (lambda entry: entry["cost"]["parameters"], ",.0f"),
        "multiply-adds": (lambda entry: entry["cost"]["multiply_adds"], ",.0f"),
        "edges": (lambda entry: entry["edges"], ".1f"),
        "C": (lambda entry: entry["penalty"], ".2f"),
    }
    for heading in ("level", *columns):
        result.add_column(heading, justify="left" if heading == "level" else "right")
    for level in _LEVELS.value:
        cells = []
        for read, form in columns.values():
            values = np.array([read(entry) for entry in measured if entry["level"] == level])
            deviation = values.std(ddof=1) if len(values) > 1 else 0.0
            cells.append(f"{values.mean():{form}} +- {deviation:{form}}")
        result.add_row(level, *cells)
    return result


def published(skeleton: space.Skeleton) -> str:
    """C of the published cells on a skeleton, in a line."""
    costs = {name: penalty(genotype, skeleton) for name, genotype in space.PUBLISHED.items()}
    return ", ".join(f"{name} {value:.2f}" for name, value in costs.items())


def draw(measured: list[dict], path: pathlib.Path) -> None:
    """The picture that a report would show, a group a level."""
    from snas_tf import reports

    points = [
        reports.TradeOffPoint(
            label=entry["level"], cost=space.Cost(**entry["cost"]), accuracy=entry["child"]
        )
        for entry in measured
    ]
    reports.draw_trade_off(points).savefig(path, dpi=150, bbox_inches="tight")


def main(arguments: list[str]) -> None:
    startup.load_tensorflow()
    runs = [(level, seed) for seed in range(_SEEDS.value) for level in _LEVELS.value]
    console = rich.console.Console()
    console.width = max(console.width, 110)  # the table, also where it goes into a file
    with concurrent.futures.ThreadPoolExecutor(_AT_ONCE.value) as pool:
        searches = pool.map(lambda run: search(*run, arguments[1:]), runs)
        tracked = rich.progress.track(searches, "searching", total=len(runs), console=console)
        try:
            folders = list(tracked)
        except RuntimeError as error:
            sys.exit(str(error).strip())
    measured = [figures(*run, folder) for run, folder in zip(runs, folders, strict=True)]
    console.print(table(measured))
    console.print(f"C of published cells: {published(skeleton_of(folders[0]))}")
    if _OUTPUT.value:
        output = pathlib.Path(_OUTPUT.value)
        output.with_suffix(".json").write_text(json.dumps(measured, indent=2) + "\n")
        draw(measured, output.with_suffix(".png"))


if __name__ == "__main__":
    app.run(main)
