# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How much memory a training step needs, from the plan of the network alone.

Most of it are the tensors that the forward pass leaves for the backward pass, and which these are
follows from the gradients of the layers:

- a ReLU keeps its output, which the convolutions behind it share;
- a convolution keeps its input, a batch normalisation (BN) its input;
- a pointwise convolution with its BN keeps the convolution's input alone, from which the gradient
  computes the BN's again; not so where one operation an edge runs, in the branch of a conditional;
- a maximum pooling keeps its input, which is the node, and its output, which is the BN's input;
- what is multiplied by Z^k after it was computed once for all edges (pooling, identity) is kept;
- a sum, a concatenation and `none` keep nothing.

Equal computations are done and kept once: the ReLU of a node is that of all operations behind it.
How the memory of the rest goes up and down cannot be counted so; constants stand for it, fitted to
steps of TensorFlow 2.21 on a CPU (benchmarks/step_memory.py), which the estimate meets to a fifth.
"""

from __future__ import annotations

import collections
import dataclasses
import itertools
from collections.abc import Mapping

from snas_tf.errors import InvalidInput
from snas_tf.space.cell_space import CellSpace
from snas_tf.space.costs import cost, edge_costs
from snas_tf.space.genotype import Genotype
from snas_tf.space.primitives import Resolution, halved
from snas_tf.space.skeleton import CellPlan, Skeleton

GRADIENTS_IN_FLIGHT = 0.25
"""Memory of the gradients that are on their way through a cell, relative to what the cell keeps."""

FIXED_WORKSPACE = 32 * 2**20
"""Bytes that any step takes: the threads' heaps, and what the kernels need besides tensors."""

FIXED_GRAPH, GRAPH_OF_A_NORMALIZATION = 55 * 2**20, 1.2 * 2**20
"""Bytes of the host that TensorFlow's graph of a step takes, and those for each BN in it with all
that stands around: the operations, their gradients, and the copies made while it is optimised."""

REMATERIALIZED_GRAPH = 1.25
"""The graph of a step that computes its cells again, relative to that of one that does not."""

_WEIGHT_BYTES = 4  # weights, gradients and statistics are float32 under every policy


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StepMemory:
    """The memory of a training step on one device, in bytes.

    Attributes:
        weights: The trained weights and the running statistics of batch normalisation.
        optimizer_state: One number a trained weight, as SGD with momentum has.
        gradients: One number a trained weight.
        activations: What the forward pass keeps for the backward pass.
        workspace: The most that comes and goes besides; with rematerialisation one cell's
            activations are in it.
        graph: What the program of the step takes on the host, in its memory and not the device's
            where they differ; no part of `total`.
    """

    weights: int
    optimizer_state: int
    gradients: int
    activations: int
    workspace: int
    graph: int

    @property
    def total(self) -> int:
        """All that the tensors take."""
        tensors = self.weights + self.optimizer_state + self.gradients
        return tensors + self.activations + self.workspace


def step_memory(
    cells: CellSpace,
    skeleton: Skeleton,
    batch_size: int,
    *,
    bytes_per_number: int = 4,
    rematerialize: bool = False,
    single_path: bool = False,
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
    trained = cost(Genotype((), (), cells.num_nodes), skeleton).parameters
    trained -= sum(4 * plan.channels for plan in plans)  # no scale and shift in its cells
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
    )


