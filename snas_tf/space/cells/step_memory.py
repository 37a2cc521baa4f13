# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How much memory a training step needs, from the plan of the network alone.

Most of it are the tensors that the forward pass leaves for the backward pass, which are counted
(kept_tensors.py). How the memory of the rest goes up and down cannot be counted so; constants stand
for it, fitted to steps of TensorFlow 2.21 on a CPU (benchmarks/step_memory.py), which the estimate
meets to a fifth.
"""

from __future__ import annotations

import collections
import itertools

from snas_tf.errors import InvalidInput
from snas_tf.space.cells.cell_plan import CellPlan
from snas_tf.space.cells.cell_space import CellSpace
from snas_tf.space.cells.costs import cost, edge_costs
from snas_tf.space.cells.genotype import Genotype
from snas_tf.space.cells.kept_tensors import (
    Leaving,
    kept_by_block,
    kept_by_edges,
    kept_by_head,
    kept_by_paths,
    kept_by_preprocessing,
    kept_by_stem,
    pixels,
    stages_of_convolutions,
    takes_native,
)
from snas_tf.space.cells.operations import operation
from snas_tf.space.cells.skeleton import Skeleton
from snas_tf.space.step_memory import StepMemory

GRADIENTS_IN_FLIGHT, NATIVE_GRADIENTS_IN_FLIGHT = 0.25, 0.18
"""Memory of the gradients that are on their way through a cell, relative to what the cell keeps;
and where custom C++ ops compute its convolutions, each of which needs a tensor for the
gradient of the node, and while it runs one between its stages."""

FIXED_WORKSPACE, NATIVE_FIXED_WORKSPACE = 32 * 2**20, 23 * 2**20
"""Bytes that any step takes: the threads' heaps, and what the kernels need besides tensors; and
those where custom C++ ops compute all convolutions, an image at a time."""

FIXED_GRAPH, GRAPH_OF_A_NORMALIZATION, GRAPH_OF_A_NATIVE_STAGE = (
    55 * 2**20,
    1.15 * 2**20,
    0.35 * 2**20,
)
"""Bytes of the host that TensorFlow's graph of a step takes, and those for each BN in it with all
that stands around: the operations, their gradients, and the copies made while it is optimised; and
for one inside a custom C++ op."""

REMATERIALIZED_GRAPH = 1.35
"""The graph of a step that computes its cells again, relative to that of one that does not."""

_WEIGHT_BYTES = 4  # weights, gradients and statistics are float32 under every policy


def step_memory(
    cells: CellSpace,
    skeleton: Skeleton,
    batch_size: int,
    *,
    bytes_per_number: int = 4,
    rematerialize: bool = False,
    single_path: bool = False,
    native: bool = False,
) -> StepMemory:
    """The memory of a step of the search: the supernet, forward and backward, and its update.

    Args:
        cells: The cell space.
        skeleton: The plan of the network.
        batch_size: Images of the step on this device, at least 1.
        bytes_per_number: 4 for float32, 2 for a policy of 16 bits.
        rematerialize: Whether each cell keeps its inputs only and is computed again.
        single_path: Whether only one operation an edge runs; then on every edge the one that keeps
            the most, which is the most that a step can need.
        native: Whether custom C++ ops are in use (`snas_tf.native`), for the convolutions of
            the cells that they can take.

    Returns:
        The estimate; see the module.

    Raises:
        InvalidInput: `batch_size` is not a whole number, at least 1.
    """
    edges = {source: len(cells.edges_from(source)) for source in range(cells.nodes[-1])}
    leaving = {
        source: dict.fromkeys(cells.primitives, num_edges) for source, num_edges in edges.items()
    }
    plans = skeleton.plan(cells.num_nodes)
    trained = cost(cells.empty, skeleton).parameters
    # No scale and shift in its cells.
    trained -= sum(2 * plan.channels * len(plan.preprocess_strides) for plan in plans)
    trained += int(sum(table[..., 0].sum() for table in edge_costs(cells, skeleton).values()))
    return _memory(
        skeleton,
        [(plan, leaving) for plan in plans],
        trained,
        batch_size,
        bytes_per_number,
        supernet=True,
        rematerialize=rematerialize,
        single_path=single_path,
        native=native,
    )


def child_step_memory(
    genotype: Genotype,
    skeleton: Skeleton,
    batch_size: int,
    *,
    bytes_per_number: int = 4,
    native: bool = False,
) -> StepMemory:
    """The memory of a training step of a child network, without auxiliary head.

    Args:
        genotype: The architecture.
        skeleton: The plan of the network.
        batch_size: Images of the step on this device, at least 1.
        bytes_per_number: 4 for float32, 2 for a policy of 16 bits.
        native: Whether custom C++ ops are in use (`snas_tf.native`), for the convolutions of
            the cells that they can take.

    Returns:
        The estimate; see the module.

    Raises:
        InvalidInput: `batch_size` is not a whole number, at least 1.
    """
    built = []
    for plan in skeleton.plan(genotype.num_nodes):
        leaving = collections.defaultdict(collections.Counter)
        for connection in genotype.connections(plan.kind):
            leaving[connection.source][connection.operation] += 1
        built.append((plan, leaving))
    trained = cost(genotype, skeleton).parameters
    return _memory(skeleton, built, trained, batch_size, bytes_per_number, native=native)


def _memory(
    skeleton: Skeleton,
    built: list[tuple[CellPlan, Leaving]],
    trained: int,
    batch_size: int,
    bytes_per_number: int,
    *,
    supernet: bool = False,
    rematerialize: bool = False,
    single_path: bool = False,
    native: bool = False,
) -> StepMemory:
    keeps = kept_by_paths if single_path else kept_by_edges
    if type(batch_size) is not int or batch_size < 1:
        raise InvalidInput(f"`batch_size` must be a whole number, at least 1: given {batch_size!r}")
    natively = [native and takes_native(*cell, bytes_per_number) for cell in built]
    kept = [
        kept_by_preprocessing(
            plan, leaving, alone=rematerialize if plan.index else skeleton.stem == "imagenet"
        )
        + kept_by_block(plan)
        + sum(keeps(plan, *item, supernet=supernet, native=own) for item in leaving.items())
        for (plan, leaving), own in zip(built, natively, strict=True)
    ]
    in_flight = [
        (NATIVE_GRADIENTS_IN_FLIGHT if own else GRADIENTS_IN_FLIGHT) * numbers
        for numbers, own in zip(kept, natively, strict=True)
    ]
    if rematerialize:
        held = [plan.output_channels * pixels(plan.resolution) for plan, _ in built]
        peak = sum(held) + max(map(sum, zip(kept, in_flight, strict=True)))
    else:
        held = kept
        # Behind a cell the backward pass has already given back what it was done with.
        peak = max(map(sum, zip(itertools.accumulate(kept), in_flight, strict=True)))
    fixed_workspace = NATIVE_FIXED_WORKSPACE if all(natively) else FIXED_WORKSPACE
    scale = batch_size * bytes_per_number
    normalizations = _normalizations(skeleton, built, supernet=supernet)
    own_stages = sum(
        stages_of_convolutions(leaving)
        for (_, leaving), own in zip(built, natively, strict=True)
        if own
    )
    if single_path:  # the branches, and what leads to them, are most of it
        own_stages = 0
    graph = FIXED_GRAPH + GRAPH_OF_A_NATIVE_STAGE * own_stages
    graph += GRAPH_OF_A_NORMALIZATION * (len(normalizations) - own_stages)
    return StepMemory(
        weights=_WEIGHT_BYTES * (trained + 2 * sum(normalizations)),  # mean and variance
        optimizer_state=_WEIGHT_BYTES * trained,
        gradients=_WEIGHT_BYTES * trained,
        activations=scale
        * (kept_by_stem(skeleton) + sum(held) + kept_by_head(skeleton, built[-1][0])),
        workspace=round(scale * (peak - sum(held))) + fixed_workspace,
        graph=round(graph * (REMATERIALIZED_GRAPH if rematerialize else 1)),
    )


def _normalizations(
    skeleton: Skeleton, built: list[tuple[CellPlan, Leaving]], *, supernet: bool
) -> list[int]:
    """The channels of every batch normalisation."""
    channels = [convolution.channels for convolution in skeleton.stem_convolutions]
    for plan, leaving in built:
        channels += [plan.channels] * (2 if plan.block else 0)
        count = len(plan.preprocess_strides)
        for source, num_edges in leaving.items():
            for name, number in num_edges.items():
                record = operation(name).at(plan.edge_stride(source))
                inputs = 1 if supernet and record.shares_normalization else number
                count += record.normalizations * inputs
        channels += [plan.channels] * count
    if skeleton.is_residual:
        channels.append(built[-1][0].channels)
    return channels
