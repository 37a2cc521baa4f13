# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Ordinary convolutions in training, [ReLU, convolution] on the edges that leave a node.

As an operation it goes over the batch image by image, quicker than TensorFlow does for few
channels; and it keeps for the gradient nothing but the outputs. The normalisation is left to the
caller, who can do it in passing. One operation has all edges of a node and waits for that of the
node before, so parts of the batch run side by side within it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from snas_tf.native import library
from snas_tf.native.separable_convolution import Arriving, Products

_KERNEL_SIZES = (1, 3)
_LANES = 8


def suits(channels: int, kernel_size: int, stride: int) -> bool:
    """Whether the operation is in use and can take float32 images and kernels of these sizes.

    Args:
        channels: Of the images.
        kernel_size: Pixels a side of the kernels.
        stride: Of the convolution.
    """
    fits = kernel_size in _KERNEL_SIZES and channels % _LANES == 0 and stride == 1
    return library.in_use() and fits


class Kernels(NamedTuple):
    """A convolution on E edges, at stride 1 with symmetric zero padding.

    Attributes:
        kernels: float32 (E, size, size, channels, channels), size 1 or 3.
        epsilon: What is added to variances, positive.
    """

    kernels: tf.Tensor
    epsilon: float

    def tensors(self) -> list[tf.Tensor]:
        """What has a gradient."""
        return [self.kernels]

    def with_tensors(self, tensors: Sequence[tf.Tensor]) -> Kernels:
        """The same with other tensors."""
        return Kernels(*tensors, self.epsilon)

    def products(self, images: tf.Tensor) -> Products:
        """Convolves.

        Args:
            images: float32 (batch, height, width, channels), which all edges share; see `suits`.

        Returns:
            The outputs, of one stage.
        """
        edges, channels = self.kernels.shape[0], self.kernels.shape[-1]
        results = library.operations().snas_convolution(
            images=images, edges=edges, threads=library.cores(), **self._asdict()
        )
        if not tf.executing_eagerly():  # there every tensor has its shape
            for tensor in results.products:
                tensor.set_shape(images.shape)
            for tensor in results[1:]:
                tensor.set_shape((edges, channels))
        return Products(results.products, [], *([tensor] for tensor in results[1:]))

    def gradients(
        self, images: tf.Tensor, products: Products, arriving: Arriving
    ) -> list[tf.Tensor]:
        """The gradients of the images and of the kernels.

        An edge at which nothing but zeros arrives costs nothing.

        Args:
            images: Those of the forward pass.
            products: What came of it.
            arriving: The gradients of that.
        """
        results = library.operations().snas_convolution_gradient(
            images=images,
            products=products.products,
            means=products.means[0],
            variances=products.variances[0],
            inverse_deviations=products.inverse_deviations[0],
            threads=library.cores(),
            **self._asdict(),
            **arriving._asdict(),
        )
        if not tf.executing_eagerly():
            for gradient, tensor in zip(results, (images, self.kernels), strict=True):
                gradient.set_shape(tensor.shape)
        return list(results)


@tf.RegisterGradient("SnasConvolution")
def _registered_gradient(operation: Any, *upstream: tf.Tensor) -> list[tf.Tensor]:
    """For graphs that TensorFlow differentiates by itself; of variances nobody asks for one."""
    images, kernels = operation.inputs
    *outputs, means, variances, deviations = operation.outputs
    products = Products(outputs, [], [means], [variances], [deviations])
    *of_products, of_means, _, of_deviations = upstream
    arriving = Arriving(
        of_products,
        tf.ones_like(means),
        tf.convert_to_tensor(of_means),
        tf.convert_to_tensor(of_deviations),
    )
    return Kernels(kernels, operation.get_attr("epsilon")).gradients(images, products, arriving)
