# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""A search by morphs that is killed again and again has the history of one that was let alone.

    python benchmarks/morphism_kills.py --output=benchmarks/results/morphism_kills.json

`MorphSearch` on small images, with the weights of parents, runs to its end. The same search in
another folder is killed with SIGKILL, --kills times, at a random moment of the first trials that it
does, and goes on by the same call: all its trials must have the same networks, parents and
metrics, to the bit.
"""

from __future__ import annotations

import json
import pathlib
import random
import shutil
import signal
import statistics
import subprocess
import sys
import time

import numpy as np
from absl import app, flags

_KILLS = flags.DEFINE_integer("kills", 20, "How often it is killed.", lower_bound=1)
_SEED = flags.DEFINE_integer("seed", 0, "Seed of the moments.")
_WORKDIR = flags.DEFINE_string("workdir", "runs/morphism_kills", "Where both are kept.")
_OUTPUT = flags.DEFINE_string("output", "", "A JSON file for what was found; empty for none.")
_SEARCH = flags.DEFINE_string("search", "", "Folder of one search, to be killed; by itself.")

_BEGUN = "begun"


def search(folder: pathlib.Path, trials: int) -> None:
    """One search, begun or gone on with; a line when it begins, and one a trial."""
    from snas_tf import MorphSearch, space

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(120, 6, 6)), rng.integers(2, size=120)
    x[y == 1, 2] += 1.0
    root = space.convolutional_root((6, 6, 1), 2, num_blocks=1, filters=4)
    one = MorphSearch(root, epochs=2, patience=1, batch_size=32, seed=1, workdir=folder)
    print(_BEGUN, flush=True)
    one.fit(x, y, trials=trials, progress=lambda trial, _: print(trial.number, flush=True))


def process(folder: pathlib.Path) -> subprocess.Popen:
    """A process of the search, which has begun."""
    command = [*sys.orig_argv, f"--search={folder}"]
    started = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    while started.stdout.readline().strip() != _BEGUN:
        if started.poll() is not None:
            sys.exit(f"{' '.join(command)} ended with {started.returncode}")
    return started


def history(folder: pathlib.Path) -> list[tuple]:
    """Network, parent and metrics of every trial, as they are recorded."""
    rows = [json.loads(line) for line in (folder / "trials.jsonl").read_text().splitlines()]
    proposed = {row["proposed"]: row for row in rows if "proposed" in row}
    return [
        (row["ended"], proposed[row["ended"]]["architecture"], proposed[row["ended"]].get("parent"))
        + (row.get("metrics"), row.get("failure"))
        for row in rows
        if "ended" in row
    ]


def main(arguments: list[str]) -> None:
    """Runs both and prints what was found; or one search, to be killed."""
    del arguments
    trials = _KILLS.value + 2
    if _SEARCH.value:
        search(pathlib.Path(_SEARCH.value), trials)
        return
    folder = pathlib.Path(_WORKDIR.value).resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    process(folder / "alone").communicate()
    alone = history(folder / "alone")
    rows = [json.loads(line) for line in (folder / "alone/trials.jsonl").read_text().splitlines()]
    usual = statistics.median(row["seconds"] for row in rows if "ended" in row)
    moments, kills = random.Random(_SEED.value), 0
    for _ in range(_KILLS.value):
        killed = process(folder / "killed")
        time.sleep(moments.uniform(0.0, 2 * usual))
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        kills += killed.returncode == -signal.SIGKILL
    process(folder / "killed").communicate()
    found = {
        "kills": kills,
        "trials": len(alone),
        "the same trials": history(folder / "killed") == alone,
    }
    print(json.dumps(found))
    if _OUTPUT.value:
        command = " ".join(["python", "benchmarks/morphism_kills.py", *sys.argv[1:]])
        text = json.dumps({"command": command, **found}, indent=2)
        pathlib.Path(_OUTPUT.value).write_text(f"{text}\n")


if __name__ == "__main__":
    app.run(main)
