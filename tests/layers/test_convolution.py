# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Convolutions against NumPy, at all strides and sizes."""

import numpy as np
import pytest
import tensorflow as tf

from snas_tf.layers.convolution import depthwise, dilated_depthwise, pointwise, subsampled
from tests import numpy_operations

every_stride = pytest.mark.parametrize("stride", [1, 2])
every_size = pytest.mark.parametrize(
    "size", [(8, 8), (7, 5), (6, 9), (1, 1), (2, 3)], ids="{0[0]}x{0[1]}".format
)


def images_of(size, rng, channels=3):
    return rng.normal(size=(2, *size, channels)).astype("float32")


def kernel_of(size, rng, channels=3):
    return rng.normal(size=(size, size, channels, 1)).astype("float32")


@every_stride
@every_size
@pytest.mark.parametrize("kernel_size", [3, 5])
def test_depthwise(kernel_size, size, stride, rng):
    images = [images_of(size, rng) for _ in range(2)]
    kernels = np.stack([kernel_of(kernel_size, rng) for _ in range(2)])
    for inputs in (images, images[:1]):  # an edge each, and one for all edges
        outputs = depthwise(inputs, tf.constant(kernels), stride)
        for output, own, kernel in zip(outputs, (images[0], inputs[-1]), kernels, strict=True):
            expected = numpy_operations.depthwise(own, kernel, stride)
            np.testing.assert_allclose(output, expected, atol=1e-5)


@every_stride
@pytest.mark.parametrize("kernel_size", [3, 5, 7])
@pytest.mark.parametrize("count", [1, 2], ids=["shared", "own"])
def test_the_gradients_of_depthwise_are_tensorflows(kernel_size, count, stride, rng):
    inputs = [tf.constant(images_of((7, 6), rng)) for _ in range(count)]
    kernels = tf.constant(np.stack([kernel_of(kernel_size, rng) for _ in range(2)]))
    border = kernel_size // 2
    margins = ((0, 0), (border, border), (border, border), (0, 0))

    def plain(inputs, kernels):
        pairs = zip([inputs[0], inputs[-1]], tf.unstack(kernels), strict=True)
        strides = (1, stride, stride, 1)
        return [tf.nn.depthwise_conv2d(one, kernel, strides, margins) for one, kernel in pairs]

    found = []
    for function in (plain, lambda inputs, kernels: depthwise(inputs, kernels, stride)):
        with tf.GradientTape() as tape:
            tape.watch([*inputs, kernels])
            loss = tf.add_n([tf.reduce_sum(tf.sin(y)) for y in function(inputs, kernels)])
        found.append(tape.gradient(loss, [*inputs, kernels]))
    for expected, own in zip(*found, strict=True):
        np.testing.assert_allclose(own, expected, rtol=1e-4, atol=1e-4)


@every_stride
@every_size
def test_dilated_depthwise_of_two_kernels(size, stride, rng):
    images, kernels = images_of(size, rng), [kernel_of(5, rng), kernel_of(5, rng)]
    outputs = dilated_depthwise(tf.constant(images), tf.stack(kernels), stride)
    for kernel, output in zip(kernels, outputs, strict=True):
        expected = numpy_operations.depthwise(images, kernel, stride, dilation=2)
        np.testing.assert_allclose(output, expected, atol=1e-5)


@every_size
def test_pointwise(size, rng):
    images, kernel = images_of(size, rng), rng.normal(size=(3, 4)).astype("float32")
    np.testing.assert_allclose(pointwise(images, kernel), images @ kernel, atol=1e-5)


@every_size
@pytest.mark.parametrize("first", [0, 1])
def test_subsampled(size, first, rng):
    images = images_of(size, rng)
    beyond = np.pad(images, ((0, 0), (0, 1), (0, 1), (0, 0)))
    rows, columns = (-(-side // 2) for side in size)
    expected = beyond[:, first::2, first::2][:, :rows, :columns]
    np.testing.assert_array_equal(subsampled(tf.constant(images), first), expected)


@every_stride
def test_the_batch_may_be_unknown(stride, rng):
    kernel = tf.constant(kernel_of(3, rng))

    @tf.function(input_signature=[tf.TensorSpec((None, 7, 5, 3))])
    def both(images):
        return [
            function(inputs, kernel[None], stride)[0]
            for function, inputs in ((depthwise, [images]), (dilated_depthwise, images))
        ]

    for size in (1, 3):
        images = rng.normal(size=(size, 7, 5, 3)).astype("float32")
        for dilation, output in enumerate(both(images), start=1):
            expected = numpy_operations.depthwise(images, kernel.numpy(), stride, dilation)
            np.testing.assert_allclose(output, expected, atol=1e-5)


@every_stride
def test_the_gradient_is_the_adjoint(stride, rng):
    """<dy, conv(dx)> = <conv'(dy), dx>: both functions are linear in the images."""
    images, direction = (tf.constant(images_of((7, 6), rng)) for _ in range(2))
    kernel = tf.constant(kernel_of(5, rng))

    def undilated(images):
        return depthwise([images], kernel[None], stride)[0]

    def dilated(images):
        return dilated_depthwise(images, kernel[None], stride)[0]

    for function in (undilated, dilated):
        with tf.GradientTape() as tape:
            tape.watch(images)
            output = function(images)
        upstream = tf.constant(rng.normal(size=output.shape), tf.float32)
        gradient = tape.gradient(output, images, output_gradients=upstream)
        expected = tf.reduce_sum(function(direction) * upstream)
        np.testing.assert_allclose(tf.reduce_sum(gradient * direction), expected, rtol=1e-3)
