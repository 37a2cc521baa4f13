# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the forward pass of a training step leaves for the backward pass, part by part.

It follows from the gradients of the layers, as TensorFlow's operations compute them:

- a ReLU keeps its output, which the convolutions behind it share;
- a convolution keeps its input, a batch normalisation (BN) its input;
- a pointwise convolution with its BN keeps the convolution's input alone, from which the gradient
  computes the BN's again; not so where one operation an edge runs, in the branch of a conditional;
- a maximum pooling keeps its input, which is the node, or at stride 2 a padded copy, and its
  output, which is the BN's input;
- what is multiplied by Z^k after it was computed once for all edges (pooling, identity) is kept;
- a sum, a concatenation and `none` keep nothing.

Equal computations are done and kept once: the ReLU of a node is that of all operations behind it.

Where custom C++ ops compute the convolutions (`snas_tf.native`), these keep the node, which all of
them share, and what is normalised, in a branch too: no ReLU, no depthwise output, nothing
rearranged. Their maximum pooling pads nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from snas_tf.space.cells.cell_plan import CellPlan
from snas_tf.space.cells.operation import SOURCE, Execution, Place
from snas_tf.space.cells.operations import operation
from snas_tf.space.cells.skeleton import Skeleton
from snas_tf.space.cost import Resolution, halved

NATIVE_CHANNELS = 8
"""Custom C++ ops take channels in multiples of that."""

NATIVE_BYTES_PER_NUMBER = 4
"""They take float32."""

Leaving = Mapping[int, Mapping[str, int]]
"""{node: {operation: number of edges that leave the node with it}}."""


def takes_native(plan: CellPlan, leaving: Leaving, bytes_per_number: int) -> bool:
    """Whether custom C++ ops, where they are in use, compute a cell's convolutions.

    Args:
        plan: The cell's plan.
        leaving: Its edges.
        bytes_per_number: 4 for float32, 2 for a policy of 16 bits.

    Returns:
        Whether there are such convolutions, and all of them can be taken.
    """
    fits = plan.channels % NATIVE_CHANNELS == 0 and bytes_per_number == NATIVE_BYTES_PER_NUMBER
    return fits and stages_of_convolutions(leaving) > 0


def stages_of_convolutions(leaving: Leaving) -> int:
    """How many [ReLU, depthwise, pointwise, BN] a cell has on all its edges."""
    return sum(
        operation(name).native_stages * count
        for num_edges in leaving.values()
        for name, count in num_edges.items()
    )


def kept_by_stem(skeleton: Skeleton) -> int:
    """Numbers an image: the input of every convolution and of every batch normalisation."""
    height, width, channels = skeleton.image_shape
    resolution, numbers = (height, width), 0
    for convolution in skeleton.stem_convolutions:
        numbers += channels * pixels(resolution)
        channels, resolution = convolution.channels, halved(resolution, convolution.stride)
        numbers += channels * pixels(resolution)
    return numbers


def kept_by_block(plan: CellPlan) -> int:
    """Numbers an image, of the residual block before a cell, if there is one.

    The activated input of each convolution and what its BN takes, and the pooled input.
    """
    if plan.block is None:
        return 0
    output = plan.block.channels * pixels(plan.block.resolution)
    inputs = plan.block.input_channels
    return (
        inputs * (pixels(plan.block.input_resolution) + pixels(plan.block.resolution)) + 3 * output
    )


def kept_by_head(skeleton: Skeleton, last: CellPlan) -> int:
    """Numbers an image: what [BN, ReLU] before the classifier takes and gives, where it is."""
    return 2 * last.output_channels * pixels(last.resolution) if skeleton.is_residual else 0


def kept_by_preprocessing(plan: CellPlan, leaving: Leaving, *, alone: bool) -> int:
    """Numbers an image, of the inputs of a cell.

    Args:
        plan: The cell's plan.
        leaving: Its edges; an input without any has no gradient.
        alone: Whether the activated first input is kept for this cell alone: another cell, or the
            other input behind the CIFAR stem, may keep the same.
    """
    numbers = 0
    for source in range(len(plan.preprocess_strides)):
        if not leaving.get(source):
            continue
        channels, resolution = plan.input_channels[source], plan.input_resolutions[source]
        if source == 1 or alone:
            numbers += channels * pixels(resolution)
        if plan.preprocess_strides[source] == 2:
            numbers += 2 * channels * pixels(halved(resolution, 2))  # even and odd pixels
            numbers += plan.channels * pixels(plan.resolution_in)
    return numbers


def kept_by_edges(
    plan: CellPlan, source: int, num_edges: Mapping[str, int], *, supernet: bool, native: bool
) -> int:
    """Numbers an image that the operations on the edges from one node keep, if all of them run.

    Args:
        plan: The cell's plan.
        source: The node.
        num_edges: {operation: number of its edges}.
        supernet: Whether Z weighs what the edges share.
        native: Whether custom C++ ops compute the convolutions.
    """
    execution = Execution(supernet=supernet, native=native)
    return sum(_node_and_others(plan, source, num_edges, execution))


def kept_by_paths(
    plan: CellPlan, source: int, num_edges: Mapping[str, int], *, supernet: bool, native: bool
) -> int:
    """As `kept_by_edges`, at most, if each edge runs one operation: they share the node alone."""
    execution = Execution(supernet=supernet, native=native, in_branch=True)
    return max(
        node + count * others
        for name, count in num_edges.items()
        for node, others in [_node_and_others(plan, source, {name: 1}, execution)]
    )


def _node_and_others(
    plan: CellPlan, source: int, num_edges: Mapping[str, int], execution: Execution
) -> tuple[int, int]:
    """Numbers an image, of the node itself, if it is kept, and of all other tensors."""
    place = Place(plan.channels, plan.edge_resolution(source), plan.edge_stride(source))
    shared: dict[str, int] = {}
    each = 0
    for name, count in num_edges.items():
        if count:
            kept = operation(name).at(place.stride).kept(place, execution)
            shared |= kept.shared
            each += count * kept.each
    node = shared.pop(SOURCE, 0)
    return node, sum(shared.values()) + each


def pixels(resolution: Resolution) -> int:
    """How many pixels there are."""
    return resolution[0] * resolution[1]
