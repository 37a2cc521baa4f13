# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""A search step of graph cells here and in plain PyTorch, and how it grows with the edges.

    python benchmarks/graph_step.py --torch=torch_environment/bin/python \
        --output=benchmarks/results/graph_step.json

The same supernet (EGNAS's operations, one layer), the same graphs, weights and optimizers; PyTorch
in its own environment, see benchmarks/pytorch_graphs.py, where a sum over edges is `index_add`. The
first step's loss and gradient of Z are compared. Then both run blocks of steps in turns; told are
medians over the blocks. Where others work on the machine, the seconds of the cores tell more than
those of the clock, and PyTorch's threads, which wait busily for each other, need OMP_NUM_THREADS=1.
Afterwards ours alone, at 10^4, 10^5 and 10^6 edges.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np
from absl import app, flags
from timed_process import Process, now, serve

SETTINGS = {
    "tiny": {"graphs": 2, "nodes": 4, "edges": 9, "width": 4, "steps": 2},
    "small": {"graphs": 100, "nodes": 20, "edges": 50, "width": 32, "steps": 10},
    "large": {"graphs": 4, "nodes": 5_000, "edges": 75_000, "width": 32, "steps": 2},
    "edges_1e4": {"graphs": 4, "nodes": 250, "edges": 2_500, "width": 16, "steps": 5},
    "edges_1e5": {"graphs": 4, "nodes": 2_500, "edges": 25_000, "width": 16, "steps": 3},
    "edges_1e6": {"graphs": 4, "nodes": 25_000, "edges": 250_000, "width": 16, "steps": 1},
}
"""Graphs, the nodes and edges of each, width of entities (edges have half), steps of a block."""

_FEATURES, _EDGE_FEATURES, _CLASSES = 8, 4, 2

_TORCH = flags.DEFINE_string("torch", "", "Python of PyTorch's environment; empty: without it.")
_SETTINGS = flags.DEFINE_list("settings", ["small", "large"], "What is compared.")
_GROWTH = flags.DEFINE_list(
    "growth", ["edges_1e4", "edges_1e5", "edges_1e6"], "Where ours runs alone; empty: nowhere."
)
_BLOCKS = flags.DEFINE_integer("blocks", 5, "Blocks of each.", lower_bound=1)
_OUTPUT = flags.DEFINE_string("output", "", "A JSON file for the figures; empty for none.")
_ROOT = pathlib.Path(__file__).resolve().parents[1]


def batch(setting: dict[str, int]) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Random graphs, and a label each."""
    rng = np.random.default_rng(0)
    graphs, nodes, edges = (setting[key] for key in ("graphs", "nodes", "edges"))
    found = {
        "nodes": rng.normal(size=(graphs, nodes, _FEATURES)).astype(np.float32),
        "edges": rng.normal(size=(graphs, edges, _EDGE_FEATURES)).astype(np.float32),
        "sources": rng.integers(0, nodes, (graphs, edges)).astype(np.int32),
        "targets": np.sort(rng.integers(0, nodes, (graphs, edges)), axis=1).astype(np.int32),
        "num_nodes": np.full(graphs, nodes, np.int32),
        "num_edges": np.full(graphs, edges, np.int32),
    }
    return found, np.arange(graphs) % _CLASSES


def build(setting: dict[str, int]) -> Any:
    """The compiled search."""
    import keras

    from snas_tf import ArchitectureDistribution, Snas, space
    from snas_tf.networks import GraphSupernet

    keras.utils.set_random_seed(0)
    searched, width = space.GraphSpace(1, 1), setting["width"]
    widths = {"width": width, "edge_width": width // 2}
    skeleton = space.GraphSkeleton("graph", _CLASSES, _FEATURES, _EDGE_FEATURES, **widths)
    model = Snas(
        GraphSupernet(searched, skeleton), ArchitectureDistribution(searched), temperature=1.0
    )
    model.compile(
        keras.optimizers.SGD(0.05, momentum=0.9),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        architecture_optimizer=keras.optimizers.Adam(0.05, beta_1=0.5),
    )
    return model


def save_state(model: Any, setting: dict[str, int], path: str) -> None:
    """Keeps graphs, weights and one Z, and what the loss and its gradient of Z are."""
    import tensorflow as tf

    inputs, labels = batch(setting)
    samples = model.draw(tf.constant([1, 2]))
    loss, _, _, of_samples = model.forward_and_backward(inputs, labels, None, samples)
    weights = {w.path.partition("/")[2]: w.numpy() for w in model.supernet.trainable_weights}
    rows = {name: value.numpy() for name, value in samples.items()}
    of_rows = dict(zip(rows, of_samples, strict=True))
    np.savez(
        path,
        labels=labels,
        loss=float(loss),
        **{f"input.{name}": value for name, value in inputs.items()},
        **{f"weight.{name}": value for name, value in weights.items()},
        **{f"row.{name}": value for name, value in rows.items()},
        **{f"gradient.{name}": value.numpy() for name, value in of_rows.items()},
    )


def fitted(model: Any, setting: dict[str, int]) -> Callable[[int], list[tuple[float, float]]]:
    """Runs steps through `fit`, of which the first of all compiles."""
    import keras
    import tensorflow as tf

    dataset = tf.data.Dataset.from_tensors(batch(setting)).cache().repeat()
    moments: list[tuple[float, float]] = []

    def end(number: int, logs: dict[str, Any]) -> None:
        float(logs["loss"])  # waits until the step is done
        moments.append(now())

    callback = keras.callbacks.LambdaCallback(on_train_batch_end=end)

    def block(steps: int) -> list[tuple[float, float]]:
        moments[:] = [now()]
        model.fit(dataset, steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=[callback])
        return list(moments)

    return block


def ours(name: str, path: str) -> None:
    """The process that runs ours; with a path, it keeps its state there first."""
    import tensorflow as tf

    from snas_tf import native

    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    tf.config.threading.set_inter_op_parallelism_threads(len(os.sched_getaffinity(0)))
    tf.config.threading.set_intra_op_parallelism_threads(1)
    native.use()
    model = build(SETTINGS[name])
    if path:
        save_state(model, SETTINGS[name], path)
    serve(fitted(model, SETTINGS[name]), SETTINGS[name]["steps"])


def compared(name: str, folder: str) -> dict[str, Any]:
    """Both, in turns."""
    path = os.path.join(folder, f"{name}.npz")
    found = {"ours": _process(name, path)}
    if _TORCH.value:
        program = str(_ROOT / "benchmarks" / "pytorch_graphs.py")
        command = [_TORCH.value, program, path, str(SETTINGS[name]["steps"])]
        found["pytorch"] = Process(command, dict(os.environ))
    for _ in range(_BLOCKS.value):
        for process in found.values():
            process.run_block()
    for process in found.values():
        process.close()
    figures = {side: process.figures() for side, process in found.items()}
    if "pytorch" in figures:
        pair = figures["ours"], figures["pytorch"]
        figures["ratio"] = {
            key: pair[0][key] / pair[1][key] for key in ("step_ms", "core_ms", "rise_mib")
        }
    return figures


def _process(name: str, path: str = "") -> Process:
    environment = {
        **os.environ,
        "PYTHONPATH": str(_ROOT),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
    }
    return Process([sys.executable, __file__, "--", "ours", name, path], environment)


def main(words: list[str]) -> None:
    if words[1:2] == ["ours"]:
        ours(*words[2:])
        return
    threads = os.environ.get("OMP_NUM_THREADS", "")
    figures: dict[str, Any] = {"settings": SETTINGS, "pytorch_threads": threads}
    with tempfile.TemporaryDirectory() as folder:
        for name in _SETTINGS.value:
            figures[name] = compared(name, folder)
            print(name, json.dumps({k: _told(v) for k, v in figures[name].items()}), flush=True)
    for name in _GROWTH.value:
        process = _process(name)
        for _ in range(_BLOCKS.value):
            process.run_block()
        process.close()
        figures[name] = process.figures()
        print(name, json.dumps(_told(figures[name])), flush=True)
    commit = ["git", "-C", str(_ROOT), "rev-parse", "HEAD"]
    figures["commit"] = subprocess.run(commit, capture_output=True, text=True).stdout.strip()
    if _OUTPUT.value:
        pathlib.Path(_OUTPUT.value).write_text(json.dumps(figures, indent=1) + "\n")


def _told(figures: dict[str, Any]) -> dict[str, Any]:
    return {key: round(value, 3) for key, value in figures.items() if key != "blocks"}


if __name__ == "__main__":
    app.run(main)
