# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The handwritten digits that ship with scikit-learn: real images, no download."""

from __future__ import annotations

import numpy as np

from snas_tf.data.framing import Framing
from snas_tf.data.source import Source
from snas_tf.data.splits import ArraySplit


def read(framing: Framing, keep_originals: bool) -> Source:
    """Reads the 1,797 grey images of 8x8 pixels, ten classes.

    They are the test part of the UCI "Optical Recognition of Handwritten Digits" set (Alpaydin and
    Kaynak, 1998); their values, 0 to 16, become 0 to 255.

    Args:
        framing: How images are brought to the size that a network expects.
        keep_originals: Whether that is done in the pipeline, not once and for all.

    Returns:
        One split in memory; neither validation nor test of its own.
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images = np.round(bunch.images[..., np.newaxis] * (255 / 16)).astype(np.uint8)
    if keep_originals:
        train = ArraySplit(images, bunch.target, framing)
    else:
        train = ArraySplit(np.asarray(framing(images)), bunch.target)
    class_names = tuple(str(name) for name in bunch.target_names)
    return Source(name="digits", class_names=class_names, train=train)
