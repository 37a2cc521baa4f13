# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""A search that is killed again and again ends as one that was let alone, to the bit.

    python benchmarks/crash_resume.py --output=benchmarks/results/crash_resume.json

Runs a small search of the digits to its end. Then runs the same one in another directory, writing a
checkpoint at every step, and kills it with SIGKILL: at a random moment after its first new
checkpoint, or, every second time, as soon as it is seen to write one. The same command goes on,
until it was killed --kills times; then it may end. Logits, all other weights, both optimizers'
state, genotype and table of metrics must be the same in both. Words after `--` go to both searches,
such as --config.distribution=mirrored.
"""

from __future__ import annotations

import json
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import rich.console
import rich.progress
import rich.table
from absl import app, flags
from etils import epath

from snas_tf.fitting import model_state

_KILLS = flags.DEFINE_integer("kills", 25, "How often the search is killed.", lower_bound=1)
_EPOCHS = flags.DEFINE_integer("epochs", 60, "Epochs of the search.", lower_bound=2)
_SEED = flags.DEFINE_integer("seed", 0, "Seed of the moments.")
_LONGEST = flags.DEFINE_float("longest", 1.0, "Most seconds between a checkpoint and a kill.")
_WORKDIR = flags.DEFINE_string("workdir", "runs/crash_resume", "Where both searches are kept.")
_OUTPUT = flags.DEFINE_string("output", "", "A JSON file for what was found; empty for none.")

_ROOT = pathlib.Path(__file__).resolve().parents[1]
_SEARCH = (
    "--mode=search",
    "--config.space.num_nodes=2",
    "--config.network.num_cells=2",
    "--config.network.init_channels=4",
)


def start(workdir: pathlib.Path, words: list[str]) -> subprocess.Popen:
    """Starts or continues the search."""
    command = [sys.executable, "-m", "snas_tf.main", f"--workdir={workdir}", *_SEARCH]
    command += [f"--config.search.epochs={_EPOCHS.value}", *words]
    return subprocess.Popen(
        command, cwd=_ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def to_the_end(workdir: pathlib.Path, words: list[str]) -> None:
    """Runs the search until it is finished."""
    process = start(workdir, words)
    _, told = process.communicate()
    if process.returncode:
        raise RuntimeError(told)


def kill_once(workdir: pathlib.Path, words: list[str], moments: random.Random, *, writing: bool):
    """Starts the search and kills it.

    Args:
        workdir: Its directory.
        words: Of its command line.
        moments: Draws the moment.
        writing: Whether to wait for a checkpoint that is being written.

    Returns:
        What was going on: the newest checkpoint, and the draft of the next one or "".
    """
    folder = workdir / "checkpoints"
    before = _names(folder)
    process = start(workdir, words)
    while process.poll() is None and _names(folder) <= before:
        time.sleep(0.01)
    until = time.monotonic() + moments.uniform(0.0, _LONGEST.value)
    while process.poll() is None and time.monotonic() < until:
        time.sleep(0.001)
    while process.poll() is None and writing and not _drafts(folder):
        pass
    process.send_signal(signal.SIGKILL)
    _, told = process.communicate()
    if process.returncode != -signal.SIGKILL:
        raise RuntimeError(f"The search ended before it was killed: add --epochs. {told}")
    return {"after": max(_names(folder)), "writing": " ".join(_drafts(folder))}


def rows(path: pathlib.Path) -> list[str]:
    """The epochs in a table of metrics."""
    return [line.split(",")[0] for line in path.read_text().splitlines()[1:]]


def arrays(workdir: pathlib.Path) -> dict[str, np.ndarray]:
    """{name: array} of everything in the last checkpoint, the optimizers' state included."""
    last = f"search-{_EPOCHS.value:05d}"
    return model_state.read(epath.Path(workdir) / "checkpoints" / last / "variables.npz")


def compare(alone: pathlib.Path, killed: pathlib.Path) -> dict[str, object]:
    """What both searches ended in."""
    left, right = arrays(alone), arrays(killed)
    different = [name for name in left if not np.array_equal(left[name], right.get(name))]
    epochs = rows(killed / "metrics.csv")
    expected = rows(alone / "metrics.csv")
    return {
        "arrays": len(left),
        "arrays that differ": len(different) + len({*right} - {*left}),
        "same genotype": _same(alone, killed, "genotype.json"),
        "same metrics.csv": _same(alone, killed, "metrics.csv"),
        "rows lost": len({*expected} - {*epochs}),
        "rows twice": len(epochs) - len({*epochs}),
    }


def main(arguments: list[str]) -> None:
    """Runs both and prints what was found."""
    words = arguments[1:]
    place = (_ROOT / _WORKDIR.value).resolve()
    shutil.rmtree(place, ignore_errors=True)
    alone, killed = place / "alone", place / "killed"
    console = rich.console.Console()
    to_the_end(alone, words)
    moments = random.Random(_SEED.value)
    often = [*words, "--config.runtime.checkpoint_seconds=0.001"]
    kills = []
    for number in rich.progress.track(range(_KILLS.value), "killing", console=console):
        kills.append(kill_once(killed, often, moments, writing=bool(number % 2)))
    to_the_end(killed, often)
    found = {
        "kills": len(kills),
        "kills while a checkpoint was written": sum(bool(kill["writing"]) for kill in kills),
        "kills within an epoch": sum(kill["after"].count("-") == 2 for kill in kills),
        **compare(alone, killed),
    }
    table = rich.table.Table(box=None, show_header=False)
    for name, value in found.items():
        table.add_row(name, str(value))
    console.print(table)
    if _OUTPUT.value:
        command = ["python", "benchmarks/crash_resume.py", *sys.argv[1:]]
        figures = {"command": " ".join(command), **found, "moments": kills}
        path = pathlib.Path(_OUTPUT.value)
        path.write_text(json.dumps(figures, indent=2) + "\n")


def _names(folder: pathlib.Path) -> set[str]:
    return {path.name for path in folder.glob("search-*")}


def _drafts(folder: pathlib.Path) -> list[str]:
    return [path.name for path in folder.glob(".search-*")]


def _same(one: pathlib.Path, other: pathlib.Path, name: str) -> bool:
    return (one / name).read_bytes() == (other / name).read_bytes()


if __name__ == "__main__":
    app.run(main)
