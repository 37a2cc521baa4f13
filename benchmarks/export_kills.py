# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""An export that is killed at any moment never leaves a version that is not whole.

    python benchmarks/export_kills.py --output=benchmarks/results/export_kills.json

Searches a small network of the digits, exports it once, and then starts the export again and again
and kills it with SIGKILL: at a random moment of the time that it takes, or, every second time, at a
random moment after its draft was seen. After each kill it looks at what a server would: every
folder whose name is a number is loaded by TensorFlow's C++ loader and answers its recorded requests
with the recorded classes. In the end an export is let alone.
"""

from __future__ import annotations

import collections
import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import rich.console
import rich.table
from absl import app, flags

from snas_tf import serving
from snas_tf.serving import warm_up
from snas_tf.serving.c_session import CSession

_KILLS = flags.DEFINE_integer("kills", 20, "How often the export is killed.", lower_bound=1)
_SEED = flags.DEFINE_integer("seed", 0, "Seed of the moments.")
_WORKDIR = flags.DEFINE_string("workdir", "runs/export_kills", "Where the network is kept.")
_OUTPUT = flags.DEFINE_string("output", "", "A JSON file for what was found; empty for none.")

_ROOT = pathlib.Path(__file__).resolve().parents[1]
_SEARCH = (
    "--mode=search",
    "--config.space.num_nodes=2",
    "--config.network.num_cells=2",
    "--config.network.init_channels=4",
    "--config.search.epochs=2",
)
_EXPORT = ("--mode=export", "--config.export.keep_versions=2")


def start(workdir: pathlib.Path, words: tuple[str, ...]) -> subprocess.Popen:
    """Starts a command on the run directory."""
    command = [sys.executable, "-m", "snas_tf.main", f"--workdir={workdir}", *words]
    return subprocess.Popen(
        command, cwd=_ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def to_the_end(workdir: pathlib.Path, words: tuple[str, ...]) -> float:
    """Runs a command, and returns the seconds that it took."""
    began = time.monotonic()
    process = start(workdir, words)
    _, told = process.communicate()
    if process.returncode:
        raise RuntimeError(told)
    return time.monotonic() - began


def kill_once(
    workdir: pathlib.Path, moments: random.Random, seconds: float, *, drafting: bool
) -> dict[str, object]:
    """Starts an export and kills it.

    Args:
        workdir: The run directory.
        moments: Draws the moment.
        seconds: How long an export takes, and how long after its start its draft may appear.
        drafting: Whether to wait until its draft is there.

    Returns:
        When it was killed, in seconds, and what else than versions was there then.
    """
    folder = workdir / "export"
    before = _hidden(folder)
    began = time.monotonic()
    process = start(workdir, _EXPORT)
    while drafting and process.poll() is None and _hidden(folder) <= before:
        time.sleep(0.002)
    part = seconds / 2 if drafting else seconds
    until = time.monotonic() + moments.uniform(0.0, part)
    while process.poll() is None and time.monotonic() < until:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return {
        "seconds": round(time.monotonic() - began, 2),
        "killed": process.returncode == -signal.SIGKILL,
        "left": sorted(name for name, _ in _hidden(folder)),
    }


def whole(place: pathlib.Path) -> bool:
    """Whether a version is loaded and answers as it should."""
    json.loads((place / serving.EXTRA_ASSETS / serving.METADATA).read_text(encoding="utf-8"))
    requests = warm_up.read(place)
    with CSession(place) as session:
        answers = [session.run(each.signature, each.inputs) for each in requests]
    return len(requests) == 6 and not any(
        request.disagreements(answer, 1e-5)
        for request, answer in zip(requests, answers, strict=True)
    )


def main(arguments: list[str]) -> None:
    """Kills exports and prints what was found."""
    del arguments
    workdir = (_ROOT / _WORKDIR.value).resolve()
    shutil.rmtree(workdir, ignore_errors=True)
    console = rich.console.Console()
    to_the_end(workdir, _SEARCH)
    seconds = to_the_end(workdir, _EXPORT)
    folder, moments = workdir / "export", random.Random(_SEED.value)
    kills, seen, broken = [], collections.Counter(), []
    while (number := sum(kill["killed"] for kill in kills)) < _KILLS.value:
        console.print(f"kill {number + 1} of {_KILLS.value}")
        kills.append(kill_once(workdir, moments, seconds, drafting=bool(number % 2)))
        if not kills[-1]["killed"]:  # it was quicker than the first
            seconds = min(seconds, kills[-1]["seconds"])
        for version in serving.versions(folder):
            seen[version] += 1
            if not whole(folder / str(version)):
                broken.append(version)
    to_the_end(workdir, _EXPORT)
    found = {
        "kills": _KILLS.value,
        "kills that left a draft": sum(bool(kill["left"]) for kill in kills),
        "exports that ended before their kill": sum(not kill["killed"] for kill in kills),
        "versions looked at, in all": sum(seen.values()),
        "versions that were not whole": len(broken),
        "left in the end": ", ".join(sorted(path.name for path in folder.iterdir())),
    }
    table = rich.table.Table(box=None, show_header=False)
    for name, value in found.items():
        table.add_row(name, str(value))
    console.print(table)
    if _OUTPUT.value:
        command = " ".join(["python", "benchmarks/export_kills.py", *sys.argv[1:]])
        figures = {"command": command, "seconds of an export": round(seconds, 1), **found}
        path = pathlib.Path(_OUTPUT.value)
        path.write_text(json.dumps({**figures, "moments": kills}, indent=2) + "\n")


def _hidden(folder: pathlib.Path) -> set[tuple[str, int]]:
    """What lies there beside versions and the lock, and when it changed last."""
    found = set()
    for name in (".draft", ".removed"):
        with contextlib.suppress(FileNotFoundError):
            found.add((name, (folder / name).stat().st_ctime_ns))
    return found


if __name__ == "__main__":
    app.run(main)
