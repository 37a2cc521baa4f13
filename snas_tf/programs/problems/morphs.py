# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Networks that grow by morphs from a small one, or from one that was found before."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
from typing import TYPE_CHECKING, Any, NoReturn

from etils import epath

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.programs.problems import refusals
from snas_tf.programs.problems.problem import Config
from snas_tf.space import json_record

if TYPE_CHECKING:
    import keras

    from snas_tf.networks import MorphNetwork
    from snas_tf.reports import Presentation


@dataclasses.dataclass(frozen=True, slots=True)
class MorphProblem:
    """Networks that grow from a root, for a data set.

    Attributes:
        skeleton: The sizes of the data set.
        root: File of the network that is the root, whose weights all begin with; "" for none.
        sizes: Of the root that there is without a file: convolutions, and filters of each.
        bounds: Of the space: layers, parameters, width, bytes of a training step.
        batch_size: Images of that step.
    """

    skeleton: space.MorphPlan
    root: str
    sizes: tuple[int, int]
    bounds: tuple[int, int, int, int]
    batch_size: int

    @property
    def space(self) -> space.MorphSpace:
        """What may grow; a file is read when this is first asked for."""
        return _space(self)

    @property
    def uses(self) -> tuple[str, ...]:
        """There are no decisions; see `Problem` for this and all that follows."""
        return ()

    def searchable(self, config: Config) -> NoReturn:
        """Refused: there is no supernet."""
        del config
        _refuse_supernet()

    def costs(self, latency_table: str = "", device: str = "") -> NoReturn:
        """Refused: there is no table."""
        del latency_table, device
        _refuse_supernet()

    def child(
        self,
        architecture: space.LayerGraph,
        *,
        auxiliary: bool = False,
        drop_path: float = 0.0,
        drop_path_steps: int = 0,
        seed: int = 0,
        **options: Any,
    ) -> MorphNetwork:
        """The network of a graph, with the weights of the root where that is a file."""
        from snas_tf.networks import MorphNetwork
        from snas_tf.networks.morphs.inheriting import take_inherited

        del drop_path_steps
        refusals.refuse_extras("morphism", auxiliary, drop_path)
        network = MorphNetwork(architecture, self.skeleton, **options)
        if self.root:
            take_inherited(network, architecture, _loaded(self.root), self.space.root, seed=seed)
        return network

    def cost(self, architecture: space.LayerGraph) -> space.Cost:
        """The exact cost of that network."""
        return space.layer_graph_cost(architecture)

    def inherit(
        self,
        network: keras.Model,
        architecture: space.LayerGraph,
        parent: keras.Model,
        of: space.LayerGraph,
        *,
        seed: int,
    ) -> None:
        """Gives a network the weights of one that it grew from, so that it answers the same."""
        from snas_tf.networks.morphs.inheriting import take_inherited

        take_inherited(network, architecture, parent, of, seed=seed)

    def check_latency(self) -> NoReturn:
        """Refused: no network is a sum of pieces."""
        refusals.refuse_latency("morphism")

    def refuse_other(self, network: keras.Model) -> None:
        """Refuses a network of another data set, from which a training cannot inherit."""
        refusals.refuse_other_sizes(network, self.skeleton)

    def search_memory(self, *, one_hot: bool) -> None:
        """There is no estimate, and no supernet either."""

    def training_memory(self, architecture: space.LayerGraph) -> None:
        """There is no estimate: small steps are measured."""


def space_of(config: Config) -> space.AnyLayerGraph:
    """What is known before there are images; see `Family` for this and all that follows."""
    del config
    return space.AnyLayerGraph()


def problem(
    config: Config, stage: str, *, num_classes: int, image_shape: tuple[int, int, int]
) -> MorphProblem:
    """The problem of a stage; both stages have the same networks."""
    del stage
    section = config["space"]
    found = MorphProblem(
        space.MorphPlan(num_classes, image_shape),
        section["root"],
        (section["num_blocks"], section["root_filters"]),
        (
            section["max_layers"],
            section["max_parameters"],
            section["max_width"],
            section["max_memory"] * 2**20,
        ),
        config["train"]["batch_size"] or config["data"]["batch_size"],
    )
    if not found.root:
        _ = found.space  # which refuses what is wrong with it
    return found


def find(name: str, config: Config) -> space.LayerGraph:
    """The layer graph in a file."""
    del config
    if not pathlib.Path(name).is_file():
        raise InvalidInput(
            "`--config.train.genotype` must be a JSON file with `--config.space.name=morphism`: "
            f"given {name!r}"
        )
    return space.LayerGraph.from_json(json_record.load(name, "a layer graph"))


def load(path: epath.Path) -> space.LayerGraph:
    """The layer graph in a file of a run."""
    return space.LayerGraph.from_json(json_record.load(path, "a layer graph"))


def presentation() -> Presentation:
    """The network drawn, and a table of its layers."""
    from snas_tf.reports.morphs.morph_presentation import MorphPresentation

    return MorphPresentation()


@functools.lru_cache(maxsize=2)
def _loaded(path: str) -> keras.Model:
    """The network in a file, without what images and answers pass in a run anyway."""
    import keras

    from snas_tf.networks import morphs

    if not pathlib.Path(path).is_file() or not path.endswith(".keras"):
        raise InvalidInput(f"`--config.space.root` must be a .keras file: given {path}")
    try:
        model = keras.models.load_model(path, compile=False)
    except (ValueError, TypeError, OSError) as error:
        raise InvalidInput(
            f"`--config.space.root` must be a Keras model that loads here: given {path} "
            f"({str(error).splitlines()[0]:.200})"
        ) from error
    return morphs.trunk(model)


@functools.lru_cache(maxsize=8)
def _space(asked: MorphProblem) -> space.MorphSpace:
    plan, (num_blocks, filters) = asked.skeleton, asked.sizes
    if asked.root:
        from snas_tf.networks import morphs

        root = morphs.layer_graph(_loaded(asked.root))
        plan.check(root)
    else:
        root = space.convolutional_root(
            plan.image_shape, plan.num_classes, num_blocks=num_blocks, filters=filters
        )
    layers, parameters, width, memory = asked.bounds
    return space.MorphSpace(
        root,
        max_layers=layers,
        max_parameters=parameters,
        max_width=width,
        max_memory=memory,
        batch_size=asked.batch_size,
    )


def _refuse_supernet() -> NoReturn:
    raise InvalidInput(
        "`--config.search.method` must search by trials, such as bayesian, with "
        "`--config.space.name=morphism`, whose networks share no weights: given snas"
    )
