# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""What Bayesian optimisation and inherited weights are each worth to networks that grow.

    python benchmarks/morphism.py --data_dir=DIR --output=benchmarks/results/morphism.json \
        --page=docs/networks.md

Four ways search with the same epochs, from the same root of two convolutions: Bayesian optimisation
of morphs as the paper has it; morphs breadth first without a model (each network, in the order in
which they were tried, is changed four times); Bayesian optimisation that trains every network
afresh; and random networks, 1 to 8 morphs from the root, each afresh. A network has --epochs epochs
and is judged by its validation error after the last. Shown, over the seeds: the mean and deviation
of the least error among all networks, and the epochs until the error was as small as that of random
search at its end is on average. --data_dir has CIFAR-10 as TensorFlow Datasets prepares it; without
it the digits are all.

Every search is kept in --workdir, and not done again. A process does a seed, for TensorFlow keeps
memory of every network. With

    python benchmarks/morphism.py --proposal

it is told instead what a proposal costs where 100 networks are known, beside the training of the
root and of the network that is proposed, as configs/morphism.py trains them: in seconds of a core.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import statistics
import subprocess
import sys
import time

import keras
import numpy as np
import tensorflow_datasets as tfds
from absl import app, flags
from figures_page import write_page
from sklearn.datasets import load_digits

from snas_tf import black_box, evaluation, space
from snas_tf.networks import morphs

_SEEDS = flags.DEFINE_integer("seeds", 5, "Seeds of every search.", lower_bound=2)
_NETWORKS = flags.DEFINE_integer("networks", 8, "Networks of a search.", lower_bound=2)
_EPOCHS = flags.DEFINE_integer("epochs", 3, "Epochs of a network.", lower_bound=1)
_DATA_DIR = flags.DEFINE_string("data_dir", "", "Folder of TensorFlow Datasets with cifar10.")
_WORKDIR = flags.DEFINE_string("workdir", "runs/morphism_figures", "Where searches are kept.")
_OUTPUT = flags.DEFINE_string("output", "", "A JSON file for the figures; empty for none.")
_PAGE = flags.DEFINE_string("page", "", "A page to write the table into; empty for none.")
_PROPOSAL = flags.DEFINE_bool("proposal", False, "Whether to time a proposal instead.")
_ONE = flags.DEFINE_string("one", "", "Data and seed of one process, digits:0; by itself.")

_FILTERS = {"digits": 8, "cifar10": 16}
_KNOWN, _EPOCHS_OF_CONFIG = 100, 5
_SHARE = 0.2  # of the images, by which networks are judged


