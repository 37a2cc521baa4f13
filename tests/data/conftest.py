# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Small data sets made on the spot."""

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
