# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""Searched networks of graphs beside known ones and random ones of the same space, trained alike.

    python benchmarks/graph_networks.py --graphs=GRAPHS \
        --output=benchmarks/results/graph_networks.json
    python benchmarks/graph_networks.py --output=benchmarks/results/graph_networks.json \
        --settings= --page=docs/graphs.md

GRAPHS is a folder of .npz files as configs/graph_cora.py tells, and of TUDataset's sets with the
names MUTAG, PROTEINS, DHFR and BZR; a setting whose file is not there is passed over with a line.
CLUSTER is drawn. Every repetition, a fold of ten or a seed, is one search, and a training from the
start of what it found, of each known network and of a random architecture: as many epochs with the
same optimizer on the same batches, and the last epoch's network counts, whose statistics of batch
normalisation are measured anew after a short training, as --mode=train does. Nothing is chosen by
test data. What is in the file is not measured again, so that a command that was stopped goes on.
"""

from __future__ import annotations

import json
import pathlib
import statistics
import time
from collections.abc import Iterator
from typing import Any

from absl import app, flags
from figures_page import write_page

_FOLDS = {"data.folds": 10, "data.task": "graph", "data.batch_size": 32, "warmup": 1}
_CLUSTER = {
    **{"data.source": "graphs:cluster:60", "data.task": "node", "data.batch_size": 10},
    **{"epochs": 15, "warmup": 1},
}
_ONE_GRAPH = {
    **{"data.task": "node", "data.both_directions": True, "data.batch_size": 1},
    **{"network.edge_states": False, "weight_decay": 5e-3, "epochs": 40, "warmup": 4},
}
SETTINGS: dict[str, dict[str, Any]] = {
    "MUTAG": {**_FOLDS, "epochs": 30},
    "cora": _ONE_GRAPH,
    "citeseer": _ONE_GRAPH,
    "CLUSTER": _CLUSTER,
    "CLUSTER, no edge states": {**_CLUSTER, "network.edge_states": False},
    "MUTAG, no edge states": {**_FOLDS, "epochs": 30, "network.edge_states": False},
    "BZR": {**_FOLDS, "epochs": 12},
    "DHFR": {**_FOLDS, "epochs": 7},
    "PROTEINS": {**_FOLDS, "epochs": 5},
}
"""Keys of the config that differ, epochs of a search and of a training, and epochs in which a
search's weights learn alone."""

AS_IT_IS, ANEW = "found, as it is", "found, trained anew"
KNOWN, RANDOM = ("gcn", "gin", "gated_gcn"), "random"
KINDS = (AS_IT_IS, ANEW, *KNOWN, RANDOM)
"""What is measured of every repetition, in the order of the page."""

_GRAPHS = flags.DEFINE_string("graphs", "graphs", "The folder of .npz files.")
_SETTINGS = flags.DEFINE_list("settings", list(SETTINGS), "What is measured.")
_FOLDS_DONE = flags.DEFINE_integer("folds", 10, "Folds, of ten, to measure.", 1, 10)
_SEEDS = flags.DEFINE_integer("seeds", 5, "Seeds where there are no folds.", lower_bound=1)
_OUTPUT = flags.DEFINE_string("output", "", "A JSON file for the figures, which it goes on with.")
_PAGE = flags.DEFINE_string("page", "", "A page to write the figures into; empty for none.")

Figures = dict[str, dict[str, list[dict[str, float]]]]
"""{setting: {kind: what each repetition gave}}."""


