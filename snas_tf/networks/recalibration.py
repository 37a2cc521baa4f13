# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The running statistics of batch normalisation, measured anew over given images.

Running statistics follow the batches with a momentum of 0.9: they begin at a mean of zero and a
variance of one, of which a twelfth is left after 24 steps, and they are an average over about the
last ten batches, of weights that moved meanwhile. Here the weights stand still and every image
counts as much as any other: a layer's mean and variance are those of all its activations, pooled
from the means m_b and variances v_b of batches of n_b values,

    mean = sum_b n_b m_b / n,    variance = (sum_b n_b v_b + sum_b n_b (m_b - mean)^2) / n

("precise batch normalisation", Wu and Johnson, arXiv 2105.07576, with weights for the sizes of the
batches), added up in float64 (Chan et al., 1979). Within a batch the layers before normalise by
that batch, as in training. Keras's own normalisation, which keeps the variance of a batch as it is,
gets that of all values as it is, with n_b and n in the place of n_b - 1 and n - 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sized
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from snas_tf import keras_internals
from snas_tf.layers import BatchNormalization

Normalization = BatchNormalization | keras.layers.BatchNormalization

_EAGER = 20  # batches; more of them are worth the seconds that a graph takes to trace
_STATE_OF_CHANCE = "seed_generator_state"


def recalibrate(
    network: keras.Model, forward: Callable[[tf.Tensor, int], Any], images: Iterable[Any]
) -> None:
    """Replaces the running statistics of a network by those of its activations on some images.

    Layers that are frozen (`trainable = False`) keep theirs, and so do the weights, and the states
    of what draws dropout. Where Keras's renormalisation is on, its layer keeps its own.

    Args:
        network: The network, built: of a fixed image size, or one that tells by `normalized_rows`
            how many values of a channel each of its normalisations has of a batch.
        forward: Runs it on a batch in training mode; takes the images, and the batch's number.
        images: Batches (batch, height, width, channels), of any sizes, at least one in all.

    Raises:
        ValueError: There is no batch, or one is not of images alone.
    """
    rows_of = getattr(network, "normalized_rows", None)
    layers = [layer for layer in normalizations(network) if layer.trainable]
    before = [layer.momentum for layer in layers]
    chance = [state for state in network.variables if state.name == _STATE_OF_CHANCE]
    drawn = [state.numpy() for state in chance]
    pooled = [_Pooled(layer) for layer in layers]

    def statistics(batch: tf.Tensor, number: tf.Tensor) -> list[tuple[tf.Tensor, tf.Tensor]]:
        for layer in layers:  # or rounding would leave a trace of what was there
            layer.moving_mean.assign(tf.zeros_like(layer.moving_mean))
            layer.moving_variance.assign(tf.zeros_like(layer.moving_variance))
        forward(batch, number)
        return [
            (tf.identity(layer.moving_mean), tf.identity(layer.moving_variance)) for layer in layers
        ]

    traced = tf.function(statistics, reduce_retracing=True, autograph=False)
    try:
        for layer in layers:
            layer.momentum = 0.0  # a batch leaves its own statistics
        for number, batch in enumerate(images):
            rows = rows_of(batch) if rows_of else None
            batch = batch if rows_of else _images(batch, network.skeleton.image_shape)
            run = statistics if number < _EAGER else traced
            for pool, (means, variances) in zip(
                pooled, run(batch, tf.constant(number)), strict=True
            ):
                count = rows[pool.layer] if rows_of else batch.shape[0] * pool.pixels
                pool.add(count, means.numpy(), variances.numpy())
        if not all(pool.count for pool in pooled):
            raise ValueError("`images` must have at least one batch.")
    except BaseException:
        for pool in pooled:
            pool.restore()
        raise
    finally:
        for layer, momentum in zip(layers, before, strict=True):
            layer.momentum = momentum
        for state, value in zip(chance, drawn, strict=True):
            state.assign(value)
    for pool in pooled:
        pool.write()


def normalizations(network: keras.layers.Layer) -> list[Normalization]:
    """All batch normalisations in a network or a layer, in the order of their making."""
    return [
        layer
        for layer in (network, *keras_internals.all_sublayers(network))
        if isinstance(layer, Normalization) and not getattr(layer, "renorm", False)
    ]


def _images(batch: Any, shape: tuple[int, int, int]) -> tf.Tensor:
    """A batch of images, checked: what else a data set holds has no place here."""
    given = f"a {type(batch).__name__} of {len(batch)}" if isinstance(batch, Sized) else repr(batch)
    if not isinstance(batch, tuple | list | dict):
        batch = tf.convert_to_tensor(batch)
        given = f"{batch.dtype.name} {tuple(batch.shape)}"
        if batch.shape[1:] == shape:
            return batch
    raise ValueError(
        f"`images` must be batches of images alone, (batch, {', '.join(map(str, shape))}). "
        f"Received as a batch: {given}. Of a data set of images and labels give "
        "dataset.map(lambda image, label: image); of one array, [array]."
    )


class _Pooled:
    """The statistics of one layer over all batches so far."""

    def __init__(self, layer: Normalization) -> None:
        self.layer = layer
        self._before = layer.moving_mean.numpy(), layer.moving_variance.numpy()
        shape = layer.get_build_config()["input_shape"]
        self._lost = int(isinstance(layer, BatchNormalization))  # degrees of freedom of a variance
        if self._lost:
            *_, height, width, _ = shape[0]
            self.pixels = height * width
        else:  # of no fixed size, every image counts alike
            self.pixels = math.prod(size or 1 for size in np.delete(shape, layer.axis)[1:])
        self.count = 0
        self._mean = np.zeros_like(self._before[0], np.float64)
        self._squares = np.zeros_like(self._mean)  # of the distances from the mean, added up

    def add(self, count: int, means: np.ndarray, variances: np.ndarray) -> None:
        """A batch's means and variances, float32 ([N, ]channels), of so many values."""
        if not count:
            return  # a batch of graphs may be one without edges
        total = self.count + count
        distance = means.astype(np.float64) - self._mean
        self._squares += variances.astype(np.float64) * max(count - self._lost, 1)
        self._squares += np.square(distance) * (self.count * count / total)
        self._mean += distance * (count / total)
        self.count = total

    def write(self) -> None:
        """Gives the layer what was found."""
        variance = self._squares / max(self.count - self._lost, 1)
        self.layer.moving_mean.assign(self._mean.astype(np.float32))
        self.layer.moving_variance.assign(variance.astype(np.float32))

    def restore(self) -> None:
        """Gives the layer what it had."""
        mean, variance = self._before
        self.layer.moving_mean.assign(mean)
        self.layer.moving_variance.assign(variance)
