# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Cells that are stacked into a network: those of DARTS and SNAS, and that of NAS-Bench-201."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from etils import epath

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.programs.problems.problem import Config

if TYPE_CHECKING:
    import keras

    from snas_tf.networks import Supernet
    from snas_tf.reports import Presentation, Stage

_SIZES = ("num_cells", "init_channels")
"""Keys of the section `network` that a training may have its own of; 0 there for the same."""


@dataclasses.dataclass(frozen=True, slots=True)
class CellProblem:
    """Cells on a skeleton.

    Attributes:
        space: What may be decided.
        skeleton: The plan of the networks.
    """

    space: space.CellSpace
    skeleton: space.Skeleton

    @property
    def uses(self) -> tuple[str, ...]:
        """The kinds of cell that there are; see `Problem` for this and all that follows."""
        return self.skeleton.kinds

    def searchable(self, config: Config) -> Supernet:
        """The supernet of a search."""
        from snas_tf.networks import Supernet

        return Supernet(
            self.space,
            self.skeleton,
            rematerialize=config["runtime"]["rematerialize"],
            synchronized_batch_norm=config["search"]["synchronized_batch_norm"],
        )

    def costs(self, latency_table: str = "", device: str = "") -> space.CostTable:
        """What networks cost; with a table, their latency too."""
        table = None
        if latency_table:
            table = space.LatencyTable.load(latency_table)
            table.check_device(device or _this_device())
        return space.cell_cost_table(self.space, self.skeleton, table)

    def child(self, architecture: space.Genotype, **options: Any) -> keras.Model:
        """The child network of a genotype."""
        from snas_tf.networks import ChildNetwork

        return ChildNetwork(architecture, self.skeleton, **options)

    def cost(self, architecture: space.Genotype) -> space.Cost:
        """The exact cost of that network."""
        return space.cost(architecture, self.skeleton)

    def outline(self, architecture: space.Genotype) -> tuple[Stage, ...]:
        """The pieces of that network, in their order."""
        from snas_tf.reports import Stage

        plans = self.skeleton.plan(architecture.num_nodes)
        first = (
            plans[0].block.input_resolution if plans[0].block else plans[0].input_resolutions[-1]
        )
        stem = self.skeleton.stem_convolutions[-1].channels
        stages = [
            Stage("images", _shape(self.skeleton.image_shape[:2], self.skeleton.image_shape[2])),
            Stage("stem", _shape(first, stem)),
        ]
        for plan in plans:
            if block := plan.block:
                shape = _shape(block.resolution, block.channels)
                stages.append(Stage("residual block", shape, marked=True))
            shape = _shape(plan.resolution, plan.output_channels)
            title = space.cell_title(plan.kind)
            stages.append(Stage(title, shape, marked=plan.kind == "reduction"))
        stages.append(Stage("average pooling", f"{plans[-1].output_channels}"))
        stages.append(Stage("classifier", f"{self.skeleton.num_classes} classes"))
        return tuple(stages)

    def check_latency(self) -> None:
        """Networks of cells are sums of pieces."""

    def measure_latency(
        self,
        children: Sequence[keras.Model],
        batch_size: int,
        repetitions: int,
        progress: Callable[[int, int], None],
    ) -> tuple[space.LatencyTable, list[float]]:
        """Times the pieces of these networks here, and whole ones in turns with them."""
        from snas_tf.networks import measure_with_networks

        return measure_with_networks(
            self.space, self.skeleton, children, batch_size, repetitions, progress
        )

    def latency_overview(self, table: space.LatencyTable) -> tuple[list[str], list[list[str]]]:
        """Microseconds of the candidate operations, a column a place where they stand."""
        operations = [each for each in table.milliseconds if space.is_operation(each.operation)]
        places = dict.fromkeys(piece[1:] for piece in operations)
        headings = ["microseconds"]
        for channels, _, (height, width), stride in places:
            halves = ", stride 2" if stride == 2 else ""
            headings.append(f"{channels} ch.\n{height}x{width}{halves}")
        lines = []
        for name in dict.fromkeys(piece.operation for piece in operations):
            times = [1000 * table.milliseconds[space.Piece(name, *place)] for place in places]
            lines.append([name, *(f"{time:.1f}" for time in times)])
        return headings, lines

    def latency(self, architecture: space.Genotype, table: space.LatencyTable) -> float:
        """The milliseconds that a table predicts for a network."""
        return table.predict(architecture, self.skeleton)

    def refuse_other(self, network: keras.Model) -> None:
        """Refuses a child network of other sizes, from which a training cannot inherit."""
        for key in _SIZES:
            given, there = (getattr(plan, key) for plan in (self.skeleton, network.skeleton))
            if given != there:
                raise InvalidInput(
                    f"`--config.train.inherit` needs `--config.train.{key}` as in the search, or "
                    f"0: given a network of {key} = {given}, and one of {there} was searched"
                )

    def search_memory(self, *, one_hot: bool) -> Callable[..., space.StepMemory]:
        """The estimate of a step of the search."""
        return functools.partial(space.step_memory, self.space, self.skeleton, single_path=one_hot)

    def training_memory(self, architecture: space.Genotype) -> Callable[..., space.StepMemory]:
        """The estimate of a step of a training."""
        return functools.partial(space.child_step_memory, architecture, self.skeleton)


