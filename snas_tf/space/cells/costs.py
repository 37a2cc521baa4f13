# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What cells and whole networks cost."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from snas_tf.space.cells.cell_plan import BlockPlan, CellPlan
from snas_tf.space.cells.cell_space import CellSpace
from snas_tf.space.cells.genotype import Genotype
from snas_tf.space.cells.operations import operation, operation_cost
from snas_tf.space.cells.primitives import factorized_reduction_cost
from snas_tf.space.cells.skeleton import Skeleton
from snas_tf.space.cost import Cost, Resolution, convolution_cost, halved


def edge_costs(cells: CellSpace, skeleton: Skeleton) -> dict[str, np.ndarray]:
    """The cost of every candidate operation on every edge, summed over the cells of a kind.

    Args:
        cells: The cell space.
        skeleton: The plan of the network.

    Returns:
        {kind: float64 (edges, ops, 3)}: parameters, multiply-adds and memory access by
        `operation_cost`.
    """
    skeleton.check(cells)
    tables = {kind: np.zeros((cells.num_edges, cells.num_operations, 3)) for kind in cells.kinds}
    for plan in skeleton.plan(cells.num_nodes):
        tables[plan.kind] += cell_costs(cells, plan)
    return tables


def cell_costs(cells: CellSpace, plan: CellPlan) -> np.ndarray:
    """The cost of every candidate operation on every edge of one cell.

    Args:
        cells: The cell space.
        plan: The cell's place in the network.

    Returns:
        float64 (edges, ops, 3): parameters, multiply-adds and memory access by `operation_cost`.
    """
    return _table(
        cells,
        plan,
        lambda source, name: operation_cost(
            name, plan.channels, plan.edge_resolution(source), plan.edge_stride(source)
        ),
    )


def child_costs(cells: CellSpace, skeleton: Skeleton) -> tuple[Cost, dict[str, np.ndarray]]:
    """`cost` of every child network of a skeleton, taken apart: it is linear in the decisions.

    Args:
        cells: The cell space.
        skeleton: The plan of the network.

    Returns:
        The cost that every child has, and {kind: float64 (edges, ops, 3)}, what an operation on an
        edge adds to it in all cells of the kind, so that a child costs the first plus the sum of
        one entry an edge of each kind.
    """
    skeleton.check(cells)
    tables = {kind: np.zeros((cells.num_edges, cells.num_operations, 3)) for kind in cells.kinds}
    for plan in skeleton.plan(cells.num_nodes):
        tables[plan.kind] += _table(
            cells, plan, lambda source, name, plan=plan: _edge_cost(plan, source, name)
        )
    return cost(cells.empty, skeleton), tables


def cost(genotype: Genotype, skeleton: Skeleton) -> Cost:
    """The cost of a whole child network for one image, exactly.

    Args:
        genotype: The architecture.
        skeleton: The plan of the network.

    Returns:
        All trainable weights, those of batch normalisation and the classifier included, without
        auxiliary head; the multiply-adds of convolutions and classifier; and the elements that
        convolutions, poolings, skip connections and classifier read and write. Unlike
        `operation_cost`, no multiply-adds for poolings, which have none.
    """
    skeleton.check(genotype)
    plans = skeleton.plan(genotype.num_nodes)
    total = _stem_cost(skeleton)
    for plan in plans:
        if plan.block:
            total += _block_cost(plan.block)
        total += _preprocessing_cost(plan)
        for connection in genotype.connections(plan.kind):
            total += _edge_cost(plan, connection.source, connection.operation)
    features, classes = plans[-1].output_channels, skeleton.num_classes
    if skeleton.is_residual:
        # The additions of the bias are counted too, as NAS-Bench-201 does.
        total += _normalization_cost(features) + Cost(multiply_adds=classes)
    return total + Cost(
        parameters=(features + 1) * classes,
        multiply_adds=features * classes,
        memory_access=features + classes + (features + 1) * classes,
    )


def _table(cells: CellSpace, plan: CellPlan, cost_of: Callable[[int, str], Cost]) -> np.ndarray:
    """(edges, ops, 3); the edges from one node, or from either input, cost the same."""
    rows = {
        stride: [dataclasses.astuple(cost_of(source, name)) for name in cells.primitives]
        for stride, source in {plan.edge_stride(e.source): e.source for e in cells.edges}.items()
    }
    return np.array([rows[plan.edge_stride(edge.source)] for edge in cells.edges], np.float64)


def _normalization_cost(channels: int, count: int = 1) -> Cost:
    """Scale and shift of batch normalisation; its arithmetic folds into the convolution."""
    return Cost(parameters=2 * channels * count)


def _stem_cost(skeleton: Skeleton) -> Cost:
    total, channels = Cost(), skeleton.image_shape[2]
    resolution: Resolution = skeleton.image_shape[:2]
    for plan in skeleton.stem_convolutions:
        total += convolution_cost(channels, plan.channels, 3, resolution, plan.stride)
        total += _normalization_cost(plan.channels)
        channels, resolution = plan.channels, halved(resolution, plan.stride)
    return total


def _block_cost(plan: BlockPlan) -> Cost:
    inputs, channels, half = plan.input_channels, plan.channels, plan.resolution
    numbers = plan.input_resolution[0] * plan.input_resolution[1] + half[0] * half[1]
    return (
        convolution_cost(inputs, channels, 3, plan.input_resolution, 2)
        + convolution_cost(channels, channels, 3, half)
        + _normalization_cost(channels, 2)
        + Cost(memory_access=inputs * numbers)  # the average pooling
        + convolution_cost(inputs, channels, 1, half)
    )


def _preprocessing_cost(plan: CellPlan) -> Cost:
    total = Cost()
    for channels, resolution, stride in zip(
        plan.input_channels, plan.input_resolutions, plan.preprocess_strides, strict=False
    ):
        if stride == 2:
            total += factorized_reduction_cost(channels, plan.channels, resolution)
        else:
            total += convolution_cost(channels, plan.channels, 1, resolution)
        total += _normalization_cost(plan.channels)
    return total


def _edge_cost(plan: CellPlan, source: int, name: str) -> Cost:
    stride = plan.edge_stride(source)
    record = operation(name).at(stride)
    cost = record.cost(plan.channels, plan.edge_resolution(source), stride)
    if record.group == "pool":
        cost = dataclasses.replace(cost, multiply_adds=0)
    return cost + _normalization_cost(plan.channels, record.normalizations)
