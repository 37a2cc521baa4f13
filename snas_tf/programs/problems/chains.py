# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Chains of convolutions, whose widths and kernel sizes are searched by trials."""

from __future__ import annotations

import dataclasses
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

    from snas_tf.networks import ChainNetwork
    from snas_tf.reports import Presentation


@dataclasses.dataclass(frozen=True, slots=True)
class ChainProblem:
    """Chains for a data set.

    What a layer costs depends on the layer before it, so there is no table of costs, and no network
    that holds all of them.

    Attributes:
        space: What may be decided.
        skeleton: What stands around it.
    """

    space: space.ProductSpace
    skeleton: space.ChainPlan

    @property
    def uses(self) -> tuple[str, ...]:
        """All decisions; see `Problem` for this and all that follows."""
        return tuple(decision.name for decision in self.space.decisions)

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
        architecture: space.Selection,
        *,
        auxiliary: bool = False,
        drop_path: float = 0.0,
        drop_path_steps: int = 0,
        seed: int = 0,
        **options: Any,
    ) -> ChainNetwork:
        """The network of an architecture; it has no auxiliary head and no paths to drop."""
        from snas_tf.networks import ChainNetwork

        del drop_path_steps, seed
        refusals.refuse_extras("chain", auxiliary, drop_path)
        return ChainNetwork(architecture, self.skeleton, **options)

    def cost(self, architecture: space.Selection) -> space.Cost:
        """The exact cost of that network."""
        return space.chain_cost(architecture, self.skeleton)

    def check_latency(self) -> NoReturn:
        """Refused: no network is a sum of pieces."""
        refusals.refuse_latency("chain")

    def refuse_other(self, network: keras.Model) -> None:
        """Refuses a network of another data set, from which a training cannot inherit."""
        refusals.refuse_other_sizes(network, self.skeleton)

    def search_memory(self, *, one_hot: bool) -> None:
        """There is no estimate, and no supernet either."""

    def training_memory(self, architecture: space.Selection) -> None:
        """There is no estimate: small steps are measured."""


def space_of(config: Config) -> space.ProductSpace:
    """The space of a config; see `Family` for this and all that follows."""
    section = config["space"]
    return space.chain_space(
        section["num_layers"], tuple(section["filters"]), tuple(section["kernel_sizes"])
    )


def problem(
    config: Config, stage: str, *, num_classes: int, image_shape: tuple[int, int, int]
) -> ChainProblem:
    """The problem of a stage; both stages have the same networks."""
    del stage
    return ChainProblem(space_of(config), space.ChainPlan(num_classes, image_shape))


def find(name: str, config: Config) -> space.Selection:
    """The chain in a file."""
    if not pathlib.Path(name).is_file():
        raise InvalidInput(
            "`--config.train.genotype` must be a JSON file with `--config.space.name=chain`: given "
            f"{name!r}"
        )
    return space_of(config).from_json(json_record.load(name, "a chain"))


def load(path: epath.Path) -> space.Selection:
    """The chain in a file of a run."""
    return space.Selection.from_json(json_record.load(path, "a chain"))


def presentation() -> Presentation:
    """A table of the layers."""
    from snas_tf.reports import DecisionTables

    return DecisionTables()


def _refuse_supernet() -> NoReturn:
    raise InvalidInput(
        "`--config.search.method` must search by trials, such as evolution, with "
        "`--config.space.name=chain`, whose networks share no weights: given snas"
    )
