# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a network costs, and what its convolutions do by the formulas of the SNAS authors.

The formulas are those of the resource constraint (section 2.4 of arXiv 1812.09926) as the released
code has them: parameters are the weights of the convolutions, without batch normalisation; memory
access is every element that a convolution reads or writes, its weights included.
"""

from __future__ import annotations

import dataclasses

Resolution = tuple[int, int]


@dataclasses.dataclass(frozen=True, slots=True)
class Cost:
    """What an operation or a network costs for one image.

    Attributes:
        parameters: Number of weights.
        multiply_adds: Multiplications that are followed by an addition.
        memory_access: Elements read and written, weights included.
    """

    parameters: int | float = 0
    multiply_adds: int | float = 0
    memory_access: int | float = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.parameters + other.parameters,
            self.multiply_adds + other.multiply_adds,
            self.memory_access + other.memory_access,
        )


def halved(resolution: Resolution, stride: int) -> Resolution:
    """The resolution behind a stride: divided, rounded up."""
    height, width = resolution
    return -(-height // stride), -(-width // stride)


def convolution_cost(
    channels: int,
    filters: int,
    kernel_size: int,
    resolution: Resolution,
    stride: int = 1,
    groups: int = 1,
) -> Cost:
    """A convolution without bias.

    Args:
        channels: Channels of the input.
        filters: Channels of the output.
        kernel_size: Height and width of the kernel.
        resolution: (height, width) of the input.
        stride: 1 or 2.
        groups: 1, or the number of channels for a depthwise convolution.

    Returns:
        The cost.
    """
    pixels_in = resolution[0] * resolution[1]
    height, width = halved(resolution, stride)
    weights = kernel_size**2 * channels * filters // groups
    return Cost(
        parameters=weights,
        multiply_adds=weights * height * width,
        memory_access=channels * pixels_in + filters * height * width + weights,
    )
