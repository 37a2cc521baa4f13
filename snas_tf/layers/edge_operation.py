# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the candidate operations have in common: one operation on the E edges that leave a node."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

Shape = tuple[int | None, ...]


class EdgeOperation(keras.layers.Layer):
    """One candidate operation O^k on the E edges that leave the same node.

    Every edge has its own weights, stacked along a leading axis; what the edges can share (the
    activation, the pooling, the rearrangement of a dilated convolution) is computed once. A child
    network uses the same layer with one edge.

    Args:
        num_edges: Number of edges E, positive.
        stride: 1, or 2 on the edges from the inputs of a reduction cell.
        affine: Whether batch normalisation has a trained scale and shift.

    Call arguments:
        inputs: The source node, (batch, height, width, channels).
        edge_weights: float32 (E,), the weights Z^k of this operation, or None for ones.
        training: Whether batch normalisation uses and updates the batch's statistics.

    Returns:
        List of E tensors (batch, ceil(height / stride), ceil(width / stride), channels), in the
        layer's compute dtype: Z^k O^k(inputs).
    """

    def __init__(
        self, num_edges: int = 1, stride: int = 1, affine: bool = True, **kwargs: Any
    ) -> None:
        # Architecture weights stay float32 under every policy, so nothing is cast behind our back.
        super().__init__(autocast=False, **kwargs)
        if num_edges < 1:
            raise ValueError(f"`num_edges` must be positive. Received: {num_edges}.")
        if stride not in (1, 2):
            raise ValueError(f"`stride` must be 1 or 2. Received: {stride}.")
        self.num_edges = num_edges
        self.stride = stride
        self.affine = affine

    def downsampled(self, input_shape: Shape, channels: int | None = None) -> Shape:
        """The shape of one output: resolution divided by the stride, rounded up."""
        batch, height, width, input_channels = input_shape
        return (
            batch,
            None if height is None else -(-height // self.stride),
            None if width is None else -(-width // self.stride),
            channels or input_channels,
        )

    def compute_output_shape(self, input_shape: Shape, *args: Any) -> list[Shape]:
        """Shapes of the E outputs."""
        return [self.downsampled(input_shape)] * self.num_edges

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "num_edges": self.num_edges,
            "stride": self.stride,
            "affine": self.affine,
        }


def weighted(tensor: tf.Tensor, edge_weights: tf.Tensor | None, num_edges: int) -> list[tf.Tensor]:
    """A tensor that all edges share, once for every edge, times the edge's weight.

    Args:
        tensor: What the edges share, of any shape.
        edge_weights: float32 (E,), or None for ones.
        num_edges: E.

    Returns:
        List of E tensors like `tensor`.
    """
    if edge_weights is None:
        return [tensor] * num_edges
    return [tensor * weight for weight in tf.unstack(tf.cast(edge_weights, tensor.dtype))]
