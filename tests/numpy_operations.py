# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The candidate operations written once more, in NumPy, tap by tap, from the paper's structures.

Independent of the library: symmetric padding by the definition of a convolution, statistics by
NumPy's mean and variance. Images are (batch, height, width, channels).
"""

import numpy as np

EPSILON = 1e-5


def taps(images, size, stride=1, dilation=1, fill=0.0):
    """(size * size, batch, h', w', channels): what each tap of a window sees."""
    border = dilation * (size // 2)
    padded = np.pad(
        images, ((0, 0), (border, border), (border, border), (0, 0)), constant_values=fill
    )
    height, width = (-(-length // stride) for length in images.shape[1:3])
    return np.stack(
        [
            padded[
                :,
                row * dilation : row * dilation + (height - 1) * stride + 1 : stride,
                column * dilation : column * dilation + (width - 1) * stride + 1 : stride,
            ]
            for row in range(size)
            for column in range(size)
        ]
    )


def relu(images):
    return np.maximum(images, 0.0)


def depthwise(images, kernel, stride=1, dilation=1):
    """kernel (size, size, channels, 1)."""
    size = kernel.shape[0]
    windows = taps(images, size, stride, dilation)
    return np.einsum("tbhwc,tc->bhwc", windows, kernel.reshape(size * size, -1))


def batch_norm(images, mean=None, variance=None, gamma=1.0, beta=0.0):
    """By the batch's statistics where none are given."""
    if mean is None:
        mean, variance = images.mean((0, 1, 2)), images.var((0, 1, 2))
    return gamma * (images - mean) / np.sqrt(variance + EPSILON) + beta


def operation(name, images, weights, stride=1, edge=0, normalize=batch_norm):
    """One candidate operation with the weights of one edge, normalised by the batch.

    weights: {name relative to the layer: array with the edges first}.
    """
    kind, _, size = name.rpartition("_")
    if name == "none":
        return np.zeros_like(images[:, ::stride, ::stride])
    if name == "max_pool_3x3":
        return normalize(taps(images, 3, stride, fill=-np.inf).max(0))
    if name == "avg_pool_3x3":
        counts = taps(np.ones_like(images), 3, stride).sum(0)
        return normalize(taps(images, 3, stride).sum(0) / counts)
    if name == "avg_pool_3x3_plain":
        return taps(images, 3, stride).sum(0) / taps(np.ones_like(images), 3, stride).sum(0)
    if kind == "nor_conv":
        kernel = weights["kernel"][edge]
        windows = taps(relu(images), kernel.shape[0], stride)
        return normalize(
            np.einsum("tbhwc,tcf->bhwf", windows, kernel.reshape(-1, *kernel.shape[2:]))
        )
    if name == "skip_connect" and stride == 1:
        return images
    if name == "skip_connect":
        activated = relu(images)
        moved = np.zeros_like(activated)
        moved[:, :-1, :-1] = activated[:, 1:, 1:]
        halves = [
            activated[:, ::2, ::2] @ weights["even_kernel"][edge],
            moved[:, ::2, ::2] @ weights["odd_kernel"][edge],
        ]
        return normalize(np.concatenate(halves, -1))
    if kind == "dil_conv":
        filtered = depthwise(relu(images), weights["depthwise_kernel"][edge], stride, 2)
        return normalize(filtered @ weights["pointwise_kernel"][edge])
    for stage, step in ((1, stride), (2, 1)):
        filtered = depthwise(relu(images), weights[f"depthwise_kernel_{stage}"][edge], step)
        images = normalize(filtered @ weights[f"pointwise_kernel_{stage}"][edge])
    return images
