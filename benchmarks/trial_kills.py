# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""Searches by trials that are killed again and again lose no trial and repeat none.

    python benchmarks/trial_kills.py --output=benchmarks/results/trial_kills.json

Regularised evolution of a space of 4^12, whose evaluations take some milliseconds, runs to its end.
The same search in another folder is killed with SIGKILL, --kills times, at a random moment after a
trial ended, and goes on by its log: its trials must be the same, to the bit. A search by four
processes is killed --several times, every second time one of its processes instead of it: every
number must be there once, and no process may stay.
"""

from __future__ import annotations

import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

import rich.console
import rich.progress
import rich.table
from absl import app, flags

from snas_tf import black_box, space
from snas_tf.runs.trial_log import TrialLogFile

_KILLS = flags.DEFINE_integer("kills", 100, "Kills of a search by one process.", lower_bound=1)
_SEVERAL = flags.DEFINE_integer("several", 20, "Kills of a search by four.", lower_bound=1)
_SEED = flags.DEFINE_integer("seed", 0, "Seed of the moments.")
_WORKDIR = flags.DEFINE_string("workdir", "runs/trial_kills", "Where the logs are kept.")
_OUTPUT = flags.DEFINE_string("output", "", "A JSON file for what was found; empty for none.")
_SEARCH = flags.DEFINE_list("search", [], "Log, processes and trials of one search; by itself.")

_ROOT = pathlib.Path(__file__).resolve().parents[1]
_WORKERS = 4
_BETWEEN = 8  # trials a kill, at most, that a search has before it
_MILLISECONDS = 5
_SPACE = space.ProductSpace(
    (space.Decision("digits", tuple("abcdefghijkl"), tuple("0123")),)  # 4^12 architectures
)


def evaluate(architecture: space.Selection) -> dict[str, float]:
    """Takes its time; the process is told, that it can be killed."""
    time.sleep(_MILLISECONDS / 1000)
    return {"accuracy": float(sum(map(int, architecture["digits"]))), "process": float(os.getpid())}


def search(path: pathlib.Path, workers: int, trials: int, progress=None) -> black_box.SearchResult:
    """One search, begun or gone on with."""
    executor = black_box.Processes(workers) if workers > 1 else None
    return black_box.search(
        black_box.RegularizedEvolution(population=20, tournament=5),
        _SPACE,
        evaluate,
        trials,
        seed=1,
        executor=executor,
        log=TrialLogFile(path, _SPACE),
        progress=progress,
    )


def kill_once(path: pathlib.Path, workers: int, trials: int, moments: random.Random) -> bool:
    """Runs the search until it is killed; returns whether it ended before it was."""
    command = [sys.executable, __file__, f"--search={path},{workers},{trials}"]
    environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    time.sleep(moments.uniform(0.0, _BETWEEN * _MILLISECONDS / 1000))
    process.send_signal(signal.SIGKILL)
    process.communicate()  # its processes have its output too: it ends when they have ended
    return process.returncode != -signal.SIGKILL


def kill_a_process(path: pathlib.Path, workers: int, trials: int) -> int:
    """Goes on with the search for some trials, and kills one of its processes on the way."""
    killed = []

    def kill(trial: black_box.Trial, result: black_box.SearchResult) -> None:
        if not killed:
            killed.append(int(trial.metrics["process"]))
            os.kill(killed[0], signal.SIGKILL)

    search(path, workers, trials, kill)
    return len(killed)


def of_one(folder: pathlib.Path, console: rich.console.Console) -> dict[str, object]:
    """The search by one process."""
    trials = _KILLS.value * _BETWEEN
    alone = search(folder / "alone.jsonl", 1, trials)
    path = folder / "killed.jsonl"
    moments = random.Random(_SEED.value)
    ended = sum(
        kill_once(path, 1, trials, moments)
        for _ in rich.progress.track(range(_KILLS.value), "one process", console=console)
    )
    killed = search(path, 1, trials)
    return {
        "kills": _KILLS.value - ended,
        "trials": trials,
        "the same trials": _facts(killed) == _facts(alone),
    }


def of_several(folder: pathlib.Path, console: rich.console.Console) -> dict[str, object]:
    """The search by several processes."""
    path = folder / "several.jsonl"
    moments = random.Random(_SEED.value)
    kills = {"of the search": 0, "of a process of it": 0}
    for number in rich.progress.track(range(_SEVERAL.value), "four processes", console=console):
        known = len(TrialLogFile(path, _SPACE).read())
        if number % 2:
            kills["of a process of it"] += kill_a_process(path, _WORKERS, known + 2 * _WORKERS)
        else:
            ended = kill_once(path, _WORKERS, known + 1000, moments)
            kills["of the search"] += not ended
    known = len(TrialLogFile(path, _SPACE).read())
    result = search(path, _WORKERS, known + _WORKERS)
    records = [json.loads(line) for line in path.read_text().splitlines()]
    once = all(
        sorted(record[what] for record in records if what in record) == [*range(known + _WORKERS)]
        for what in ("proposed", "ended")
    )
    return {
        "kills": kills,
        "trials": len(result.trials),
        "every number once": once,
        "failed": len(result.failed),
    }


def main(arguments: list[str]) -> None:
    """Runs all searches and prints what was found; or one search, to be killed."""
    del arguments
    if _SEARCH.value:
        path, workers, trials = _SEARCH.value
        search(pathlib.Path(path), int(workers), int(trials), _tell)
        return
    console = rich.console.Console()
    folder = (_ROOT / _WORKDIR.value).resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    found = {
        "one process": of_one(folder, console),
        f"{_WORKERS} processes": of_several(folder, console),
    }
    table = rich.table.Table(box=None, show_header=False)
    for name, values in found.items():
        table.add_row(name, json.dumps(values))
    console.print(table)
    if _OUTPUT.value:
        command = " ".join(["python", "benchmarks/trial_kills.py", *sys.argv[1:]])
        pathlib.Path(_OUTPUT.value).write_text(
            json.dumps({"command": command, **found}, indent=2) + "\n"
        )


def _tell(trial: black_box.Trial, result: black_box.SearchResult) -> None:
    print(trial.number, flush=True)


def _facts(result: black_box.SearchResult) -> list[tuple]:
    return [(trial.number, trial.architecture, trial.rewards) for trial in result.trials]


if __name__ == "__main__":
    app.run(main)
