# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The handwritten digits that ship with scikit-learn: real images, no download."""

from __future__ import annotations

import numpy as np

from snas_tf.data.resizing import resize
from snas_tf.data.source import Source
from snas_tf.data.splits import ArraySplit


def read(image_size: int) -> Source:
    """Reads the 1,797 grey images of 8x8 pixels, ten classes.

    They are the test part of the UCI "Optical Recognition of Handwritten Digits" set (Alpaydin and
    Kaynak, 1998); their values, 0 to 16, become 0 to 255.

    Args:
        image_size: Height and width to resize to; 0 keeps 8x8.

    Returns:
        One split in memory; neither validation nor test of its own.
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images = np.round(bunch.images[..., np.newaxis] * (255 / 16)).astype(np.uint8)
    return Source(
        name="digits",
        class_names=tuple(str(name) for name in bunch.target_names),
        train=ArraySplit(np.asarray(resize(images, image_size)), bunch.target),
    )