def child_step_memory(
    genotype: Genotype, skeleton: Skeleton, batch_size: int, *, bytes_per_number: int = 4
) -> StepMemory:
    """The memory of a training step of a child network, without auxiliary head.

    Args:
        genotype: The architecture.
        skeleton: The plan of the network.
        batch_size: Images of the step on this device, at least 1.
        bytes_per_number: 4 for float32, 2 for a policy of 16 bits.

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
    return _memory(skeleton, built, trained, batch_size, bytes_per_number)


_Leaving = Mapping[int, Mapping[str, int]]
"""{node: {operation: number of edges that leave the node with it}}."""


def _memory(
    skeleton: Skeleton,
    built: list[tuple[CellPlan, _Leaving]],
    trained: int,
    batch_size: int,
    bytes_per_number: int,
    *,
    supernet: bool = False,
    rematerialize: bool = False,
    single_path: bool = False,
) -> StepMemory:
    keeps = _kept_by_a_path if single_path else _kept_by_source
    if type(batch_size) is not int or batch_size < 1:
        raise InvalidInput(f"`batch_size` must be a whole number, at least 1: given {batch_size!r}")
    kept = [
        _kept_by_preprocessing(
            plan, leaving, alone=rematerialize if plan.index else skeleton.stem == "imagenet"
        )
        + sum(keeps(plan, *item, supernet=supernet) for item in leaving.items())
        for plan, leaving in built
    ]
    in_flight = [GRADIENTS_IN_FLIGHT * numbers for numbers in kept]
    if rematerialize:
        held = [plan.output_channels * _pixels(plan.resolution) for plan, _ in built]
        peak = sum(held) + max(map(sum, zip(kept, in_flight, strict=True)))
    else:
        held = kept
        # Behind a cell the backward pass has already given back what it was done with.
        peak = max(map(sum, zip(itertools.accumulate(kept), in_flight, strict=True)))
    scale = batch_size * bytes_per_number
    normalizations = _normalizations(skeleton, built, supernet=supernet)
    graph = FIXED_GRAPH + GRAPH_OF_A_NORMALIZATION * len(normalizations)
    return StepMemory(
        weights=_WEIGHT_BYTES * (trained + 2 * sum(normalizations)),  # mean and variance
        optimizer_state=_WEIGHT_BYTES * trained,
        gradients=_WEIGHT_BYTES * trained,
        activations=scale * (_kept_by_stem(skeleton) + sum(held)),
        workspace=round(scale * (peak - sum(held))) + FIXED_WORKSPACE,
        graph=round(graph * (REMATERIALIZED_GRAPH if rematerialize else 1)),
    )


def _kept_by_stem(skeleton: Skeleton) -> int:
    """Numbers an image: the input of every convolution and of every batch normalisation."""
    height, width, channels = skeleton.image_shape
    resolution, numbers = (height, width), 0
    for convolution in skeleton.stem_convolutions:
        numbers += channels * _pixels(resolution)
        channels, resolution = convolution.channels, halved(resolution, convolution.stride)
        numbers += channels * _pixels(resolution)
    return numbers


def _kept_by_preprocessing(plan: CellPlan, leaving: _Leaving, *, alone: bool) -> int:
    """Numbers an image, of both inputs of a cell.

    Args:
        plan: The cell's plan.
        leaving: Its edges; an input without any has no gradient.
        alone: Whether the activated first input is kept for this cell alone: another cell, or the
            other input behind the CIFAR stem, may keep the same.
    """
    numbers = 0
    for source in (0, 1):
        if not leaving.get(source):
            continue
        channels, resolution = plan.input_channels[source], plan.input_resolutions[source]
        if source == 1 or alone:
            numbers += channels * _pixels(resolution)
        if plan.preprocess_strides[source] == 2:
            numbers += 2 * channels * _pixels(halved(resolution, 2))  # even and odd pixels
            numbers += plan.channels * _pixels(plan.resolution_in)
    return numbers


def _kept_by_source(
    plan: CellPlan,
    source: int,
    num_edges: Mapping[str, int],
    *,
    supernet: bool,
    in_branch: bool = False,
) -> int:
    """Numbers an image that the operations on the edges from one node keep.

    Args:
        plan: The cell's plan.
        source: The node.
        num_edges: {operation: number of its edges}.
        supernet: Whether Z weighs what the edges share.
        in_branch: Whether they are in the branch of a conditional.
    """
    stride, resolution = plan.edge_stride(source), plan.edge_resolution(source)
    node = plan.channels * _pixels(resolution)
    output = plan.channels * _pixels(halved(resolution, stride))
    found = {operation for operation, count in num_edges.items() if count}
    dilated = {operation for operation in found if operation.startswith("dil_conv")}
    separable = {operation for operation in found if operation.startswith("sep_conv")}
    poolings = {operation for operation in found if operation.endswith("pool_3x3")}
    identity = "skip_connect" in found and stride == 1
    reduction = "skip_connect" in found and stride == 2
    numbers = 0
    if "max_pool_3x3" in found or (identity and supernet):
        numbers += node
    if dilated or separable or reduction:
        numbers += node  # activated
    if dilated and stride == 1:
        numbers += node  # rearranged
    elif dilated or reduction:
        numbers += (2 if reduction else 1) * output  # every second pixel, and those between
    numbers += (2 if supernet else 1) * output * len(poolings)  # BN's input, and what Z weighs
    products = int(in_branch)  # those of the pointwise convolutions, an edge and stage each
    for operations, tensors in (
        (dilated, 1 + products),
        (separable, 3 + 2 * products),
        (["skip_connect"], int(reduction)),
    ):
        numbers += tensors * output * sum(num_edges.get(name, 0) for name in operations)
    return numbers


def _kept_by_a_path(
    plan: CellPlan, source: int, num_edges: Mapping[str, int], *, supernet: bool
) -> int:
    """As `_kept_by_source`, at most, if each edge runs one operation, which shares nothing."""
    return max(
        count * _kept_by_source(plan, source, {operation: 1}, supernet=supernet, in_branch=True)
        for operation, count in num_edges.items()
    )


def _normalizations(
    skeleton: Skeleton, built: list[tuple[CellPlan, _Leaving]], *, supernet: bool
) -> list[int]:
    """The channels of every batch normalisation."""
    channels = [convolution.channels for convolution in skeleton.stem_convolutions]
    for plan, leaving in built:
        count = 2  # of the preprocessing
        for source, num_edges in leaving.items():
            for operation, number in num_edges.items():
                if operation.startswith("sep_conv"):
                    count += 2 * number
                elif operation.endswith("pool_3x3"):
                    count += 1 if supernet else number
                elif operation.startswith("dil_conv") or (
                    operation == "skip_connect" and plan.edge_stride(source) == 2
                ):
                    count += number
        channels += [plan.channels] * count
    return channels


def _pixels(resolution: Resolution) -> int:
    return resolution[0] * resolution[1]
