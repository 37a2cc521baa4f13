# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""XLA, bfloat16, several steps in a call, several replicas: what each combination finds and costs.

    python benchmarks/combinations.py --epochs=20 --output=benchmarks/results/combinations.json
    python benchmarks/combinations.py --combinations=plain,replicas2+steps4+as_one -- \
        --config.space.num_nodes=2

Searches on the handwritten digits with every combination by the real command, each in a process of
its own, and compares accuracies and genotype with those of the plain search: float32, one device,
one step in a call. "as_one" is shared samples and synchronised batch normalisation, with which two
replicas do what one device does. Replicas are two logical devices of the one CPU, so they cannot be
quicker here. Then all of them are timed in turn, block after block of steps, so that what else the
machine does meets every one; the medians over blocks are compared. Note that most CPUs compute
bfloat16 several times slower than float32, and that XLA is slower on CPUs too.

A search that is finished in --workdir is not run again, and one that was begun there goes on;
neither has a time in the table. Words after `--` go to every search.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import rich.console
import rich.progress
import rich.table
from absl import app, flags

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from snas_tf import space
from snas_tf.machine import startup

_ROOT = pathlib.Path(__file__).resolve().parents[1]
PLAIN = "plain"
PARTS = {
    "jit": ("--config.runtime.jit_compile=true",),
    "bfloat16": ("--config.runtime.dtype_policy=mixed_bfloat16",),
    "steps4": ("--config.runtime.steps_per_execution=4",),
    "replicas2": ("--config.distribution=mirrored",),
    "as_one": (
        "--config.search.shared_samples=true",
        "--config.search.synchronized_batch_norm=true",
    ),
}
DEFAULT = [
    PLAIN,
    "jit",
    "bfloat16",
    "steps4",
    "replicas2",
    "replicas2+as_one",
    "replicas2+steps4+as_one",
    "jit+replicas2+steps4",
]

_COMBINATIONS = flags.DEFINE_list(
    "combinations", DEFAULT, f"Each plain, or some of {', '.join(PARTS)} joined by +; or all."
)
_EPOCHS = flags.DEFINE_integer("epochs", 20, "Epochs of every search.", lower_bound=1)
_SEED = flags.DEFINE_integer("seed", 0, "Seed of every search.")
_WORKDIR = flags.DEFINE_string("workdir", "runs/combinations", "Where the searches are kept.")
_BLOCKS = flags.DEFINE_integer("blocks", 7, "Timed blocks of every combination; 0: none.")
_STEPS = flags.DEFINE_integer("steps", 20, "Steps of a block, a multiple of 4.", lower_bound=4)
_OUTPUT = flags.DEFINE_string("output", "", "A JSON file for the figures; empty for none.")

# What the processes run that this program starts.
_COMMAND = "import combinations; combinations.run_command()"
_TIMED = "import combinations; combinations.run_blocks()"


def words(combination: str, workdir: pathlib.Path, rest: list[str]) -> list[str]:
    """The command line of a combination's search."""
    parts = [part for part in combination.split("+") if part != PLAIN]
    return [
        "--mode=search",
        f"--workdir={workdir}",
        f"--config.seed={_SEED.value}",
        f"--config.search.epochs={_EPOCHS.value}",
        *([] if "replicas2" in parts else ["--config.distribution=one_device"]),
        *(word for part in parts for word in PARTS[part]),
        *rest,
    ]


def combinations(asked: list[str]) -> list[str]:
    """The names that were asked for, the plain one first.

    Raises:
        app.UsageError: One of them does not exist.
    """
    if asked == ["all"]:
        names = [name for name in PARTS if name != "as_one"]
        subsets = [
            [name for bit, name in enumerate(names) if number >> bit & 1]
            for number in range(2 ** len(names))
        ]
        asked = ["+".join(subset) or PLAIN for subset in subsets]
    for name in asked:
        if unknown := {*name.split("+")} - {*PARTS, PLAIN}:
            raise app.UsageError(f"unknown parts of a combination: {', '.join(unknown)}")
    return [PLAIN, *(name for name in asked if name != PLAIN)]


def search(combination: str, rest: list[str]) -> dict[str, object]:
    """Runs one search to its end, or nothing if it is finished; gives back what it found."""
    workdir = (_ROOT / _WORKDIR.value / combination).resolve()
    whole = not workdir.exists()  # the rest of a search that was begun before is no measure
    start = time.monotonic()
    process = _start(_COMMAND, words(combination, workdir, rest))
    printed, errors = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{combination}: {errors or printed}")
    seconds = time.monotonic() - start
    found = json.loads((workdir / "results.json").read_text())
    accuracy = {entry["name"]: entry["accuracy"] for entry in found if entry["split"] != "test"}
    return {
        "combination": combination,
        "child": accuracy["child without retraining"],
        "supernet": accuracy["supernet, sampled"],
        "genotype": (workdir / "genotype.json").read_text(),
        "seconds": round(seconds, 1) if whole else None,
    }


def step_times(names: list[str], rest: list[str]) -> dict[str, list[float]]:
    """Milliseconds of a step in every block; the combinations take their turns."""
    times: dict[str, list[float]] = {name: [] for name in names}
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        processes = {}
        for name in names:
            arguments = [str(_STEPS.value), *words(name, folder / name, rest)]
            processes[name] = stack.enter_context(_start(_TIMED, arguments))
            _block(processes[name])  # builds and compiles
        for _ in range(_BLOCKS.value):
            for name, process in processes.items():
                times[name].append(_block(process))
        for process in processes.values():
            process.stdin.close()
    return times


