# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The place of a cell in a network, and of what stands before it."""

from __future__ import annotations

import dataclasses

from snas_tf.space.cost import Resolution, halved

RESIDUAL_KIND = "cell"
"""The one kind of cell where residual blocks reduce."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class BlockPlan:
    """A residual block, which halves the resolution.

    [ReLU, 3x3 convolution of stride 2, BN, ReLU, 3x3 convolution, BN], beside [2x2 average pooling
    of stride 2, 1x1 convolution].

    Attributes:
        index: Position of the cell behind it.
        input_channels: Channels of its input.
        channels: Channels of its output.
        input_resolution: (height, width) of its input.
    """

    index: int
    input_channels: int
    channels: int
    input_resolution: Resolution

    @property
    def resolution(self) -> Resolution:
        """(height, width) of its output."""
        return halved(self.input_resolution, 2)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CellPlan:
    """The place of one cell in a network.

    Attributes:
        index: Its position, counted from 0.
        kind: "normal" or "reduction"; "cell" where residual blocks reduce.
        num_nodes: Number of its intermediate nodes.
        channels: Channels of every node.
        input_channels: Channels of each of its inputs.
        input_resolutions: (height, width) of each of its inputs.
        output: One of `OUTPUTS`: what it gives.
        block: The residual block before it, or None.
    """

    index: int
    kind: str
    num_nodes: int
    channels: int
    input_channels: tuple[int, ...]
    input_resolutions: tuple[Resolution, ...]
    output: str = "concatenation"
    block: BlockPlan | None = None

    @property
    def num_inputs(self) -> int:
        """Number of its inputs, the first of its nodes."""
        return len(self.input_channels)

    @property
    def nodes(self) -> range:
        """Its intermediate nodes."""
        return range(self.num_inputs, self.num_inputs + self.num_nodes)

    @property
    def stride(self) -> int:
        """Stride of the edges that leave the cell's inputs; all others have stride 1."""
        return 2 if self.kind == "reduction" else 1

    @property
    def resolution_in(self) -> Resolution:
        """(height, width) of the inputs once they are preprocessed."""
        return self.input_resolutions[-1]

    @property
    def resolution(self) -> Resolution:
        """(height, width) of the intermediate nodes and of the output."""
        return halved(self.resolution_in, self.stride)

    @property
    def output_channels(self) -> int:
        """Channels of the output, the intermediate nodes side by side or the last of them."""
        return self.num_nodes * self.channels if self.output == "concatenation" else self.channels

    @property
    def preprocess_strides(self) -> tuple[int, ...]:
        """Of what brings the inputs to the nodes' channels; none where they have them.

        2 for an input of twice the other's resolution, else 1.
        """
        if self.kind == RESIDUAL_KIND:
            return ()
        return tuple(
            2 if resolution != self.resolution_in else 1 for resolution in self.input_resolutions
        )

    def edge_stride(self, source: int) -> int:
        """The stride of an edge that leaves node `source`."""
        return self.stride if source < self.num_inputs else 1

    def edge_resolution(self, source: int) -> Resolution:
        """(height, width) of node `source`."""
        return self.resolution_in if source < self.num_inputs else self.resolution
