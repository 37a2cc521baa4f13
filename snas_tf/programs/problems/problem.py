# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What programs may ask of a family of spaces, and of one space with networks for one data set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from etils import epath

from snas_tf import space

if TYPE_CHECKING:
    import keras

    from snas_tf.networks import Searchable
    from snas_tf.reports import Presentation

Config = Mapping[str, Any]
"""A config, or what a stage recorded of one, with the sections of that stage."""


class Images(Protocol):
    """The sizes of a data set; and what it holds, where it has a `dtype`.

    Where labels are numbers `num_classes` is 0.
    """

    num_classes: int
    image_shape: tuple[int, int, int]


class Latencies(Protocol):
    """What was measured of the pieces of networks.

    Attributes:
        milliseconds: The latency of every piece.
    """

    milliseconds: Mapping[Any, float]

    def to_json(self) -> str:
        """The text of its file."""
        ...


class Problem(Protocol):
    """A space and the networks in which its architectures stand, for one data set.

    Where a network can start from one of another architecture in a better way than by the weights
    that both have, it has `inherit(network, architecture, parent, of, *, seed)`, which gives a
    network, a child of `architecture`, the weights of `parent`, a trained child of the architecture
    `of`.

    Where the family draws but parts of its networks it has `outline(architecture)`, which gives the
    pieces of the whole one in their order, `reports.Stage` each.

    Attributes:
        space: What may be decided.
    """

    space: space.DecisionSpace

    @property
    def uses(self) -> tuple[str, ...]:
        """The decisions that have a part in these networks."""
        ...

    def searchable(self, config: Config) -> Searchable:
        """The network that a search learns."""
        ...

    def costs(self, latency_table: str, device: str) -> space.CostTable:
        """What networks cost.

        Args:
            latency_table: File of latencies that were measured; "" for none.
            device: The device that it must be of; "" for this one.
        """
        ...

    def child(self, architecture: space.Architecture, **options: Any) -> keras.Model:
        """The network of an architecture; `options` are those of its constructor."""
        ...

    def cost(self, architecture: space.Architecture) -> space.Cost:
        """The exact cost of that network."""
        ...

    def check_latency(self) -> None:
        """Refuses the three methods that follow where no network is a sum of pieces."""
        ...

    def measure_latency(
        self,
        children: Sequence[keras.Model],
        batch_size: int,
        repetitions: int,
        progress: Callable[[int, int], None],
    ) -> tuple[Latencies, list[float]]:
        """Times the pieces of these networks here, and whole ones in turns with them.

        Args:
            children: The whole networks.
            batch_size: Images at once.
            repetitions: Times that each is timed.
            progress: Is told how many are done, of how many.

        Returns:
            The table, and the milliseconds of each network.
        """
        ...

    def latency_overview(self, table: Latencies) -> tuple[list[str], list[list[str]]]:
        """A table for people: its headings, and its lines, of which the first word names one."""
        ...

    def latency(self, architecture: space.Architecture, table: Latencies) -> float:
        """The milliseconds that a table predicts for a network."""
        ...

    def refuse_other(self, network: keras.Model) -> None:
        """Refuses a child network of other sizes, from which a training cannot inherit."""
        ...

    def search_memory(self, *, one_hot: bool) -> Callable[..., space.StepMemory] | None:
        """The estimate of what a step of the search needs, a function of images and of choices.

        Args:
            one_hot: Whether one option a row is computed.

        Returns:
            None where there is none: small steps are measured then.
        """
        ...

    def training_memory(
        self, architecture: space.Architecture
    ) -> Callable[..., space.StepMemory] | None:
        """As `search_memory`, of a training."""
        ...


class Family(Protocol):
    """All that there is to know of a family of spaces; a module of such functions.

    It may have one more, of which commands make use that read the networks of a run:
        prepare(config): Makes known to Keras what they hold beyond Keras and this package.
    And a constant, TAKES_NAMES: whether its networks may be given whole numbers that are names.
    """

    def space_of(self, config: Config) -> space.DecisionSpace:
        """The space of a config."""
        ...

    def problem(
        self,
        config: Config,
        stage: str,
        *,
        num_classes: int,
        image_shape: tuple[int, int, int],
    ) -> Problem:
        """The problem of a stage."""
        ...

    def find(self, name: str, config: Config) -> space.Architecture:
        """The architecture that `train.genotype` means: a file, or a name or text of the family's.

        Raises:
            InvalidInput: There is none, or it is of another space.
        """
        ...

    def load(self, path: epath.Path) -> space.Architecture:
        """Reads an architecture that a run left."""
        ...

    def presentation(self) -> Presentation:
        """How a report tells of an architecture."""
        ...
