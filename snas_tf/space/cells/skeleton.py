# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How cells are stacked into a network: the plan that supernet, child network and costs share."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Protocol

from snas_tf.errors import InvalidInput
from snas_tf.space import image_shape
from snas_tf.space.cells.cell_plan import RESIDUAL_KIND, BlockPlan, CellPlan
from snas_tf.space.cells.cell_space import KINDS
from snas_tf.space.cells.genotype import Genotype
from snas_tf.space.cost import Resolution, halved

STEMS = ("cifar", "imagenet", "plain")
"""The first layers: one convolution at full resolution to three times the initial channels, three
that divide it by eight, or one at full resolution to the initial channels."""

REDUCTIONS = ("cells", "residual")
"""What halves the resolution: reduction cells, as in the paper; or residual blocks between the
cells, as in NAS-Bench-201 (arXiv 2001.00326)."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ConvolutionPlan:
    """A 3x3 convolution of the stem.

    Attributes:
        channels: Channels of its output.
        stride: 1 or 2.
        activated: Whether a ReLU comes first.
    """

    channels: int
    stride: int = 1
    activated: bool = False


def stem_convolutions(stem: str, init_channels: int) -> tuple[ConvolutionPlan, ...]:
    """The convolutions of a stem, in order.

    The output of the last is the first cell's second input, or its only one. The first of two is
    the output of the last but one behind the ImageNet stem, else the same tensor.

    Args:
        stem: One of `STEMS`.
        init_channels: The skeleton's initial channels.

    Returns:
        A plan a convolution.

    Raises:
        InvalidInput: The stem is unknown.
    """
    match stem:
        case "cifar":
            return (ConvolutionPlan(channels=3 * init_channels),)
        case "plain":
            return (ConvolutionPlan(channels=init_channels),)
        case "imagenet":
            return (
                ConvolutionPlan(channels=init_channels // 2, stride=2),
                ConvolutionPlan(channels=init_channels, stride=2, activated=True),
                ConvolutionPlan(channels=init_channels, stride=2, activated=True),
            )
    raise InvalidInput(f"`stem` must be one of {', '.join(STEMS)}: given {stem!r}")


class _Cells(Protocol):
    """What a skeleton asks of a cell space or a genotype."""

    num_inputs: int
    kinds: Sequence[str]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Skeleton:
    """What is fixed around the cells of a network.

    At one and two thirds of the depth the resolution is halved and the channels are doubled: there
    stand reduction cells; or residual blocks before the cells. Then all cells are of one kind, take
    the output of the one before alone, and give their last node; and [BN, ReLU] stands before the
    classifier.

    Attributes:
        num_cells: Number of cells, at least 1; at least 3 where residual blocks reduce.
        init_channels: Channels of a node in the first cells, even.
        num_classes: Number of classes, at least 1.
        image_shape: (height, width, channels) of the images.
        stem: One of `STEMS`; not "cifar" where residual blocks reduce.
        reduction: One of `REDUCTIONS`.

    Raises:
        InvalidInput: An argument is out of range.
    """

    num_cells: int
    init_channels: int
    num_classes: int
    image_shape: tuple[int, int, int]
    stem: str = "cifar"
    reduction: str = "cells"

    def __post_init__(self) -> None:
        for name, least in (("num_cells", 1), ("init_channels", 2), ("num_classes", 1)):
            value = getattr(self, name)
            if type(value) is not int or value < least:
                raise InvalidInput(
                    f"`{name}` must be a whole number, at least {least}: given {value!r}"
                )
        if self.init_channels % 2:
            # A factorized reduction makes its channels in two halves.
            raise InvalidInput(f"`init_channels` must be even: given {self.init_channels}")
        object.__setattr__(self, "image_shape", image_shape.checked(self.image_shape))
        convolutions = stem_convolutions(self.stem, self.init_channels)  # checks the stem
        if self.reduction not in REDUCTIONS:
            raise InvalidInput(
                f"`reduction` must be one of {', '.join(REDUCTIONS)}: given {self.reduction!r}"
            )
        if not self.is_residual:
            return
        if self.num_cells < 3:
            raise InvalidInput(
                f"`num_cells` must be at least 3 for two residual blocks: given {self.num_cells}"
            )
        if convolutions[-1].channels != self.init_channels:
            raise InvalidInput(
                "`stem` must be plain or imagenet where residual blocks reduce, for their cells "
                f"preprocess nothing: given {self.stem!r}"
            )

    @property
    def is_residual(self) -> bool:
        """Whether residual blocks reduce."""
        return self.reduction == "residual"

    @property
    def reduction_indices(self) -> tuple[int, ...]:
        """Positions of the reduction cells, or of those behind residual blocks, ascending.

        There is one of them in a network of one cell.
        """
        return tuple(sorted({self.num_cells // 3, 2 * self.num_cells // 3}))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of cell that there are: all, or in networks of one or two cells one.

        Where residual blocks reduce there is "cell" alone.
        """
        if self.is_residual:
            return (RESIDUAL_KIND,)
        reduces = len(self.reduction_indices) == self.num_cells
        return tuple(kind for kind in KINDS if kind == "reduction" or not reduces)

    @property
    def stem_convolutions(self) -> tuple[ConvolutionPlan, ...]:
        """The convolutions of the stem; see the function of this name."""
        return stem_convolutions(self.stem, self.init_channels)

    def plan(self, num_nodes: int) -> tuple[CellPlan, ...]:
        """The plan of every cell.

        Args:
            num_nodes: Number of intermediate nodes of a cell.

        Returns:
            A `CellPlan` a cell, in order.
        """
        if self.is_residual:
            return self._residual_plan(num_nodes)
        outputs = self._stem_outputs()
        before, last = (outputs[-2] if self.stem == "imagenet" else outputs[-1]), outputs[-1]
        channels, plans = self.init_channels, []
        for index in range(self.num_cells):
            kind = "reduction" if index in self.reduction_indices else "normal"
            channels *= 2 if kind == "reduction" else 1
            plan = CellPlan(
                index=index,
                kind=kind,
                num_nodes=num_nodes,
                channels=channels,
                input_channels=(before[0], last[0]),
                input_resolutions=(before[1], last[1]),
            )
            plans.append(plan)
            before, last = last, (plan.output_channels, plan.resolution)
        return tuple(plans)

    def check(self, cells: _Cells) -> None:
        """Checks that cells fit in.

        Args:
            cells: A cell space or a genotype.

        Raises:
            InvalidInput: They have another number of inputs, lack a kind of cell, or, of a cell
                space, give something else.
        """
        output = "last_node" if self.is_residual else "concatenation"
        for name, own, theirs in (
            ("num_inputs", 1 if self.is_residual else 2, cells.num_inputs),
            ("output", output, output if isinstance(cells, Genotype) else cells.output),
        ):
            if own != theirs:
                raise InvalidInput(
                    f"the cells must have the {name} {own} in a skeleton whose reduction is "
                    f"{self.reduction!r}: given {theirs}; do use cells and a skeleton of one family"
                )
        if missing := [kind for kind in self.kinds if kind not in cells.kinds]:
            raise InvalidInput(
                f"the cells must be of the kind {' and '.join(missing)} too: given "
                f"{', '.join(cells.kinds)}; do use cells and a skeleton of one family"
            )

    def _stem_outputs(self) -> list[tuple[int, Resolution]]:
        """Channels and resolution of the images, and behind every convolution of the stem."""
        outputs = [(self.image_shape[2], self.image_shape[:2])]
        for convolution in self.stem_convolutions:
            resolution = halved(outputs[-1][1], convolution.stride)
            outputs.append((convolution.channels, resolution))
        return outputs

    def _residual_plan(self, num_nodes: int) -> tuple[CellPlan, ...]:
        channels, resolution = self._stem_outputs()[-1]
        plans = []
        for index in range(self.num_cells):
            block = None
            if index in self.reduction_indices:
                block = BlockPlan(
                    index=index,
                    input_channels=channels,
                    channels=2 * channels,
                    input_resolution=resolution,
                )
                channels, resolution = block.channels, block.resolution
            plan = CellPlan(
                index=index,
                kind=RESIDUAL_KIND,
                num_nodes=num_nodes,
                channels=channels,
                input_channels=(channels,),
                input_resolutions=(resolution,),
                output="last_node",
                block=block,
            )
            plans.append(plan)
        return tuple(plans)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain data."""
        return {**dataclasses.asdict(self), "image_shape": list(self.image_shape)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Skeleton:
        """Restores the skeleton from `get_config`."""
        return cls(**{**config, "image_shape": tuple(config["image_shape"])})
