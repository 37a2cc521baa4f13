# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What programs write that use this package, for a type checker: it is never run.

`make lint` lets mypy read it. Every call of the documentation has to be right by the annotations,
and what it returns has to be known.
"""

from __future__ import annotations

from typing import assert_type

import keras
import numpy as np

import snas_tf
from snas_tf import black_box, data, evaluation, networks, reports, serving, space
from snas_tf.data.graphs import Graphs, padded


def cells() -> None:
    """A search of cells, as in docs/keras.md."""
    searched = space.CellSpace(num_nodes=2, primitives=("none", "skip_connect"))
    skeleton = space.Skeleton(
        num_cells=3, init_channels=8, num_classes=10, image_shape=(8, 8, 1), stem="cifar"
    )
    architecture = snas_tf.ArchitectureDistribution(searched)
    supernet = snas_tf.Supernet(searched, skeleton)
    cooling = keras.optimizers.schedules.PolynomialDecay(1.0, 100, 0.03)
    cost = snas_tf.ResourceCost(supernet.costs, budget=space.Budget(parameters=4000))
    model = snas_tf.Snas(
        supernet, architecture, temperature=cooling, resource_cost=cost, resource_weight=0.1
    )
    model.compile(
        keras.optimizers.SGD(0.05),
        loss="mse",
        architecture_optimizer=keras.optimizers.Adam(0.05),
    )
    genotype = space.PUBLISHED["SNAS_MILD"]
    assert_type(genotype, space.Genotype)
    assert_type(genotype.to_json(), str)
    assert_type(space.cost(genotype, skeleton), space.Cost)
    snas_tf.ChildNetwork(genotype, skeleton).to_keras(mean=[0.0], deviation=[1.0])
    space.Genotype({"normal": [space.Connection(0, 2, "skip_connect")]}, num_nodes=1)


def a_space_of_ones_own() -> None:
    """Decisions, costs and selections, as in docs/keras.md."""
    names, options = ["first", "second"], ["relu", "tanh"]
    searched = space.ProductSpace([space.Decision(name, ["activation"], options) for name in names])
    space.CostTable(["operations"], [1], {name: [[[0], [8]]] for name in names})
    chosen = space.Selection({"first": ("relu",), "second": ["tanh"]})
    assert_type(chosen["first"], tuple[str, ...])
    assert_type(searched.encode(chosen), dict[str, np.ndarray])
    assert_type(searched.sample(np.random.default_rng(0)), space.Selection)


def trials() -> None:
    """Searches by trials, as in docs/trials.md."""
    searched = space.nas_bench_201_cells()
    table = evaluation.Table.load("table.npz")
    found = black_box.search(
        black_box.RegularizedEvolution(population=8), searched, table, trials=20, seed=0
    )
    assert_type(found, black_box.SearchResult)
    assert_type(found.trials, tuple[black_box.Trial, ...])
    told = reports.Trials(result=found, planned=20, method="evolution")
    assert_type(reports.to_csv(told), str)


class Halves:
    """A searcher of a user's own is a `Searcher`."""

    def propose(
        self,
        trials: list[black_box.Trial],
        rng: np.random.Generator,
        searched: space.Space,
    ) -> space.Architecture:
        """Mutates the last one."""
        return searched.mutate(trials[-1].architecture, rng)


def choices(model: keras.Model, images: np.ndarray) -> None:
    """Choices in a model, as in docs/choice.md."""
    layer = keras.layers.Dense(8)
    snas_tf.Choice({"dense": layer, "none": keras.layers.Identity()}, name="layer")
    snas_tf.Choice([layer, keras.layers.Identity()])
    snas_tf.Repeat(layer, 3, least=0, name="depth")
    snas_tf.InputChoice(["a", "b"], take=1, name="input")
    keras.layers.Dense(snas_tf.OneOf(8, 16))
    search = snas_tf.Snas.of(model, epochs=2, data=(images, images), batch_size=8)
    assert_type(search, snas_tf.Snas)
    network = networks.ChoiceSupernet(model)
    snas_tf.Snas.of(network, epochs=2, data=(images, images), resource_weight=1.0)
    assert_type(snas_tf.score(model, images, "naswot"), float)


def graphs() -> None:
    """Graphs, as in docs/graphs.md."""
    triangle = {"nodes": np.eye(3), "sources": [0, 1, 2], "targets": [1, 2, 0], "label": 0}
    inputs, labels = padded(Graphs.of([triangle, triangle], class_names=["a"]))
    assert_type(inputs, dict[str, np.ndarray])
    searched = space.GraphSpace(num_layers=1, num_states=1)
    skeleton = space.GraphSkeleton("graph", num_outputs=2, node_features=3, width=8, edge_width=4)
    networks.GraphNetwork(space.graph_baseline("gin", searched), searched, skeleton)
    networks.GraphSupernet(searched, skeleton)


def images_and_export(child: keras.Model, pixels: np.ndarray) -> None:
    """Data and serving, as in docs/images.md and docs/serving.md."""
    found = data.load("npz:tumours.npz", seed=0)
    assert_type(found, data.ImageData)
    assert_type(found.class_names, tuple[str, ...])
    exported = serving.export(
        child,
        "export",
        normalization=keras.layers.Rescaling(1 / 16),
        frame=data.Framing().fitting((8, 8, 1)),
        class_names=[str(digit) for digit in range(10)],
        examples=pixels,
    )
    assert_type(exported, serving.Exported)


def morphs(images: np.ndarray, labels: np.ndarray) -> None:
    """Network morphism in one call, as in docs/trials.md."""
    search = snas_tf.MorphSearch(workdir="morphs")
    search.fit(images, labels, seconds=60)
    search.final_fit(images, labels, epochs=2).save("network.keras")
