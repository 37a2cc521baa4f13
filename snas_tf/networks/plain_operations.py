# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What each layer of a child network computes, in Keras's own layers alone, its weights inside.

Every layer says `channels_last` and its dtype by itself, so that neither the keras.json of who
loads it nor its backend changes what it computes. Four things want care.

Stride: "same" padding at stride 2 pads an even image at its end alone, which shifts the grid
against the paper's. A convolution is padded explicitly; a pooling is done at stride 1 and
subsampled, exactly, by a maximum over windows of one pixel.

Dilation: Keras's strided dilated depthwise convolution is silently wrong on TensorFlow. One of
dilation 2 at stride 2 sees only pixels of even rows and columns, so it is the ordinary one, at
stride 1, of every second pixel.

Border: Keras's average pooling with "same" padding leaves the border out of the mean on every
backend, as the paper's does, and its maximum pads minus infinity.

Sizes: the second half of a factorized reduction begins one pixel further on, where an odd image has
a row and a column too few. Zeros are added to any image; an even one does not look at them. So
nothing here depends on height and width.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras

from snas_tf.layers import BatchNormalization, BNReLU, Classifier
from snas_tf.layers.normalization.batch_normalization import EPSILON

Border = tuple[tuple[int, int], tuple[int, int]]
"""Pixels ((above, below), (left, right))."""


class PlainOperations:
    """Applies Keras's own layers to a symbolic tensor in the place of a layer of a child network.

    What is made for a layer bears its name and a word more.

    Args:
        dtype: Dtype policy of the layers.
    """

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype

    def bn_relu(self, layer: BNReLU, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Batch normalisation and an activation."""
        place = f"{layer.name}_normalization"
        return self.relu(layer.name, self.normalization(place, layer.normalization, inputs))

    def zeros(self, name: str, inputs: keras.KerasTensor, stride: int) -> keras.KerasTensor:
        """Zeros in the shape of the inputs, or at stride 2 of half of it."""
        if stride == 2:
            inputs = self.subsampled(name, inputs)
        return keras.layers.Rescaling(0.0, name=name, dtype=self.dtype)(inputs)

    def total(self, name: str, arriving: Sequence[keras.KerasTensor]) -> keras.KerasTensor:
        """The sum of what arrives, one tensor at least."""
        if len(arriving) == 1:
            return arriving[0]
        return keras.layers.Add(name=name, dtype=self.dtype)(arriving)

    def concatenated(self, name: str, nodes: Sequence[keras.KerasTensor]) -> keras.KerasTensor:
        """Several tensors, their channels side by side."""
        return keras.layers.Concatenate(axis=-1, name=name, dtype=self.dtype)(nodes)

    def classifier(
        self, layer: Classifier, inputs: keras.KerasTensor, activation: str | None
    ) -> keras.KerasTensor:
        """Features, "features", and the logits, "classifier", float32 under every policy."""
        features = keras.layers.GlobalAveragePooling2D(
            data_format="channels_last", name="features", dtype="float32"
        )(inputs)
        dense = keras.layers.Dense(layer.num_classes, name="classifier", dtype="float32")
        kernel, bias = layer.dense.kernel, layer.dense.bias
        logits = _with_weights(dense, layer.dense, features, kernel, bias)
        if activation is None:
            return logits
        return keras.layers.Activation(activation, name="activation", dtype="float32")(logits)

    def convolution(
        self,
        source: keras.layers.Layer,
        name: str,
        inputs: keras.KerasTensor,
        kernel: keras.KerasTensor,
        stride: int = 1,
    ) -> keras.KerasTensor:
        """By a kernel (size, size, channels, filters); at stride 2 of what is padded already."""
        layer = keras.layers.Conv2D(
            kernel.shape[-1],
            kernel.shape[:2],
            strides=stride,
            padding="same" if stride == 1 else "valid",
            data_format="channels_last",
            use_bias=False,
            name=name,
            dtype=self.dtype,
        )
        return _with_weights(layer, source, inputs, kernel)

    def separable(
        self,
        source: keras.layers.Layer,
        name: str,
        inputs: keras.KerasTensor,
        kernels: tuple[keras.Variable, keras.Variable],
        stride: int = 1,
        dilation: int = 1,
    ) -> keras.KerasTensor:
        """By kernels (1, size, size, channels, 1) and (1, channels, filters) of one edge."""
        spatial, mixing = kernels
        layer = keras.layers.SeparableConv2D(
            mixing.shape[-1],
            spatial.shape[1:3],
            strides=stride,
            padding="same" if stride == 1 else "valid",
            dilation_rate=dilation,
            data_format="channels_last",
            use_bias=False,
            name=f"{name}_convolution",
            dtype=self.dtype,
        )
        return _with_weights(layer, source, inputs, spatial[0], mixing[0][None, None])

    def normalization(
        self, name: str, normalization: BatchNormalization, inputs: keras.KerasTensor
    ) -> keras.KerasTensor:
        """A batch normalisation of one edge."""
        layer = keras.layers.BatchNormalization(
            axis=-1,
            momentum=normalization.momentum,
            epsilon=EPSILON,
            center=normalization.affine,
            scale=normalization.affine,
            name=name,
            dtype=self.dtype,
        )
        affine = (normalization.gamma, normalization.beta) if normalization.affine else ()
        weights = (*affine, normalization.moving_mean, normalization.moving_variance)
        return _with_weights(layer, normalization, inputs, *(weight[0] for weight in weights))

    def relu(self, name: str, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """An activation."""
        return keras.layers.ReLU(name=f"{name}_relu", dtype=self.dtype)(inputs)

    def padded(self, name: str, inputs: keras.KerasTensor, border: Border) -> keras.KerasTensor:
        """Zeros around it."""
        return keras.layers.ZeroPadding2D(
            border, data_format="channels_last", name=f"{name}_padding", dtype=self.dtype
        )(inputs)

    def subsampled(self, name: str, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Every second row and column."""
        return keras.layers.MaxPooling2D(
            1,
            strides=2,
            padding="valid",
            data_format="channels_last",
            name=f"{name}_subsampling",
            dtype=self.dtype,
        )(inputs)


def _with_weights(
    layer: keras.layers.Layer,
    source: keras.layers.Layer,
    inputs: keras.KerasTensor,
    *weights: keras.KerasTensor,
) -> keras.KerasTensor:
    """What a new layer makes of its inputs, with weights of a source, and frozen if that is."""
    outputs = layer(inputs)
    layer.set_weights([keras.ops.convert_to_numpy(weight) for weight in weights])
    layer.trainable = source.trainable
    return outputs
