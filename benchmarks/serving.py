# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""How long an exported network takes to answer, and how many images a second it gets through.

    python benchmarks/serving.py --model=runs/digits/export/1 \
      --output=benchmarks/results/serving_digits.json

Asks the SavedModel in TensorFlow's C++ session, which is what runs within TF-Serving, for batches
of 1 to 64 images, as pixels and as encoded files, with one and with two operations side by side (a
thread each, as the deployment kit sets it). Each number of threads is a process of its own; they
take turns, block by block. What the server adds, the network and the decoding of JSON, is not in
it. The images are those of the model's warm-up requests.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import rich.console
import rich.progress
import rich.table
from absl import app, flags

_MODEL = flags.DEFINE_string("model", "runs/digits/export/1", "The folder of a version.")
_BATCH_SIZES = flags.DEFINE_list("batch_sizes", "1,2,4,8,16,32,64", "Images of a request.")
_THREADS = flags.DEFINE_list("threads", "1,2", "Operations side by side.")
_BLOCKS = flags.DEFINE_integer("blocks", 5, "Turns of every combination.", lower_bound=1)
_REQUESTS = flags.DEFINE_integer("requests", 60, "Requests of a turn.", lower_bound=1)
_OUTPUT = flags.DEFINE_string("output", "", "A JSON file for what was found; empty for none.")
_WORKER = flags.DEFINE_integer("worker", 0, "For this program's own use.")

_WARM_UP = 3


def work(threads: int) -> None:
    """Answers lines of "signature batch_size requests" with a line of milliseconds each."""
    from snas_tf.serving import warm_up
    from snas_tf.serving.c_session import CSession

    recorded = {request.signature: request.inputs for request in warm_up.read(_model())}
    session = CSession(_model(), intra_op_threads=1, inter_op_threads=threads)
    for line in sys.stdin:
        signature, size, requests = line.split()
        inputs = {
            name: values[np.arange(int(size)) % len(values)]
            for name, values in recorded[signature].items()
        }
        taken = []
        for _ in range(_WARM_UP + int(requests)):
            began = time.perf_counter()
            session.run(signature, inputs)
            taken.append(1e3 * (time.perf_counter() - began))
        print(json.dumps(taken[_WARM_UP:]), flush=True)


def measure() -> list[dict[str, object]]:
    """Lets the workers take turns; returns a row a combination."""
    combinations = [
        (signature, int(size), threads)
        for signature in ("serving_default", "image_bytes")
        for size in _BATCH_SIZES.value
        for threads in _THREADS.value
    ]
    workers = {threads: _start(threads) for threads in _THREADS.value}
    taken: dict[tuple, list[float]] = {combination: [] for combination in combinations}
    try:
        for _ in rich.progress.track(range(_BLOCKS.value), "measuring"):
            for signature, size, threads in combinations:
                worker = workers[threads]
                worker.stdin.write(f"{signature} {size} {_REQUESTS.value}\n")
                worker.stdin.flush()
                taken[signature, size, threads] += json.loads(worker.stdout.readline())
    finally:
        for worker in workers.values():
            worker.terminate()
    return [_row(combination, times) for combination, times in taken.items()]


def main(arguments: list[str]) -> None:
    """Measures, and prints a table."""
    del arguments
    if _WORKER.value:
        work(_WORKER.value)
        return
    rows = measure()
    table = rich.table.Table(box=None, padding=(0, 2, 0, 0))
    for heading in rows[0]:
        table.add_column(heading, justify="left" if heading == "signature" else "right")
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    rich.console.Console().print(table)
    if _OUTPUT.value:
        command = " ".join(["python", "benchmarks/serving.py", *sys.argv[1:]])
        metadata = json.loads((_model() / "assets.extra" / "metadata.json").read_text())
        found = {"command": command, "cost": metadata.get("cost"), "rows": rows}
        pathlib.Path(_OUTPUT.value).write_text(json.dumps(found, indent=2) + "\n")


def _model() -> pathlib.Path:
    return pathlib.Path(_MODEL.value)


def _start(threads: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, __file__, f"--model={_MODEL.value}", f"--worker={threads}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _row(combination: tuple[str, int, str], times: list[float]) -> dict[str, object]:
    signature, size, threads = combination
    p50, p99 = np.percentile(times, (50, 99))
    return {
        "signature": signature,
        "batch": size,
        "threads": int(threads),
        "p50 ms": round(float(p50), 2),
        "p99 ms": round(float(p99), 2),
        "images/s": round(1e3 * size / float(np.mean(times))),
    }


if __name__ == "__main__":
    app.run(main)
