# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How cells are stacked into a network: the plan that supernet, child network and costs share."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from snas_tf.errors import InvalidInput
from snas_tf.space.cells.cell_space import KINDS
from snas_tf.space.cells.primitives import Resolution, halved

STEMS = ("cifar", "imagenet")
"""The first layers: one convolution at full resolution, or three that divide it by eight."""


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

    The output of the last is the first cell's second input. The first input is the same tensor
    behind the CIFAR stem, the output of the last but one behind the ImageNet stem.

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
        case "imagenet":
            return (
                ConvolutionPlan(channels=init_channels // 2, stride=2),
                ConvolutionPlan(channels=init_channels, stride=2, activated=True),
                ConvolutionPlan(channels=init_channels, stride=2, activated=True),
            )
    raise InvalidInput(f"`stem` must be one of {', '.join(STEMS)}: given {stem!r}")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CellPlan:
    """The place of one cell in a network.

    Attributes:
        index: Its position, counted from 0.
        kind: "normal" or "reduction".
        num_nodes: Number of its intermediate nodes.
        channels: Channels of every node.
        input_channels: Channels of its two inputs.
        input_resolutions: (height, width) of its two inputs.
    """

    index: int
    kind: str
    num_nodes: int
    channels: int
    input_channels: tuple[int, int]
    input_resolutions: tuple[Resolution, Resolution]

    @property
    def stride(self) -> int:
        """Stride of the edges that leave the cell's inputs; all others have stride 1."""
        return 2 if self.kind == "reduction" else 1

    @property
    def resolution_in(self) -> Resolution:
        """(height, width) of both inputs once they are preprocessed."""
        return self.input_resolutions[1]

    @property
    def resolution(self) -> Resolution:
        """(height, width) of the intermediate nodes and of the output."""
        return halved(self.resolution_in, self.stride)

    @property
    def output_channels(self) -> int:
        """Channels of the output, the concatenation of the intermediate nodes."""
        return self.num_nodes * self.channels

    @property
    def preprocess_strides(self) -> tuple[int, int]:
        """2 for an input of twice the other's resolution, else 1."""
        return (2 if self.input_resolutions[0] != self.input_resolutions[1] else 1, 1)

    def edge_stride(self, source: int) -> int:
        """The stride of an edge that leaves node `source`."""
        return self.stride if source < 2 else 1

    def edge_resolution(self, source: int) -> Resolution:
        """(height, width) of node `source`."""
        return self.resolution_in if source < 2 else self.resolution


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Skeleton:
    """What is fixed around the cells of a network.

    Reduction cells, at one and two thirds of the depth, halve the resolution and double the
    channels.

    Attributes:
        num_cells: Number of cells, at least 1.
        init_channels: Channels of a node in the first cells, even.
        num_classes: Number of classes, at least 1.
        image_shape: (height, width, channels) of the images.
        stem: One of `STEMS`.

    Raises:
        InvalidInput: An argument is out of range.
    """

    num_cells: int
    init_channels: int
    num_classes: int
    image_shape: tuple[int, int, int]
    stem: str = "cifar"

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
        shape = tuple(self.image_shape) if isinstance(self.image_shape, Iterable) else ()
        if len(shape) != 3 or not all(type(size) is int and size > 0 for size in shape):
            raise InvalidInput(
                "`image_shape` must be three positive whole numbers (height, width, channels): "
                f"given {self.image_shape}"
            )
        object.__setattr__(self, "image_shape", shape)
        stem_convolutions(self.stem, self.init_channels)  # checks the stem

    @property
    def reduction_indices(self) -> tuple[int, ...]:
        """Positions of the reduction cells, ascending; one of them in a network of one cell."""
        return tuple(sorted({self.num_cells // 3, 2 * self.num_cells // 3}))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of cell that there are: all, or in networks of one or two cells one."""
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
        outputs = [(self.image_shape[2], self.image_shape[:2])]
        for convolution in self.stem_convolutions:
            resolution = halved(outputs[-1][1], convolution.stride)
            outputs.append((convolution.channels, resolution))
        before, last = (outputs[-1] if self.stem == "cifar" else outputs[-2]), outputs[-1]
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

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain data."""
        return {**dataclasses.asdict(self), "image_shape": list(self.image_shape)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Skeleton:
        """Restores the skeleton from `get_config`."""
        return cls(**{**config, "image_shape": tuple(config["image_shape"])})
