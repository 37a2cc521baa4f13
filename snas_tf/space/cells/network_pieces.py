# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the networks of a skeleton consist of, taken apart so that each piece can be timed alone.

A piece takes as long wherever it stands: two of the same operation, channels, resolution and stride
are one.
"""

from __future__ import annotations

from typing import NamedTuple

from snas_tf.space.cells.cell_plan import CellPlan
from snas_tf.space.cells.cell_space import CellSpace
from snas_tf.space.cells.skeleton import STEMS, Skeleton
from snas_tf.space.cost import Resolution

ADDITION = "addition"
"""One more tensor in the sum of a node."""

CONCATENATION = "concatenation"
"""The output of a cell, from its nodes."""

CLASSIFIER = "classifier"
RELU_CONV_BN = "relu_conv_bn"
BN_RELU = "bn_relu"
RESIDUAL_REDUCTION = "residual_reduction"
FACTORIZED_REDUCTION = "factorized_reduction"
STEM_PIECES = {f"{stem}_stem": stem for stem in STEMS}
"""The piece of every stem."""


class Piece(NamedTuple):
    """A part of a network.

    Attributes:
        operation: One of `PRIMITIVES` on an edge, or a name of this module.
        input_channels: Channels of its input, or of each where it has several.
        channels: Channels of its output; the classes of a classifier.
        resolution: (height, width) of its input.
        stride: 1, or 2 where it halves the resolution. A stem, whose name says what it does, has 1.
    """

    operation: str
    input_channels: int
    channels: int
    resolution: Resolution
    stride: int = 1

    def __str__(self) -> str:
        height, width = self.resolution
        channels = f"{self.input_channels} to {self.channels} channels"
        if self.input_channels == self.channels:
            channels = f"{self.channels} channels"
        return f"{self.operation} on {channels} at {height}x{width}, stride {self.stride}"


def operation_piece(plan: CellPlan, source: int, operation: str) -> Piece:
    """A candidate operation on an edge.

    Args:
        plan: The cell's place in the network.
        source: The node that the edge leaves.
        operation: One of `PRIMITIVES`.

    Returns:
        The piece.
    """
    return Piece(
        operation,
        plan.channels,
        plan.channels,
        plan.edge_resolution(source),
        plan.edge_stride(source),
    )


def addition_piece(plan: CellPlan) -> Piece:
    """One more tensor in the sum of a node of a cell."""
    return Piece(ADDITION, plan.channels, plan.channels, plan.resolution)


def common_pieces(skeleton: Skeleton, num_nodes: int) -> tuple[Piece, ...]:
    """What every child network of a skeleton has, whatever its genotype.

    Args:
        skeleton: The plan of the network.
        num_nodes: Number of intermediate nodes of a cell.

    Returns:
        Stem, preprocessing and concatenation of every cell, or the blocks between cells that have
        neither, classifier; each as often as it stands in the network.
    """
    height, width, channels = skeleton.image_shape
    (stem,) = (name for name, stem in STEM_PIECES.items() if stem == skeleton.stem)
    found = [Piece(stem, channels, skeleton.init_channels, (height, width))]
    plans = skeleton.plan(num_nodes)
    for plan in plans:
        if block := plan.block:
            numbers = (block.input_channels, block.channels, block.input_resolution)
            found.append(Piece(RESIDUAL_REDUCTION, *numbers, stride=2))
        for channels, resolution, stride in zip(
            plan.input_channels, plan.input_resolutions, plan.preprocess_strides, strict=False
        ):
            name = FACTORIZED_REDUCTION if stride == 2 else RELU_CONV_BN
            found.append(Piece(name, channels, plan.channels, resolution, stride))
        if plan.output == "concatenation":
            found.append(Piece(CONCATENATION, plan.channels, plan.output_channels, plan.resolution))
    last = plans[-1]
    if skeleton.is_residual:
        found.append(Piece(BN_RELU, last.channels, last.channels, last.resolution))
    found.append(Piece(CLASSIFIER, last.output_channels, skeleton.num_classes, last.resolution))
    return tuple(found)


def pieces(cells: CellSpace, skeleton: Skeleton) -> tuple[Piece, ...]:
    """All different pieces that the child networks of a space and a skeleton may have.

    Args:
        cells: The cell space.
        skeleton: The plan of the network.

    Returns:
        Each once, in the order of the network; `none`, which takes no time, is left out.
    """
    found = dict.fromkeys(common_pieces(skeleton, cells.num_nodes))
    for plan in skeleton.plan(cells.num_nodes):
        for source in range(cells.nodes[-1]):
            for operation in cells.primitives:
                if operation != "none":
                    found[operation_piece(plan, source, operation)] = None
        found[addition_piece(plan)] = None
    return tuple(found)
