# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Depthwise separable convolutions in training, one or two in a row, as a single operation.

A stage is [ReLU, depthwise, pointwise, BN]. As an operation it goes over the batch image by image,
so that what lies between its parts stays in the processor's cache, where TensorFlow's operations
write and read the whole batch each time; and it keeps for the gradient nothing but the pointwise
convolutions' outputs. The last normalisation is left to the caller, who can do it in passing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from snas_tf.native import library

_KERNEL_SIZES = (3, 5)
_LANES = 8


class Chain(NamedTuple):
    """S stages on E edges.

    Attributes:
        spatial: S tensors, float32 (E, size, size, channels, 1), all of one size, 3 or 5.
        mixing: S tensors, float32 (E, channels, channels), of the pointwise convolutions.
        scales: S - 1 tensors, float32 (E, channels), of the normalisations between the stages.
        offsets: S - 1 tensors, likewise.
        stride: Of the first depthwise convolution, 1 or 2; the others have 1.
        dilation: Of the first depthwise convolution; the others have 1.
        epsilon: What is added to variances, positive.
    """

    spatial: Sequence[tf.Tensor]
    mixing: Sequence[tf.Tensor]
    scales: Sequence[tf.Tensor]
    offsets: Sequence[tf.Tensor]
    stride: int
    dilation: int
    epsilon: float

    def tensors(self) -> list[tf.Tensor]:
        """What has a gradient, in the order of `gradients`."""
        return [*self.spatial, *self.mixing, *self.scales, *self.offsets]

    def with_tensors(self, tensors: Sequence[tf.Tensor]) -> Chain:
        """The same with other tensors, in the order of `tensors`."""
        stages, rest = len(self.spatial), iter(tensors)
        sizes = stages, stages, stages - 1, stages - 1
        groups = [[next(rest) for _ in range(size)] for size in sizes]
        return Chain(*groups, self.stride, self.dilation, self.epsilon)

    def products(self, images: tf.Tensor) -> Products:
        """See `separable_convolution`."""
        return separable_convolution(images, self)

    def gradients(
        self, images: tf.Tensor, products: Products, arriving: Arriving
    ) -> list[tf.Tensor]:
        """See `separable_convolution_gradient`."""
        return separable_convolution_gradient(images, self, products, arriving)


class Products(NamedTuple):
    """The outputs of the pointwise convolutions, and their statistics over the batch.

    Attributes:
        products: E tensors (batch, rows, columns, channels), of the last stage.
        inner_products: (S - 1) * E tensors likewise, of the stages before.
        means: S tensors (E, channels).
        variances: S tensors (E, channels), unbiased; without gradient.
        inverse_deviations: S tensors (E, channels), 1 / sqrt(biased variance + epsilon).

    Where there is no pixel, means and variances are not-a-number, as TensorFlow's, and the inverse
    deviations zero, as then all gradients are.
    """

    products: list[tf.Tensor]
    inner_products: list[tf.Tensor]
    means: list[tf.Tensor]
    variances: list[tf.Tensor]
    inverse_deviations: list[tf.Tensor]


class Arriving(NamedTuple):
    """The gradients of the last stage's `Products` that are not zero.

    Attributes:
        upstream: E tensors like the products, whose gradient is `factors` times them.
        factors: float32 (E, channels).
        of_means: float32 (E, channels).
        of_inverse_deviations: float32 (E, channels).
    """

    upstream: Sequence[tf.Tensor]
    factors: tf.Tensor
    of_means: tf.Tensor
    of_inverse_deviations: tf.Tensor


def suits(channels: int, kernel_size: int) -> bool:
    """Whether the operation is in use and can take float32 images and kernels of these sizes.

    Args:
        channels: Of the images.
        kernel_size: Pixels a side of the depthwise kernels.
    """
    return library.in_use() and kernel_size in _KERNEL_SIZES and channels % _LANES == 0


def separable_convolution(images: tf.Tensor, chain: Chain) -> Products:
    """Runs all stages, but for the last one's normalisation.

    Args:
        images: float32 (batch, height, width, channels), which all edges share; see `suits`.
        chain: The stages.

    Returns:
        See `Products`.
    """
    edges, channels = chain.mixing[0].shape[:2]
    results = library.operations().snas_separable_convolution(
        images=images,
        edges=edges,
        inner_edges=edges * len(chain.scales),
        threads=library.threads(),
        **chain._asdict(),
    )
    sides = [None if side is None else -(-side // chain.stride) for side in images.shape[1:3]]
    for tensor in (*results.products, *results.inner_products):
        _set_shape(tensor, (images.shape[0], *sides, channels))
    for tensor in (*results.means, *results.variances, *results.inverse_deviations):
        _set_shape(tensor, (edges, channels))
    return Products(*results)


def separable_convolution_gradient(
    images: tf.Tensor, chain: Chain, products: Products, arriving: Arriving
) -> list[tf.Tensor]:
    """The gradients of the images and of the chain's tensors.

    An edge at which nothing but zeros arrives, as it is below a weight Z^k of exactly zero, costs
    nothing.

    Args:
        images: Those of the forward pass.
        chain: That of the forward pass.
        products: What came of it.
        arriving: The gradients of that.

    Returns:
        Those of the images, then of `spatial`, `mixing`, `scales` and `offsets`, flat.
    """
    results = library.operations().snas_separable_convolution_gradient(
        images=images,
        threads=library.threads(),
        **chain._asdict(),
        **products._asdict(),
        **arriving._asdict(),
    )
    gradients = [results.of_images]
    for group in results[1:]:
        gradients += group
    for gradient, tensor in zip(gradients, [images, *chain.tensors()], strict=True):
        _set_shape(gradient, tensor.shape)
    return gradients


@tf.RegisterGradient("SnasSeparableConvolution")
def _registered_gradient(operation: Any, *upstream: tf.Tensor) -> list[tf.Tensor]:
    """For graphs that TensorFlow differentiates by itself; of inner stages nobody asks for one."""
    stages, edges = operation.get_attr("stages"), operation.get_attr("edges")
    inputs, outputs = iter(operation.inputs), iter(operation.outputs)
    images = next(inputs)
    groups = [[next(inputs) for _ in range(size)] for size in (stages, stages, stages - 1)]
    settings = (operation.get_attr(name) for name in ("stride", "dilation", "epsilon"))
    chain = Chain(*groups, list(inputs), *settings)
    inner = (stages - 1) * edges
    sizes = edges, inner, stages, stages, stages
    products = Products(*([next(outputs) for _ in range(size)] for size in sizes))
    means, deviations = edges + inner + stages - 1, -1  # of the last stage
    arriving = Arriving(
        upstream[:edges],
        tf.ones_like(products.means[-1]),
        tf.convert_to_tensor(upstream[means]),
        tf.convert_to_tensor(upstream[deviations]),
    )
    return separable_convolution_gradient(images, chain, products, arriving)


def _set_shape(tensor: tf.Tensor, shape: Sequence[int | None]) -> None:
    if not tf.executing_eagerly():  # there every tensor has its shape
        tensor.set_shape(shape)
