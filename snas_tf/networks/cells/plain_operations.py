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

from snas_tf.layers import (
    AveragePooling,
    BatchNormalization,
    Classifier,
    DilatedConvolution,
    EdgeOperation,
    FactorizedReduction,
    MaxPooling,
    ReLUConvBN,
    SeparableConvolution,
    SkipConnection,
    Stem,
)
from snas_tf.layers.normalization.batch_normalization import EPSILON
from snas_tf.layers.stem import ConvBN

_Border = tuple[tuple[int, int], tuple[int, int]]
_END: _Border = ((0, 1), (0, 1))
_START: _Border = ((1, 0), (1, 0))


class PlainOperations:
    """Applies Keras's own layers to a symbolic tensor in the place of a layer of a child network.

    What is made for a layer bears its name and a word more.

    Args:
        dtype: Dtype policy of the layers.
    """

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype

    def stem(
        self, stem: Stem, images: keras.KerasTensor
    ) -> tuple[keras.KerasTensor, keras.KerasTensor]:
        """Images to the first cell's two inputs."""
        tensors = [images]
        for position, layer in enumerate(stem.convolutions):
            tensors.append(self._stem_convolution(layer, f"{stem.name}_{position}", tensors[-1]))
        return (tensors[-1], tensors[-1]) if stem.kind == "cifar" else (tensors[-2], tensors[-1])

    def preprocessing(
        self, layer: ReLUConvBN | FactorizedReduction, inputs: keras.KerasTensor
    ) -> keras.KerasTensor:
        """An input of a cell, at the cell's channels and resolution."""
        if isinstance(layer, FactorizedReduction):
            return self._factorized_reduction(layer, inputs)
        name = layer.name
        kernel = layer.kernel[None, None]
        activated = self._relu(name, inputs)
        convolved = self._convolution(layer, f"{name}_convolution", activated, kernel)
        return self._normalization(f"{name}_normalization", layer.normalization, convolved)

    def operation(self, layer: EdgeOperation, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """An edge.

        Raises:
            TypeError: The layer is none of the candidate operations.
        """
        match layer:
            case SkipConnection():
                return self._identity(layer.name, inputs)
            case FactorizedReduction():
                return self._factorized_reduction(layer, inputs)
            case SeparableConvolution():
                return self._separable_convolution(layer, inputs)
            case DilatedConvolution():
                return self._dilated_convolution(layer, inputs)
            case MaxPooling():
                return self._pooling(layer, keras.layers.MaxPooling2D, inputs)
            case AveragePooling():
                return self._pooling(layer, keras.layers.AveragePooling2D, inputs)
        raise TypeError(f"`layer` must be a candidate operation. Received: {layer!r}.")

    def zeros(self, name: str, inputs: keras.KerasTensor, stride: int) -> keras.KerasTensor:
        """A node that no edge leads to: zeros in the shape of the cell's inputs, or half of it."""
        if stride == 2:
            inputs = self._subsampled(name, inputs)
        return keras.layers.Rescaling(0.0, name=name, dtype=self.dtype)(inputs)

    def total(self, name: str, arriving: Sequence[keras.KerasTensor]) -> keras.KerasTensor:
        """A node: the sum of the edges that lead to it, one at least."""
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

    def _stem_convolution(
        self, layer: ConvBN, name: str, inputs: keras.KerasTensor
    ) -> keras.KerasTensor:
        if layer.activated:
            inputs = self._relu(name, inputs)
        if layer.stride == 2:
            inputs = self._padded(name, inputs, ((1, 1), (1, 1)))
        place = f"{name}_convolution"
        convolved = self._convolution(layer, place, inputs, layer.kernel, layer.stride)
        return self._normalization(f"{name}_normalization", layer.normalization, convolved)

    def _pooling(
        self,
        layer: MaxPooling | AveragePooling,
        kind: type[keras.layers.Layer],
        inputs: keras.KerasTensor,
    ) -> keras.KerasTensor:
        name = layer.name
        pooling = kind(
            3,
            strides=1,
            padding="same",
            data_format="channels_last",
            name=f"{name}_pooling",
            dtype=self.dtype,
        )
        pooled = pooling(inputs)
        if layer.stride == 2:
            pooled = self._subsampled(name, pooled)
        return self._normalization(f"{name}_normalization", layer.normalization, pooled)

    def _separable_convolution(
        self, layer: SeparableConvolution, inputs: keras.KerasTensor
    ) -> keras.KerasTensor:
        stages = zip(
            layer.depthwise_kernels, layer.pointwise_kernels, layer.normalizations, strict=True
        )
        for stage, (spatial, mixing, normalization) in enumerate(stages, start=1):
            name = f"{layer.name}_{stage}"
            stride = layer.stride if stage == 1 else 1
            activated = self._relu(name, inputs)
            if stride == 2:
                border = layer.kernel_size // 2
                activated = self._padded(name, activated, ((border, border), (border, border)))
            convolved = self._separable(layer, name, activated, (spatial, mixing), stride)
            inputs = self._normalization(f"{name}_normalization", normalization, convolved)
        return inputs

    def _dilated_convolution(
        self, layer: DilatedConvolution, inputs: keras.KerasTensor
    ) -> keras.KerasTensor:
        name, kernels = layer.name, (layer.depthwise_kernel, layer.pointwise_kernel)
        if layer.stride == 2:
            inputs = self._subsampled(name, inputs)
        activated = self._relu(name, inputs)
        dilation = 1 if layer.stride == 2 else layer.dilation
        convolved = self._separable(layer, name, activated, kernels, dilation=dilation)
        return self._normalization(f"{name}_normalization", layer.normalization, convolved)

    def _factorized_reduction(
        self, layer: FactorizedReduction, inputs: keras.KerasTensor
    ) -> keras.KerasTensor:
        name = layer.name
        activated = self._relu(name, inputs)
        shifted = keras.layers.Cropping2D(
            _START, data_format="channels_last", name=f"{name}_shift", dtype=self.dtype
        )(self._padded(name, activated, _END))
        halves = [
            self._convolution(layer, f"{name}_convolution_{half}", pixels, kernel[0][None, None], 2)
            for half, (pixels, kernel) in enumerate(
                zip((activated, shifted), layer.kernels, strict=True), start=1
            )
        ]
        whole = self.concatenated(f"{name}_halves", halves)
        return self._normalization(f"{name}_normalization", layer.normalization, whole)

    def _convolution(
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

    def _separable(
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

    def _normalization(
        self, name: str, normalization: BatchNormalization, inputs: keras.KerasTensor
    ) -> keras.KerasTensor:
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

    def _relu(self, name: str, inputs: keras.KerasTensor) -> keras.KerasTensor:
        return keras.layers.ReLU(name=f"{name}_relu", dtype=self.dtype)(inputs)

    def _identity(self, name: str, inputs: keras.KerasTensor) -> keras.KerasTensor:
        return keras.layers.Identity(name=name, dtype=self.dtype)(inputs)

    def _padded(self, name: str, inputs: keras.KerasTensor, border: _Border) -> keras.KerasTensor:
        return keras.layers.ZeroPadding2D(
            border, data_format="channels_last", name=f"{name}_padding", dtype=self.dtype
        )(inputs)

    def _subsampled(self, name: str, inputs: keras.KerasTensor) -> keras.KerasTensor:
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
