# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Networks of graphs, whose cells have a chain of entities and one of edges."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from etils import epath

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.programs.problems import refusals
from snas_tf.programs.problems.problem import Config
from snas_tf.space import json_record

if TYPE_CHECKING:
    import keras

    from snas_tf.networks import GraphNetwork, GraphSupernet
    from snas_tf.reports import Presentation

_ANY_SHAPE = (1, 1, 1, 1)
"""The sizes of a graph where none is known, as when a config is checked."""


@dataclasses.dataclass(frozen=True, slots=True)
class GraphProblem:
    """Cells of two chains for graphs.

    Attributes:
        space: What may be decided.
        skeleton: The plan of the networks.
    """

    space: space.GraphSpace
    skeleton: space.GraphSkeleton

    @property
    def uses(self) -> tuple[str, ...]:
        """The decisions of chains that there are; see `Problem` for this and all that follows."""
        known = self.costs().uses
        return tuple(each.name for each in self.space.decisions if each.name in known)

    def searchable(self, config: Config) -> GraphSupernet:
        """The supernet of a search."""
        from snas_tf.networks import GraphSupernet

        synchronized = config["search"]["synchronized_batch_norm"]
        return GraphSupernet(self.space, self.skeleton, synchronized_batch_norm=synchronized)

    def costs(self, latency_table: str = "", device: str = "") -> space.CostTable:
        """What networks cost for a typical graph."""
        del device
        if latency_table:
            raise InvalidInput(
                "`--config.search.latency_table` must be left out with "
                "`--config.space.name=graph`, whose networks take graphs of any size: given "
                f"{latency_table!r}"
            )
        return space.graph_cost_table(self.space, self.skeleton)

    def child(
        self,
        architecture: space.Selection,
        *,
        auxiliary: bool = False,
        drop_path: float = 0.0,
        drop_path_steps: int = 0,
        seed: int = 0,
        **options: Any,
    ) -> GraphNetwork:
        """The network of an architecture; it has no auxiliary head and no paths to drop."""
        from snas_tf.networks import GraphNetwork

        del drop_path_steps, seed
        refusals.refuse_extras("graph", auxiliary, drop_path)
        return GraphNetwork(architecture, self.space, self.skeleton, **options)

    def cost(self, architecture: space.Selection) -> space.Cost:
        """The exact cost of that network."""
        return space.graph_cost(architecture, self.space, self.skeleton)

    def check_latency(self) -> NoReturn:
        """Refused: the time depends on the graph."""
        refusals.refuse_latency("graph", measured=False)

    def refuse_other(self, network: keras.Model) -> None:
        """Refuses a network of other sizes, from which a training cannot inherit."""
        here, there = self.skeleton.get_config(), network.skeleton.get_config()
        if other := [name for name in here if here[name] != there[name]]:
            told = ", ".join(f"{name} = {here[name]}" for name in other)
            raise InvalidInput(
                "`--config.train.inherit` needs graphs and a network as in the search: given "
                f"{told}, and one of {', '.join(str(there[name]) for name in other)} was searched"
            )

    def search_memory(self, *, one_hot: bool) -> Callable[..., space.StepMemory]:
        """The estimate of a step of the search: all operations, or the dearest of each place."""
        table = self.costs()
        reduced = np.max if one_hot else np.sum
        parts = [reduced(of, axis=1).sum(axis=0) for of in table.tables.values()]
        weights = table.fixed[0] + sum(of.sum(axis=(0, 1))[0] for of in table.tables.values())
        moved = table.fixed[2] + sum(part[2] for part in parts)
        return _estimate(weights, moved)

    def training_memory(self, architecture: space.Selection) -> Callable[..., space.StepMemory]:
        """The estimate of a step of a training."""
        cost = self.cost(architecture)
        return _estimate(cost.parameters, cost.memory_access)


def space_of(config: Config) -> space.GraphSpace:
    """The space of a config; see `Family` for this and all that follows."""
    section = config["space"]
    return space.GraphSpace(
        section["num_layers"],
        section["num_states"],
        tuple(section["entity_operations"]),
        tuple(section["edge_operations"]),
    )


def problem(
    config: Config, stage: str, *, num_classes: int, image_shape: tuple[int, ...]
) -> GraphProblem:
    """The problem of a stage; both stages have networks of the same sizes.

    Args:
        config: The config; its `data.task` says what of a graph has a class.
        stage: "search" or "train".
        num_classes: Number of classes.
        image_shape: Of a typical graph: nodes, features of one, edges, features of one. Anything
            else for any graph.
    """
    del stage
    _check_data(config)
    known = len(image_shape) == len(_ANY_SHAPE)
    nodes, node_features, edges, edge_features = image_shape if known else _ANY_SHAPE
    network = config["network"]
    skeleton = space.GraphSkeleton(
        task=config["data"]["task"],
        num_outputs=num_classes,
        node_features=node_features,
        edge_features=edge_features,
        width=network["width"],
        edge_width=network["edge_width"],
        edge_states=network["edge_states"],
        typical_nodes=nodes,
        typical_edges=edges,
    )
    return GraphProblem(space_of(config), skeleton)


def find(name: str, config: Config) -> space.Selection:
    """A known graph network by its name, one drawn by a seed, or the architecture in a file."""
    searched = space_of(config)
    if name in space.GRAPH_BASELINES:
        return space.graph_baseline(name, searched)
    kind, _, seed = name.partition(":")
    if kind == "random" and seed.isascii() and seed.isdecimal():
        return searched.sample(np.random.default_rng(int(seed)))
    if not pathlib.Path(name).is_file():
        raise InvalidInput(
            "`--config.train.genotype` must be a JSON file or one of "
            f"{', '.join(space.GRAPH_BASELINES)} and random:SEED with `--config.space.name=graph`: "
            f"given {name!r}"
        )
    return searched.from_json(json_record.load(name, "a graph network"))


def load(path: epath.Path) -> space.Selection:
    """The architecture in a file of a run."""
    return space.Selection.from_json(json_record.load(path, "a graph network"))


def presentation() -> Presentation:
    """Both chains of every layer, drawn and as tables."""
    from snas_tf.reports import GraphPresentation

    return GraphPresentation()


def _check_data(config: Config) -> None:
    section = config["data"]
    kind = section["source"].partition(":")[0]
    if kind not in ("graphs", "tu", "csv", "npz"):
        raise InvalidInput(
            "`--config.data.source` must be graphs:cluster, tu:<folder>, csv:<folder> or "
            f"npz:<path> with `--config.space.name=graph`: given {section['source']!r}"
        )
    if not section["task"]:
        raise InvalidInput(
            "`--config.data.task` must be graph, node or edge with `--config.space.name=graph`, as "
            "the labels are those of graphs, of nodes or of edges: given ''"
        )


def _estimate(weights: float, moved: float) -> Callable[..., space.StepMemory]:
    """From the numbers that a forward pass for a typical graph reads and writes, of which it keeps
    about as many: nearly all that is written is read again on the way back."""

    def estimate(images: int, *, bytes_per_number: int = 4, **choices: bool) -> space.StepMemory:
        del choices
        of_weights = int(4 * weights)
        return space.StepMemory(
            weights=of_weights,
            optimizer_state=of_weights,
            gradients=of_weights,
            activations=int(images * moved * bytes_per_number),
            workspace=0,
            graph=0,
        )

    return estimate