@dataclasses.dataclass(frozen=True)
class BreadthFirst:
    """A `Searcher` that changes each network a few times, in the order in which they were tried."""

    changes: int = 4

    def propose(self, trials, rng, space):
        """See `black_box.Searcher`."""
        known = {trial.architecture for trial in trials}
        if space.root not in known:
            return space.root
        number = len(trials) - 1
        for trial in sorted(trials, key=lambda trial: trial.number)[number // self.changes :]:
            for _ in range(20):
                changed = space.mutate(trial.architecture, rng)
                if changed not in known:
                    return changed
        return space.sample(rng)


@dataclasses.dataclass(frozen=True)
class RandomBehindTheRoot:
    """A `Searcher` of random networks, which begins with the root as the others do."""

    def propose(self, trials, rng, space):
        """See `black_box.Searcher`."""
        return black_box.Random().propose(trials, rng, space) if trials else space.root


WAYS = {
    "Bayesian, weights inherited": (black_box.Bayesian, True),
    "breadth first, weights inherited": (BreadthFirst, True),
    "Bayesian, each afresh": (black_box.Bayesian, False),
    "random, each afresh": (RandomBehindTheRoot, False),
}


def images(name):
    """Images of mean 0 and deviation 1, and labels: to learn from, and to judge by."""
    if name == "digits":
        x, y = load_digits(return_X_y=True)
        x = x.reshape(-1, 8, 8, 1)
    else:
        rows = tfds.load(name, split="train[:2000]", data_dir=_DATA_DIR.value, download=False)
        x, y = zip(*[(row["image"], row["label"]) for row in rows.as_numpy_iterator()], strict=True)
        x, y = np.stack(x), np.array(y)
    x = x.astype(np.float32)
    order = np.random.default_rng(0).permutation(len(y))
    judges, learnt = np.split(order, [round(_SHARE * len(y))])
    mean, deviation = x[learnt].mean((0, 1, 2)), x[learnt].std((0, 1, 2))
    x = (x - mean) / deviation
    return (x[learnt], y[learnt]), (x[judges], y[judges])


def trainer(learnt, judges, inherits, epochs):
    """What a network is worth after some epochs."""
    kept = {}

    def build(architecture, seed):
        model = morphs.build(architecture)
        model.compile(
            keras.optimizers.Adam(1e-3),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
            jit_compile=False,
        )
        return model

    def inherit(model, architecture, parent, of, seed):
        morphs.take_inherited(model, architecture, parent, of, seed=seed)

    given = {"x": learnt[0], "y": learnt[1], "batch_size": 64, "validation_data": judges}
    return evaluation.Training(
        build=build,
        data=lambda seed: dict(given),
        epochs=epochs,
        keep=lambda network, seed: kept.__setitem__(seed, network),
        recall=kept.__getitem__ if inherits else None,
        inherit=inherit,
    )


def search(name, seed):
    """All four searches of a data set and a seed, each a line of its file."""
    learnt, judges = images(name)
    root = space.convolutional_root(
        learnt[0].shape[1:], 10, num_blocks=2, filters=_FILTERS[name], dropout=0.0
    )
    for way, (searcher, inherits) in WAYS.items():
        cpu, begun = time.process_time(), time.time()
        found = black_box.search(
            searcher(),
            space.MorphSpace(root),
            trainer(learnt, judges, inherits, _EPOCHS.value),
            _NETWORKS.value,
            seed,
        )
        row = {
            "errors": [1 - trial.metrics.get("accuracy", 0.0) for trial in found.trials],
            "parameters": [trial.metrics.get("parameters", 0) for trial in found.trials],
            "parents": [trial.parent for trial in found.trials],
            "core_seconds": round(time.process_time() - cpu, 1),
            "seconds": round(time.time() - begun, 1),
        }
        record(name, seed, way).write_text(json.dumps(row) + "\n")


def proposal():
    """Seconds of a core of a proposal and of trainings."""
    learnt, judges = images("digits")
    grown = space.MorphSpace(space.convolutional_root((8, 8, 1), 10, filters=16))
    rng, known = np.random.default_rng(0), [grown.root]
    while len(known) < _KNOWN:
        changed = grown.mutate(known[-1 - int(rng.integers(min(12, len(known))))], rng)
        known += [changed] if changed not in known else []
    trials = [
        black_box.Trial(number, each, metrics={"accuracy": 0.9}, rewards=(rng.normal(0.9, 0.02),))
        for number, each in enumerate(known)
    ]
    searcher, judge = black_box.Bayesian(), trainer(learnt, judges, False, _EPOCHS_OF_CONFIG)
    searcher.propose(trials[:-1], np.random.default_rng((0, 1)), grown)  # knows their distances
    proposed, seconds = timed(
        lambda: searcher.propose(trials, np.random.default_rng((0, 2)), grown), 3
    )
    told = {f"a proposal at {_KNOWN} known": seconds, "layers of it": len(proposed.layers)}
    for name, architecture in (("the root", grown.root), ("what is proposed", proposed)):
        judge.evaluate(architecture, seed=0)  # what TensorFlow does once
        _, seconds = timed(lambda one=architecture: judge.evaluate(one, seed=1), 1)
        told[f"a training of {name}"] = seconds
    print(json.dumps(told, indent=2))


def timed(call, repeats):
    """What a call gives, and the least seconds of a core that it takes."""
    taken = []
    for _ in range(repeats):
        begun = time.process_time()
        given = call()
        taken.append(round(time.process_time() - begun, 3))
    return given, min(taken)


def record(name, seed, way):
    """Where a search is kept."""
    sizes = f"{_NETWORKS.value}x{_EPOCHS.value}"
    file = f"{name}-{sizes}-{seed}-{way.replace(', ', '-').replace(' ', '_')}.json"
    return pathlib.Path(_WORKDIR.value) / file


def figures(name, seeds):
    """{way: {figure: values over the seeds}} of a data set."""
    rows = {
        way: [json.loads(record(name, seed, way).read_text()) for seed in seeds] for way in WAYS
    }
    best = {way: [np.minimum.accumulate(row["errors"]) for row in of] for way, of in rows.items()}
    target = statistics.fmean(curve[-1] for curve in best["random, each afresh"])
    return {
        way: {
            "least error": [float(curve[-1]) for curve in curves],
            "target": target,
            "epochs to it": [
                int(_EPOCHS.value * (np.argmax(curve <= target) + 1))
                if curve[-1] <= target
                else None
                for curve in curves
            ],
            "core seconds": [row["core_seconds"] for row in rows[way]],
        }
        for way, curves in best.items()
    }


def table(found):
    """The rows of the page."""
    yield "| data | way | least validation error, % | epochs to the target | core s a search |"
    yield "| --- | --- | --- | --- | --- |"
    for name, ways in found.items():
        for way, told in ways.items():
            errors = [100 * error for error in told["least error"]]
            reached = [epochs for epochs in told["epochs to it"] if epochs is not None]
            missed = len(errors) - len(reached)
            when = spread(reached, 1) if reached else "-"
            when += f"; {missed} of {len(errors)} did not reach it" if missed else ""
            seconds = statistics.fmean(told["core seconds"])
            yield f"| {name} | {way} | {spread(errors, 2)} | {when} | {seconds:.0f} |"


def spread(values, digits):
    """Mean and standard deviation."""
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.fmean(values):.{digits}f} +- {deviation:.{digits}f}"


def main(arguments):
    """Does what is missing, a process a seed, and prints the table."""
    del arguments
    if _PROPOSAL.value:
        proposal()
        return
    if _ONE.value:
        name, seed = _ONE.value.split(":")
        search(name, int(seed))
        return
    pathlib.Path(_WORKDIR.value).mkdir(parents=True, exist_ok=True)
    names = ["digits", *(["cifar10"] if _DATA_DIR.value else [])]
    for seed in range(_SEEDS.value):
        for name in names:
            if not all(record(name, seed, way).exists() for way in WAYS):
                print(f"{name}, seed {seed}", flush=True)
                subprocess.run([*sys.orig_argv, f"--one={name}:{seed}"], check=True)
    found = {name: figures(name, range(_SEEDS.value)) for name in names}
    lines = [*table(found)]
    print("\n".join(lines))
    if _OUTPUT.value:
        command = " ".join(["python", "benchmarks/morphism.py", *sys.argv[1:]])
        told = {"command": command, "networks": _NETWORKS.value, "epochs": _EPOCHS.value, **found}
        pathlib.Path(_OUTPUT.value).write_text(json.dumps(told, indent=2) + "\n")
    if _PAGE.value:
        write_page(pathlib.Path(_PAGE.value), lines)


if __name__ == "__main__":
    app.run(main)
