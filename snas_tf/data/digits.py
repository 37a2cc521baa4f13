# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The handwritten digits that ship with scikit-learn: real images, no download."""

from __future__ import annotations

import hashlib

import numpy as np

from snas_tf.data.images.framing import Framing
from snas_tf.data.source import Origin, Recognize, Source
from snas_tf.data.splits import ArraySplit


def read(framing: Framing, keep_originals: bool, recognize: Recognize) -> Source:
    """Reads the 1,797 grey images of 8x8 pixels, ten classes.

    They are the test part of the UCI "Optical Recognition of Handwritten Digits" set (Alpaydin and
    Kaynak, 1998); their values, 0 to 16, become 0 to 255.

    Args:
        framing: How images are brought to the size that a network expects.
        keep_originals: Whether that is done in the pipeline, not once and for all.
        recognize: Is told what the data set consists of.

    Returns:
        One split in memory; neither validation nor test of its own.
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images = np.round(bunch.images[..., np.newaxis] * (255 / 16)).astype(np.uint8)
    class_names = tuple(str(name) for name in bunch.target_names)
    content = hashlib.sha256(images.tobytes() + bunch.target.astype("<i4").tobytes()).hexdigest()
    origin = Origin(class_names=class_names, facts={"digest": content[:32]})
    recognize(origin)
    if keep_originals:
        train = ArraySplit(images, bunch.target, framing)
    else:
        train = ArraySplit(np.asarray(framing(images)), bunch.target)
    return Source(name="digits", train=train, origin=origin)