def space_of(config: Config) -> space.CellSpace:
    """The space of a config; see `Family` for this and all that follows."""
    section = config["space"]
    if section["name"] == "nas_bench_201":
        return space.nas_bench_201_cells()
    return space.CellSpace(section["num_nodes"], tuple(section["primitives"]))


def problem(
    config: Config, stage: str, *, num_classes: int, image_shape: tuple[int, int, int]
) -> CellProblem:
    """The problem of a stage, whose sizes are its own where it has some."""
    network = {**config["network"], **_own_sizes(config, stage)}
    if config["space"]["name"] == "nas_bench_201":
        skeleton = space.nas_bench_201_skeleton(
            network["init_channels"], network["num_cells"], num_classes, image_shape
        )
    else:
        skeleton = space.Skeleton(
            num_cells=network["num_cells"],
            init_channels=network["init_channels"],
            num_classes=num_classes,
            image_shape=image_shape,
            stem=network["stem"],
        )
    return CellProblem(space_of(config), skeleton)


def find(name: str, config: Config) -> space.Genotype:
    """A published genotype by its name, one in a file, or one in NAS-Bench-201's way of writing."""
    if name in space.PUBLISHED:
        genotype = space.PUBLISHED[name]
    elif name.startswith("|"):
        genotype = space.Genotype.from_nas_bench_201(name)
    elif pathlib.Path(name).is_file():
        genotype = space.Genotype.load(name)
    else:
        raise InvalidInput(
            "`--config.train.genotype` must be a JSON file, one of "
            f"{', '.join(space.PUBLISHED)}, or a cell in NAS-Bench-201's way of writing: given "
            f"{name!r}"
        )
    genotype.validate(space_of(config))
    return genotype


def load(path: epath.Path) -> space.Genotype:
    """The genotype in a file of a run."""
    return space.Genotype.load(path)


def presentation() -> Presentation:
    """Cells are drawn."""
    from snas_tf.reports import CellPresentation

    return CellPresentation()


def _shape(resolution: tuple[int, int], channels: int) -> str:
    """Height, width and channels in a word."""
    return f"{resolution[0]}x{resolution[1]}x{channels}"


def _own_sizes(config: Config, stage: str) -> dict[str, int]:
    if stage != "train":
        return {}
    return {key: config["train"][key] for key in _SIZES if config["train"][key]}


def _this_device() -> str:
    from snas_tf.networks import device_name

    return device_name()