def _start(program: str, arguments: list[str]) -> subprocess.Popen:
    folders = [str(_ROOT), str(_ROOT / "benchmarks")]
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(folders)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _block(process: subprocess.Popen) -> float:
    """Lets a process of `run_blocks` run a block; milliseconds of a step."""
    process.stdin.write("block\n")
    process.stdin.flush()
    answer = process.stdout.readline()
    if not answer:
        raise RuntimeError(process.stderr.read())
    return float(answer)


def run_command() -> None:
    """In a process of its own: the real command, with two devices to choose from."""
    _two_devices()
    from snas_tf import main as command

    sys.exit(command.run(sys.argv[1:]))


def run_blocks() -> None:
    """In a process of its own: times a block of steps for every line of the standard input."""
    _two_devices()
    import keras

    from snas_tf import command_line, data
    from snas_tf.machine import runtime
    from snas_tf.programs import search as stage
    from snas_tf.programs.datasets import dataset

    steps, config = int(sys.argv[1]), command_line.parse(sys.argv[2:]).config
    workers = runtime.join_workers(config)
    images = dataset.load(config)
    sizes = {"batch_size": config.data.batch_size}
    with workers.strategy.scope():
        model = stage.build(config, images, data.steps_per_epoch(images.train, **sizes))
    batches = data.training_dataset(
        images.train,
        seed=config.seed,
        augmentation=dataset.augmentation(config.data, cutout=config.data.cutout),
        normalization=data.normalization(images),
        epochs=4,
        **sizes,
    ).repeat()
    ends: list[float] = []

    def end(batch: int, logs: dict[str, object]) -> None:
        float(logs["loss"])  # waits until the step is done
        ends.append(time.perf_counter())

    for _ in sys.stdin:
        ends.clear()
        model.fit(
            batches,
            # The first call waits for data, and the first of all compiles.
            steps_per_epoch=steps + config.runtime.steps_per_execution,
            shuffle=False,
            verbose=0,
            callbacks=[keras.callbacks.LambdaCallback(on_train_batch_end=end)],
        )
        print(1000 * (ends[-1] - ends[0]) / steps, flush=True)


def _two_devices() -> None:
    """Logical devices have to be there before TensorFlow is used."""
    startup.load_tensorflow()
    import tensorflow as tf

    (cpu,) = tf.config.list_physical_devices("CPU")
    two = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(cpu, two)


def compared(found: list[dict], times: dict[str, list[float]]) -> list[dict]:
    """What each search found and took, next to the plain one.

    Args:
        found: What `search` gave, the plain one first.
        times: What `step_times` gave; empty where nothing was timed.
    """
    plain = found[0]
    genotype = space.Genotype.from_json(plain["genotype"])
    rows = []
    for entry in found:
        own = space.Genotype.from_json(entry["genotype"])
        row = {**entry, "genotype": json.loads(entry["genotype"]), "same_genotype": own == genotype}
        if times:
            blocks = times[entry["combination"]]
            ratios = [a / b for a, b in zip(blocks, times[PLAIN], strict=True)]
            row |= {
                "blocks_ms": blocks,
                "step_ms": statistics.median(blocks),
                "ratio": statistics.median(ratios),  # of blocks that followed one another
            }
        rows.append(row)
    return rows


def table(rows: list[dict]) -> rich.table.Table:
    """A row a combination."""
    result = rich.table.Table(title=f"Digits, {_EPOCHS.value} epochs, seed {_SEED.value}")
    result.add_column("combination")
    headings = ("child, %", "supernet, %", "plain's genotype", "search, s", "step, ms", "to plain")
    for heading in headings:
        result.add_column(heading, justify="right")
    for row in rows:
        timed = (f"{row['step_ms']:.1f}", f"{row['ratio']:.2f}") if "ratio" in row else ("", "")
        result.add_row(
            row["combination"],
            f"{100 * row['child']:.2f}",
            f"{100 * row['supernet']:.2f}",
            "yes" if row["same_genotype"] else "no",
            "" if row["seconds"] is None else f"{row['seconds']:.0f}",
            *timed,
        )
    return result


def main(arguments: list[str]) -> None:
    names, rest = combinations(_COMBINATIONS.value), arguments[1:]
    if _STEPS.value % 4:
        raise app.UsageError(f"--steps must be a multiple of 4: given {_STEPS.value}")
    console = rich.console.Console()
    console.width = max(console.width, 120)  # the table, also where it goes into a file
    try:
        tracked = rich.progress.track(names, "searching", console=console)
        found = [search(name, rest) for name in tracked]
        times = step_times(names, rest) if _BLOCKS.value else {}
    except RuntimeError as error:
        sys.exit(str(error).strip())
    rows = compared(found, times)
    console.print(table(rows))
    if _OUTPUT.value:
        command = " ".join(["python", "benchmarks/combinations.py", *sys.argv[1:]])
        figures = {"command": command, "combinations": rows}
        pathlib.Path(_OUTPUT.value).write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    app.run(main)
