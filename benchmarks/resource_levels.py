# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""The resource constraint: what child networks cost, and what they are worth, by its level.

    python benchmarks/resource_levels.py --output=benchmarks/results/levels_digits
    python benchmarks/resource_levels.py --config=configs/cifar10_part.py --workdir=runs/levels_part

Searches with every level and seed by the real command, all on the same division of the images, and
writes a table, a JSON file and a picture of accuracy against cost. Besides the cost on the skeleton
that was searched on, the cost of the same cells on the paper's (20 cells, 36 channels, CIFAR-10). A
search that is finished in --workdir is not run again. Words after `--` go to every search.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import json
import pathlib
import subprocess
import sys

import numpy as np
import rich.console
import rich.progress
import rich.table
from absl import app, flags

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
    from snas_tf import space

    found = json.loads((workdir / "results.json").read_text())
    measured = {entry["name"]: entry for entry in found if entry["split"] == "validation"}
    genotype = space.Genotype.load(workdir / "genotype.json")
    skeleton = space.Skeleton(
        num_cells=20, init_channels=36, num_classes=10, image_shape=(32, 32, 3)
    )
    return {
        "level": level,
        "seed": seed,
        "supernet": measured[_SUPERNET]["accuracy"],
        "child": measured[_CHILD]["accuracy"],
        "cost": measured[_CHILD]["cost"],
        "cost_on_the_papers_skeleton": dataclasses.asdict(space.cost(genotype, skeleton)),
        "edges": len(genotype.normal) + len(genotype.reduction),
    }


def table(measured: list[dict]) -> rich.table.Table:
    """Mean and sample standard deviation over the seeds."""
    result = rich.table.Table(title=f"{_CONFIG.value}, {_SEEDS.value} seeds")
    columns = {
        "supernet, %": (lambda entry: 100 * entry["supernet"], ".2f"),
        "child, %": (lambda entry: 100 * entry["child"], ".2f"),
        "parameters": (lambda entry: entry["cost"]["parameters"], ",.0f"),
        "multiply-adds": (lambda entry: entry["cost"]["multiply_adds"], ",.0f"),
        "edges": (lambda entry: entry["edges"], ".1f"),
        "parameters on the paper's skeleton, M": (
            lambda entry: entry["cost_on_the_papers_skeleton"]["parameters"] / 1e6,
            ".2f",
        ),
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


def draw(measured: list[dict], path: pathlib.Path) -> None:
    """The picture that a report would show, a group a level."""
    from snas_tf import reports, space

    points = [
        reports.TradeOffPoint(
            label=entry["level"], cost=space.Cost(**entry["cost"]), accuracy=entry["child"]
        )
        for entry in measured
    ]
    reports.draw_trade_off(points).savefig(path, dpi=150, bbox_inches="tight")


def main(arguments: list[str]) -> None:
    sys.path.insert(0, str(_ROOT))
    runs = [(level, seed) for seed in range(_SEEDS.value) for level in _LEVELS.value]
    console = rich.console.Console()
    with concurrent.futures.ThreadPoolExecutor(_AT_ONCE.value) as pool:
        folders = pool.map(lambda run: search(*run, arguments[1:]), runs)
        tracked = rich.progress.track(
            zip(runs, folders, strict=True), "searching", total=len(runs), console=console
        )
        try:
            measured = [figures(*run, folder) for run, folder in tracked]
        except RuntimeError as error:
            sys.exit(str(error).strip())
    console.print(table(measured))
    if _OUTPUT.value:
        output = pathlib.Path(_OUTPUT.value)
        output.with_suffix(".json").write_text(json.dumps(measured, indent=2) + "\n")
        draw(measured, output.with_suffix(".png"))


if __name__ == "__main__":
    app.run(main)
