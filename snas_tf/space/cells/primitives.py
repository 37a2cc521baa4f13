# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The candidate operations of the paper, and what the reduction between its cells costs."""

from __future__ import annotations

from snas_tf.space.cost import Cost, Resolution, convolution_cost

PRIMITIVES = (
    "none",
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
)
"""The candidate operations of the paper, in the order of the released code."""


def factorized_reduction_cost(channels: int, filters: int, resolution: Resolution) -> Cost:
    """Two pointwise convolutions of stride 2 with half of the filters each."""
    half = convolution_cost(channels, filters // 2, 1, resolution, 2)
    return half + half
