# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the layers around and within cells compute, in Keras's own layers."""

from __future__ import annotations

import keras

from snas_tf import space
from snas_tf.layers import (
    EdgeOperation,
    FactorizedReduction,
    ReLUConvBN,
    ResidualReduction,
    Stem,
)
from snas_tf.layers.cells.stem import ConvBN
from snas_tf.networks.cells.plain_candidates import factorized_reduction
from snas_tf.networks.plain_operations import PlainOperations
from snas_tf.space.cells.operation import attribute


class PlainCells(PlainOperations):
    """`PlainOperations`, and those of cells. Arguments of `PlainOperations`."""

    def stem(
        self, stem: Stem, images: keras.KerasTensor
    ) -> tuple[keras.KerasTensor, keras.KerasTensor]:
        """Images to the first cell's two inputs."""
        tensors = [images]
        for position, layer in enumerate(stem.convolutions):
            tensors.append(self._stem_convolution(layer, f"{stem.name}_{position}", tensors[-1]))
        return (tensors[-2] if stem.kind == "imagenet" else tensors[-1], tensors[-1])

    def preprocessing(
        self, layer: ReLUConvBN | FactorizedReduction, inputs: keras.KerasTensor
    ) -> keras.KerasTensor:
        """An input of a cell, at the cell's channels and resolution."""
        if isinstance(layer, FactorizedReduction):
            return factorized_reduction(self, layer, inputs)
        name = layer.name
        kernel = layer.kernel[None, None]
        activated = self.relu(name, inputs)
        convolved = self.convolution(layer, f"{name}_convolution", activated, kernel)
        return self.normalization(f"{name}_normalization", layer.normalization, convolved)

    def residual_reduction(
        self, layer: ResidualReduction, inputs: keras.KerasTensor
    ) -> keras.KerasTensor:
        """A residual block: "same" average pooling leaves the border out, as the layer's does."""
        name, tensor = layer.name, inputs
        for position, convolution in enumerate(layer.convolutions):
            tensor = self._stem_convolution(convolution, f"{name}_{position}", tensor)
        pooled = keras.layers.AveragePooling2D(
            2,
            strides=2,
            padding="same",
            data_format="channels_last",
            name=f"{name}_pooling",
            dtype=self.dtype,
        )(inputs)
        shortcut = self.convolution(layer, f"{name}_shortcut", pooled, layer.kernel[None, None])
        return keras.layers.Add(name=name, dtype=self.dtype)([tensor, shortcut])

    def operation(
        self, name: str, layer: EdgeOperation, inputs: keras.KerasTensor
    ) -> keras.KerasTensor:
        """An edge.

        Args:
            name: Of the operation, as `snas_tf.space.operation` takes it.
            layer: Its layer, of one edge.
            inputs: The source node.

        Raises:
            ValueError: Its record does not say how it is written.
        """
        plain = space.operation(name).at(layer.stride).plain
        if plain is None:
            raise ValueError(
                f"The operation {name!r} cannot be written in Keras's own layers: its record does "
                "not say how. Give the record `plain`."
            )
        write = plain if callable(plain) else attribute(plain)
        return write(self, layer, inputs)

    def _stem_convolution(
        self, layer: ConvBN, name: str, inputs: keras.KerasTensor
    ) -> keras.KerasTensor:
        if layer.activated:
            inputs = self.relu(name, inputs)
        if layer.stride == 2:
            inputs = self.padded(name, inputs, ((1, 1), (1, 1)))
        place = f"{name}_convolution"
        convolved = self.convolution(layer, place, inputs, layer.kernel, layer.stride)
        return self.normalization(f"{name}_normalization", layer.normalization, convolved)
