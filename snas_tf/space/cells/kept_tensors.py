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

Where custom C++ ops compute the separable and the dilated convolutions (`snas_tf.native`),
these keep the node, which all of them share, and the outputs of their pointwise convolutions, in a
branch too: no ReLU, no depthwise output, nothing rearranged. Their maximum pooling pads nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from snas_tf.space.cells.primitives import Resolution, halved
from snas_tf.space.cells.skeleton import CellPlan, Skeleton

NATIVE_CHANNELS = 8
"""Custom C++ ops take channels in multiples of that."""

NATIVE_BYTES_PER_NUMBER = 4
"""They take float32."""

_STAGES = {"sep_conv_3x3": 2, "sep_conv_5x5": 2, "dil_conv_3x3": 1, "dil_conv_5x5": 1}

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
        _STAGES.get(operation, 0) * count
        for num_edges in leaving.values()
        for operation, count in num_edges.items()
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


def kept_by_preprocessing(plan: CellPlan, leaving: Leaving, *, alone: bool) -> int:
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
    node, others = _node_and_others(plan, source, num_edges, supernet, native, in_branch=False)
    return node + others


def kept_by_paths(
    plan: CellPlan, source: int, num_edges: Mapping[str, int], *, supernet: bool, native: bool
) -> int:
    """As `kept_by_edges`, at most, if each edge runs one operation: they share the node alone."""
    return max(
        node + count * others
        for operation, count in num_edges.items()
        for node, others in [
            _node_and_others(plan, source, {operation: 1}, supernet, native, in_branch=True)
        ]
    )


def _node_and_others(
    plan: CellPlan,
    source: int,
    num_edges: Mapping[str, int],
    supernet: bool,
    native: bool,
    *,
    in_branch: bool,
) -> tuple[int, int]:
    """Numbers an image, of the node itself, if it is kept, and of all other tensors."""
    stride, resolution = plan.edge_stride(source), plan.edge_resolution(source)
    node = plan.channels * pixels(resolution)
    output = plan.channels * pixels(halved(resolution, stride))
    found = {operation for operation, count in num_edges.items() if count}
    dilated = {operation for operation in found if operation.startswith("dil_conv")}
    separable = {operation for operation in found if operation.startswith("sep_conv")}
    poolings = {operation for operation in found if operation.endswith("pool_3x3")}
    identity = "skip_connect" in found and stride == 1
    reduction = "skip_connect" in found and stride == 2
    max_pooling = "max_pool_3x3" in found
    convolutions = dilated | separable
    keeps_node = (
        (max_pooling and (stride == 1 or native))
        or (identity and supernet)
        or (native and bool(convolutions))
    )
    others = 0
    if max_pooling and stride == 2 and not native:
        height, width = resolution
        others += plan.channels * pixels((height + 2, width + 2))  # padded
    if reduction or (convolutions and not native):
        others += node  # activated
    if dilated and stride == 1 and not native:
        others += node  # rearranged
    elif reduction:
        others += 2 * output  # every second pixel, and those between
    elif dilated and not native:
        others += output  # every second pixel
    weighed = supernet and not in_branch  # for one edge the weight is in the BN
    others += (1 + weighed) * output * len(poolings)  # BN's input, and what Z weighs
    if native:
        of_stages = {"dilated": 1, "separable": 2}
    else:
        of_stages = {"dilated": 1 + in_branch, "separable": 3 + 2 * in_branch}
    for operations, tensors in (
        (dilated, of_stages["dilated"]),
        (separable, of_stages["separable"]),
        (["skip_connect"], int(reduction)),
    ):
        others += tensors * output * sum(num_edges.get(name, 0) for name in operations)
    return node * keeps_node, others


def pixels(resolution: Resolution) -> int:
    """How many pixels there are."""
    return resolution[0] * resolution[1]
