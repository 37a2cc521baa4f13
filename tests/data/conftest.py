# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Small data sets made on the spot, and what can be read from their images."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from snas_tf.data import ArraySplit


@pytest.fixture
def array_split():
    """Forty distinct 6x5 images of 2 channels; the label is the image's number modulo 4."""
    images = np.random.default_rng(1).integers(0, 256, (40, 6, 5, 2), dtype=np.uint8)
    images[:, 0, 0, 0] = np.arange(40)
    return ArraySplit(images, np.arange(40) % 4)


@pytest.fixture
def write_images():
    """Writes `count` random images into a folder and gives back their pixels."""

    def write(folder, count, *, size=(12, 10), extension="png", seed=0):
        folder.mkdir(parents=True, exist_ok=True)
        shape = (count, *size, 3)
        pixels = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
        for number, image in enumerate(pixels):
            Image.fromarray(image).save(folder / f"{number:03d}.{extension}")
        return pixels

    return write


@pytest.fixture
def ramp():
    """An image whose red grows by 1 a row and whose green by 1 a column, uint8."""

    def make(height, width):
        rows, columns = np.indices((height, width))
        return np.stack([rows, columns, np.zeros_like(rows)], -1).astype(np.uint8)

    return make


@pytest.fixture
def shown_sizes():
    """(heights, widths) in pixels of the original of what resized parts of ramps show."""

    def measure(images):
        size = images.shape[1]
        inner = slice(2, -2)  # at its border a resized image has no neighbours to average
        means = (
            images[:, inner, inner].mean((2,))[..., 0],
            images[:, inner, inner].mean((1,))[..., 1],
        )
        return tuple((mean[:, -1] - mean[:, 0]) * size / (size - 5) for mean in means)

    return measure
