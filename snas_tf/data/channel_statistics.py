# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Mean and deviation of the channels, by which images are normalised."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from snas_tf.data.splits import Split

SAMPLE_SIZE = 10_000
"""Images of a split that is not in memory from which its statistics are taken."""

DEVIATION_FLOOR = 1 / 255
"""One grey level: a channel that is (nearly) constant is not blown up to noise."""

_SAMPLE_SEED = (0, 0)
_BATCH_SIZE = 256


def channel_statistics(split: Split) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel of pixel / 255.

    Of framed images. Exact (integer sums) over a split in memory; over `SAMPLE_SIZE` images, always
    the same, of any other.

    Returns:
        Means and deviations, one a channel, the latter at least `DEVIATION_FLOOR`.
    """
    if split.in_memory:
        keys = split.keys(None)
    else:
        keys = split.keys(np.asarray(_SAMPLE_SEED, np.int32)).take(SAMPLE_SIZE)
    batches = keys.batch(_BATCH_SIZE).map(split.reader(), num_parallel_calls=tf.data.AUTOTUNE)
    count, sums, squares = 0, 0, 0
    for images, _ in batches.as_numpy_iterator():
        count += images[..., 0].size
        sums += images.sum(axis=0, dtype=np.int64).sum(axis=(0, 1))
        squared = np.square(images, dtype=np.uint16)  # 255^2 < 2^16
        squares += squared.sum(axis=0, dtype=np.int64).sum(axis=(0, 1))
    mean = sums / count
    deviation = np.sqrt(np.maximum(squares / count - mean**2, 0.0))
    floored = np.maximum(deviation / 255, DEVIATION_FLOOR)
    return tuple((mean / 255).tolist()), tuple(floored.tolist())
