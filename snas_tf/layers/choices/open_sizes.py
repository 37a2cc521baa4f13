# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The sizes that are left open in layers of Keras, and layers that compute several of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from snas_tf.space.choices.channels import Channels
from snas_tf.space.choices.one_of import OneOf


def open_sizes(layer: Any) -> dict[str, OneOf]:
    """{argument of a layer: what was left open there}, without the layers within it."""
    found = {}
    for name, value in vars(layer).items():
        parts = value if isinstance(value, (list, tuple)) else [value]
        sizes = [part for part in parts if isinstance(part, OneOf)]
        if sizes:
            found[name.lstrip("_")] = sizes[0]
    return found


def all_open_sizes(layers: Iterable[keras.layers.Layer]) -> Iterator[tuple[Any, str, OneOf]]:
    """(layer, argument, what was left open) of some layers."""
    for layer in layers:
        for argument, sizes in open_sizes(layer).items():
            yield layer, argument, sizes


class ChannelMask(keras.layers.Layer):
    """Takes away the channels that are not there: the options' tensors, mixed by rows of Z.

    An option's tensor has zeros where it has no channel, so the mixture is the widest tensor times
    sum_k Z^k [channel < width_k].

    Args:
        channels: Which channels there are.
        one_hot: Whether the rows are one-hot; then the gradient of the other entries is zero.

    Call arguments:
        inputs: (..., channels).
        rows: float32 (options,) for each of the widths.
    """

    def __init__(self, channels: Channels, one_hot: bool, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.supports_masking = True
        self._one_hot = one_hot
        self._always = channels.always().astype(np.float32)
        self._tables = [channels.table(width).astype(np.float32) for width in channels.widths]
        self.built = True

    def call(self, inputs: tf.Tensor, rows: Sequence[tf.Tensor]) -> tf.Tensor:
        """The channels that are there, and zeros."""
        parts = [mixed(t, row, self._one_hot) for t, row in zip(self._tables, rows, strict=True)]
        return inputs * tf.cast(tf.add_n([tf.constant(self._always), *parts]), inputs.dtype)

    def compute_output_spec(self, inputs: Any, rows: Any) -> keras.KerasTensor:
        """Of its input."""
        del rows
        return keras.KerasTensor(inputs.shape, inputs.dtype)


class OpenKernel(keras.layers.Layer):
    """A convolution whose kernel is that of the options, mixed by a row of Z.

    An option's kernel is a part of the greatest, and has zeros around it.

    Args:
        layer: The convolution, built.
        kernel: Its kernel, (*sizes, ...), of the greatest sizes.
        parts: For each option the slices of the axes of size.
        one_hot: As for `ChannelMask`.

    Call arguments:
        inputs: What the layer takes.
        row: float32 (options,).
    """

    def __init__(
        self,
        layer: keras.layers.Layer,
        kernel: keras.Variable,
        parts: Sequence[tuple[slice, ...]],
        one_hot: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        self._layer, self._kernel, self._one_hot = layer, kernel, one_hot
        self.supports_masking = layer.supports_masking
        axes = len(parts[0])
        shape = (*kernel.shape[:axes], *(1 for _ in kernel.shape[axes:]))
        self._masks = np.zeros((len(parts), *shape), np.float32)
        for mask, part in zip(self._masks, parts, strict=True):
            mask[part] = 1.0
        self.built = True

    def call(self, inputs: tf.Tensor, row: tf.Tensor) -> tf.Tensor:
        """What the layer answers with that kernel in place of its own."""
        kernel = tf.convert_to_tensor(self._kernel.value)
        kernel *= tf.cast(mixed(self._masks, row, self._one_hot), kernel.dtype)
        with keras.StatelessScope(state_mapping=[(self._kernel, kernel)]):
            return self._layer(inputs)

    def compute_output_spec(self, inputs: Any, row: Any) -> keras.KerasTensor:
        """Of the layer."""
        del row
        return self._layer.compute_output_spec(inputs)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """Of the layer."""
        return self._layer.compute_mask(inputs, previous_mask)


def mixed(tables: np.ndarray, row: tf.Tensor, one_hot: bool) -> tf.Tensor:
    """sum_k row^k table^k.

    Args:
        tables: float32 (options, ...).
        row: float32 (options,).
        one_hot: Whether the row is one-hot. Then the gradient of its other entries is zero.

    Returns:
        float32 (...).
    """
    if one_hot:
        choice = tf.argmax(row, output_type=tf.int32)
        return tf.gather(tables, choice) * tf.gather(row, choice)
    # No product of matrices, which would be counted among those of the network.
    weights = tf.reshape(row, [-1, *(1 for _ in tables.shape[1:])])
    return tf.reduce_sum(weights * tables, axis=0)
