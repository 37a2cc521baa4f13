# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How each candidate operation is written in Keras's own layers; the records name these functions.

Each takes what writes the layers, the operation's built layer of one edge, and a symbolic tensor.
What wants care is told in `plain_operations`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

from snas_tf.layers import (
    AveragePooling,
    Convolution,
    DilatedConvolution,
    FactorizedReduction,
    MaxPooling,
    PlainAveragePooling,
    SeparableConvolution,
    SkipConnection,
)

if TYPE_CHECKING:
    from snas_tf.networks.plain_operations import Border, PlainOperations

_END: Border = ((0, 1), (0, 1))
_START: Border = ((1, 0), (1, 0))


def identity(
    plain: PlainOperations, layer: SkipConnection, inputs: keras.KerasTensor
) -> keras.KerasTensor:
    """A skip connection at stride 1."""
    return keras.layers.Identity(name=layer.name, dtype=plain.dtype)(inputs)


def pooling(
    plain: PlainOperations, layer: MaxPooling | AveragePooling, inputs: keras.KerasTensor
) -> keras.KerasTensor:
    """A pooling and its normalisation."""
    pooled = plain_pooling(plain, layer, inputs)
    return plain.normalization(f"{layer.name}_normalization", layer.normalization, pooled)


def plain_pooling(
    plain: PlainOperations,
    layer: MaxPooling | AveragePooling | PlainAveragePooling,
    inputs: keras.KerasTensor,
) -> keras.KerasTensor:
    """A pooling alone."""
    kind = keras.layers.AveragePooling2D
    if isinstance(layer, MaxPooling):
        kind = keras.layers.MaxPooling2D
    pooled = kind(
        3,
        strides=1,
        padding="same",
        data_format="channels_last",
        name=f"{layer.name}_pooling",
        dtype=plain.dtype,
    )(inputs)
    return plain.subsampled(layer.name, pooled) if layer.stride == 2 else pooled


def convolution(
    plain: PlainOperations, layer: Convolution, inputs: keras.KerasTensor
) -> keras.KerasTensor:
    """[ReLU, convolution, BN]."""
    name, border = layer.name, layer.kernel_size // 2
    activated = plain.relu(name, inputs)
    if layer.stride == 2 and border:
        activated = plain.padded(name, activated, ((border, border), (border, border)))
    place = f"{name}_convolution"
    convolved = plain.convolution(layer, place, activated, layer.kernel[0], layer.stride)
    return plain.normalization(f"{name}_normalization", layer.normalization, convolved)


def separable_convolution(
    plain: PlainOperations, layer: SeparableConvolution, inputs: keras.KerasTensor
) -> keras.KerasTensor:
    """Twice [ReLU, depthwise, pointwise, BN]."""
    stages = zip(
        layer.depthwise_kernels, layer.pointwise_kernels, layer.normalizations, strict=True
    )
    for stage, (spatial, mixing, normalization) in enumerate(stages, start=1):
        name = f"{layer.name}_{stage}"
        stride = layer.stride if stage == 1 else 1
        activated = plain.relu(name, inputs)
        if stride == 2:
            border = layer.kernel_size // 2
            activated = plain.padded(name, activated, ((border, border), (border, border)))
        convolved = plain.separable(layer, name, activated, (spatial, mixing), stride)
        inputs = plain.normalization(f"{name}_normalization", normalization, convolved)
    return inputs


def dilated_convolution(
    plain: PlainOperations, layer: DilatedConvolution, inputs: keras.KerasTensor
) -> keras.KerasTensor:
    """[ReLU, dilated depthwise, pointwise, BN]."""
    name, kernels = layer.name, (layer.depthwise_kernel, layer.pointwise_kernel)
    if layer.stride == 2:
        inputs = plain.subsampled(name, inputs)
    activated = plain.relu(name, inputs)
    dilation = 1 if layer.stride == 2 else layer.dilation
    convolved = plain.separable(layer, name, activated, kernels, dilation=dilation)
    return plain.normalization(f"{name}_normalization", layer.normalization, convolved)


def factorized_reduction(
    plain: PlainOperations, layer: FactorizedReduction, inputs: keras.KerasTensor
) -> keras.KerasTensor:
    """[ReLU, two pointwise convolutions of stride 2 a pixel apart, BN]."""
    name = layer.name
    activated = plain.relu(name, inputs)
    shifted = keras.layers.Cropping2D(
        _START, data_format="channels_last", name=f"{name}_shift", dtype=plain.dtype
    )(plain.padded(name, activated, _END))
    halves = [
        plain.convolution(layer, f"{name}_convolution_{half}", pixels, kernel[0][None, None], 2)
        for half, (pixels, kernel) in enumerate(
            zip((activated, shifted), layer.kernels, strict=True), start=1
        )
    ]
    whole = plain.concatenated(f"{name}_halves", halves)
    return plain.normalization(f"{name}_normalization", layer.normalization, whole)