class Repetition:
    """One fold or seed of a setting: its data, and models that learn from them.

    Folds share the models that earlier ones traced, each with its own weights at the start.

    Args:
        name: The setting.
        number: The fold, or the seed.
        models: {what it is: compiled model}, of earlier folds; is added to.
    """

    def __init__(self, name: str, number: int, models: dict[Any, Any]) -> None:
        from snas_tf import config as base
        from snas_tf import data
        from snas_tf.machine import runtime
        from snas_tf.programs.datasets import dataset

        setting = dict(SETTINGS[name])
        epochs, warmup = setting.pop("epochs"), setting.pop("warmup")
        config = base.get_config()
        config.space.name, config.space.num_layers, config.space.num_states = "graph", 1, 2
        config.data.source = f"npz:{_file(name)}"
        for stage in (config.search, config.train):
            stage.epochs, stage.learning_rate = epochs, 0.025
            stage.weight_decay = setting.get("weight_decay", 3e-4)
        setting.pop("weight_decay", None)
        config.search.warmup_epochs = warmup
        config.update_from_flattened_dict(setting)
        if config.data.folds:
            config.data.fold = number
        else:
            config.seed = number
        runtime.join_workers(config, searching=True)
        self.name, self.config, self.number, self.models = name, config, number, models
        self.images = dataset.load(config)
        self.steps = data.steps_per_epoch(self.images.train, config.data.batch_size)

    def measure(self, known: Any) -> Iterator[tuple[str, dict[str, float]]]:
        """What is not measured yet, one after the other.

        Args:
            known: {kind: list}, what earlier repetitions gave, which have an entry each.
        """
        import numpy as np

        from snas_tf import space
        from snas_tf.programs import problems

        left = [kind for kind in kinds(self.name) if len(known.get(kind, ())) <= self.number]
        searched = problems.family(self.config).space_of(self.config)
        if {AS_IT_IS, ANEW} & {*left}:
            model, figures = self._search()
            yield AS_IT_IS, figures
            yield ANEW, self._train(model.genotype())
        for kind in KNOWN:
            if kind in left:
                yield kind, self._train(space.graph_baseline(kind, searched))
        if RANDOM in left:
            yield RANDOM, self._train(searched.sample(np.random.default_rng(self.number)))

    def _search(self) -> tuple[Any, dict[str, float]]:
        """The searched model, and what its child is worth on the test data without training."""
        from snas_tf.programs import search, train

        start = time.process_time()
        model = self._fitted("search", lambda: search.build(self.config, self.images, self.steps))
        taken = time.process_time() - start
        genotype = model.genotype()
        child = self._model(genotype, lambda: self._trainable(train, genotype))
        child.child.take_weights(model.supernet.child(genotype))
        return model, self._figures(child, genotype, taken, trained=False)

    def _train(self, genotype: Any) -> dict[str, float]:
        from snas_tf.programs import train

        start = time.process_time()
        model = self._fitted(genotype, lambda: self._trainable(train, genotype))
        return self._figures(model, genotype, time.process_time() - start)

    def _trainable(self, train: Any, genotype: Any) -> Any:
        return train.build(self.config, genotype, self.images, self.steps)

    def _model(self, key: Any, build: Any) -> Any:
        """A compiled model at its start, one that was traced before if there is."""
        import keras

        from snas_tf.fitting import model_state

        keras.utils.set_random_seed(self.number)
        fresh, key = build(), (key, self.config.seed)
        if key not in self.models:
            self.models[key] = fresh
        elif self.models[key] is not fresh:
            model_state.restore(self.models[key], model_state.collect(fresh))
        return self.models[key]

    def _fitted(self, key: Any, build: Any) -> Any:
        from snas_tf import data

        model = self._model(key, build)
        batches = data.training_dataset(
            self.images.train,
            batch_size=self.config.data.batch_size,
            seed=self.number,
            augmentation=data.Augmentation(),
            normalization=data.normalization(self.images),
            epochs=self.config.search.epochs,
        )
        model.fit(batches, epochs=1, verbose=0)
        return model

    def _figures(
        self, model: Any, genotype: Any, taken: float, *, trained: bool = True
    ) -> dict[str, float]:
        from snas_tf import data
        from snas_tf.programs import problems, recalibration

        batch_size = self.config.data.batch_size
        test = data.evaluation_dataset(
            self.images.test,
            batch_size=batch_size,
            normalization=data.normalization(self.images),
        )
        images = recalibration.training_images(self.images, batch_size)
        callbacks = [recalibration.RecalibrateStatistics(images)] if trained else []
        told = model.evaluate(test, callbacks=callbacks, verbose=0, return_dict=True)
        cost = problems.of(self.config, "train", self.images).cost(genotype)
        names = ("accuracy", "balanced_accuracy", "f1")
        return {
            **{name: float(told[name]) for name in names},
            "parameters": cost.parameters,
            "core_seconds": round(taken, 1),
        }


def _file(name: str) -> pathlib.Path:
    """Where the graphs of a setting lie that are not drawn."""
    return pathlib.Path(_GRAPHS.value) / f"{name.partition(',')[0]}.npz"


def kinds(name: str) -> list[str]:
    """What is measured of a setting: without edge states nothing is gated."""
    gated = SETTINGS[name].get("network.edge_states", True)
    return [kind for kind in KINDS if gated or kind != "gated_gcn"]


def measure(figures: Figures, name: str) -> None:
    """Measures a setting, as far as it is not there, and writes the file after every number."""
    models: dict[Any, Any] = {}
    setting, found = SETTINGS[name], figures.setdefault(name, {})
    folded = "data.folds" in setting
    path = _file(name)
    if "data.source" not in setting and not path.exists():
        print(f"{name} is passed over, for there is no {path}")
        return
    for number in range(_FOLDS_DONE.value if folded else _SEEDS.value):
        if all(len(found.get(kind, ())) > number for kind in kinds(name)):
            continue
        for kind, told in Repetition(name, number, models).measure(found):
            of_kind = found.setdefault(kind, [])
            of_kind[number:] = [told]
            accuracy = 100 * told["accuracy"]
            print(
                f"{name} {number}, {kind}: {accuracy:.2f} %, {told['core_seconds']} s", flush=True
            )
            if _OUTPUT.value:
                draft = pathlib.Path(f"{_OUTPUT.value}.draft")
                draft.write_text(json.dumps(figures, indent=1) + "\n")
                draft.replace(_OUTPUT.value)
        if not folded:
            models.clear()  # of this seed alone


def lines(figures: Figures) -> Iterator[str]:
    """The table of the page: a row a setting, mean and deviation over its repetitions."""
    yield f"| % right | {' | '.join(KINDS)} | repetitions |"
    yield f"| --- {'| --: ' * (len(KINDS) + 1)}|"
    for name, found in figures.items():
        metric = "balanced_accuracy" if name.startswith("CLUSTER") else "accuracy"
        cells = [_spread([told[metric] for told in found.get(kind, ())]) for kind in KINDS]
        yield f"| {name} | {' | '.join(cells)} | {len(found.get(RANDOM, ()))} |"


def _spread(values: list[float]) -> str:
    if not values:
        return ""
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{100 * statistics.mean(values):.1f} +- {100 * deviation:.1f}"


def main(argv: list[str]) -> None:
    del argv
    output = pathlib.Path(_OUTPUT.value) if _OUTPUT.value else None
    figures = json.loads(output.read_text()) if output and output.exists() else {}
    for name in _SETTINGS.value:
        if name:
            measure(figures, name)
    if _PAGE.value:
        write_page(pathlib.Path(_PAGE.value), lines(figures))
    print("\n".join(lines(figures)))


if __name__ == "__main__":
    app.run(main)
