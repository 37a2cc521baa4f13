# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The pieces of a child network, one by one, as Keras layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from snas_tf import space
from snas_tf.layers import (
    BNReLU,
    Classifier,
    EdgeOperation,
    FactorizedReduction,
    ReLUConvBN,
    ResidualReduction,
    Stem,
    candidate_operation,
)
from snas_tf.space.cells import network_pieces

Function = Callable[[Sequence[tf.Tensor]], tf.Tensor]
_SUMMANDS = 4  # near the mean of a node; the graph optimizer makes one operation of all of them

_PARTS: dict[str, Callable[[space.Piece], keras.layers.Layer]] = {
    network_pieces.ADDITION: lambda piece: keras.layers.Add(),
    network_pieces.CONCATENATION: lambda piece: keras.layers.Concatenate(),
    network_pieces.CLASSIFIER: lambda piece: Classifier(piece.channels),
    network_pieces.BN_RELU: lambda piece: BNReLU(),
    network_pieces.RESIDUAL_REDUCTION: lambda piece: ResidualReduction(piece.channels),
    network_pieces.RELU_CONV_BN: lambda piece: ReLUConvBN(piece.channels),
    network_pieces.FACTORIZED_REDUCTION: lambda piece: FactorizedReduction(piece.channels),
}
"""What is no operation on an edge, nor a stem."""


def arity(piece: space.Piece) -> int:
    """The number of tensors that a piece takes.

    Args:
        piece: Such as one of `space.pieces`.

    Returns:
        One, except for a sum or a concatenation.
    """
    if piece.operation == network_pieces.ADDITION:
        return _SUMMANDS
    if piece.operation == network_pieces.CONCATENATION:
        return piece.channels // piece.input_channels
    return 1


def function(piece: space.Piece, shape: tuple[int, ...]) -> Function:
    """A piece as a child network has it, in inference mode, with weights of its own.

    Args:
        piece: Such as one of `space.pieces`.
        shape: (batch, height, width, channels) of an input.

    Returns:
        From `arity` tensors to the output.
    """
    layer = layer_of(piece)
    merges = isinstance(layer, keras.layers.Add | keras.layers.Concatenate)
    layer.build([shape] * arity(piece) if merges else shape)

    def output(tensors: Sequence[tf.Tensor]) -> tf.Tensor:
        if merges:
            return layer(list(tensors))
        answer = layer(tensors[0])
        return answer[-1] if isinstance(layer, EdgeOperation | Stem) else answer

    return output


def layer_of(piece: space.Piece) -> keras.layers.Layer:
    """The layer of a piece, unbuilt; called without `training` it is in inference mode."""
    name = piece.operation
    if name in _PARTS:
        return _PARTS[name](piece)
    if name in network_pieces.STEM_PIECES:
        return Stem(network_pieces.STEM_PIECES[name], piece.channels)
    return candidate_operation(name, stride=piece.stride)
