# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""NAS-Bench-201 (arXiv 2001.00326): cells and skeleton of its 15,625 networks, as values."""

from __future__ import annotations

from snas_tf.errors import InvalidInput
from snas_tf.space.cells.cell_plan import RESIDUAL_KIND
from snas_tf.space.cells.cell_space import CellSpace
from snas_tf.space.cells.nas_bench_201_text import NUM_NODES, OPERATION_NAMES
from snas_tf.space.cells.skeleton import Skeleton


def nas_bench_201_cells() -> CellSpace:
    """The space of its cells: one input, three nodes, five operations on each of six edges.

    All cells of a network are the same, and a cell gives the sum that is its last node.
    """
    return CellSpace(
        NUM_NODES,
        tuple(OPERATION_NAMES.values()),
        num_inputs=1,
        kinds=(RESIDUAL_KIND,),
        output="last_node",
    )


def nas_bench_201_skeleton(
    init_channels: int = 16,
    cells_per_stage: int = 5,
    num_classes: int = 10,
    image_shape: tuple[int, int, int] = (32, 32, 3),
) -> Skeleton:
    """What stands around its cells: three stages of cells, residual blocks between them.

    Args:
        init_channels: Channels of the first stage, even; 16 in the benchmark.
        cells_per_stage: Cells of each stage, at least 1; 5 in the benchmark.
        num_classes: Number of classes.
        image_shape: (height, width, channels) of the images.

    Returns:
        The skeleton.

    Raises:
        InvalidInput: An argument is out of range.
    """
    if type(cells_per_stage) is not int or cells_per_stage < 1:
        raise InvalidInput(
            f"`cells_per_stage` must be a whole number, at least 1: given {cells_per_stage!r}"
        )
    return Skeleton(
        num_cells=3 * cells_per_stage,
        init_channels=init_channels,
        num_classes=num_classes,
        image_shape=image_shape,
        stem="plain",
        reduction="residual",
    )
