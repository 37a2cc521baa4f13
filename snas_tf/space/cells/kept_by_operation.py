# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What each candidate operation keeps of a step for its gradient; see `kept_tensors`.

It follows from the gradients of its layer. Each is a function of the place where the operation
stands and of how it is run.
"""

from __future__ import annotations

from snas_tf.space.cells.operation import SOURCE, Execution, Kept, Place


def nothing(place: Place, execution: Execution) -> Kept:
    """Zeros need nothing."""
    return Kept()


def identity(place: Place, execution: Execution) -> Kept:
    """Z weighs the node."""
    return Kept({SOURCE: place.node} if execution.supernet else {})


def reduction(place: Place, execution: Execution) -> Kept:
    """What the two pointwise convolutions take, and BN."""
    pixels = {"even pixels": place.output, "odd pixels": place.output}
    return Kept({"activated": place.node, **pixels}, place.output)


def pooling(name: str, place: Place, execution: Execution) -> Kept:
    """Without what the pooling itself keeps: BN's input, and what Z weighs."""
    shared = {f"{name} pooled": place.output}
    if execution.weighed:
        shared[f"{name} normalized"] = place.output
    return Kept(shared)


def max_pooling(place: Place, execution: Execution) -> Kept:
    """What tells which pixel was the greatest, and what all poolings keep."""
    of_pooling = {SOURCE: place.node}
    if place.stride == 2 and not execution.native:
        height, width = place.resolution
        of_pooling = {"padded": place.channels * (height + 2) * (width + 2)}
    return Kept({**of_pooling, **pooling("max_pool_3x3", place, execution).shared})


def plain_pooling(place: Place, execution: Execution) -> Kept:
    """What Z weighs."""
    return Kept({"avg_pool_3x3_plain pooled": place.output} if execution.supernet else {})


def convolution(place: Place, execution: Execution) -> Kept:
    """What the convolution takes, and BN; the custom C++ op, of stride 1, takes the node."""
    takes = SOURCE if execution.native and place.stride == 1 else "activated"
    return Kept({takes: place.node}, place.output)


def separable(stages: int, place: Place, execution: Execution) -> Kept:
    """Of a custom C++ op the products alone. Else what each convolution and BN takes, a pointwise
    convolution and its BN one of both, but in a branch."""
    if execution.native:
        return Kept({SOURCE: place.node}, stages * place.output)
    tensors = 2 * stages - 1 + stages * execution.in_branch
    return Kept({"activated": place.node}, tensors * place.output)


def dilated(place: Place, execution: Execution) -> Kept:
    """As a separable convolution of one stage, of pixels that are rearranged."""
    kept = separable(1, place, execution)
    if execution.native:
        return kept
    pixels = {"even pixels": place.output} if place.stride == 2 else {"rearranged": place.node}
    return Kept({**kept.shared, **pixels}, kept.each)
