# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Mean and deviation of the channels, by which images and measurements are normalised."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from snas_tf.data.graphs.normalization import feature_statistics
from snas_tf.data.splits import GRAPHS, Split

SAMPLE_SIZE = 10_000
"""Images of a split that is not in memory from which its statistics are taken."""

DEVIATION_FLOOR = 1 / 255
"""One grey level: a channel that is (nearly) constant is not blown up to noise."""

_SAMPLE_SEED = (0, 0)
_BATCH_SIZE = 256


def channel_statistics(split: Split) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel, which is the last axis of an example.

    Of pixel / 255 of framed images. Exact (integer sums) over a split in memory; over `SAMPLE_SIZE`
    images, always the same, of any other. Of measurements, float32, as they are.

    Returns:
        Means and deviations, one a channel, the latter of pixels at least `DEVIATION_FLOOR`, and 1
        of measurements that are all the same; nothing, twice, of names, int32. Of graphs see
        `feature_statistics`.
    """
    if split.dtype == GRAPHS:
        return feature_statistics(split.graphs)
    if split.dtype == "int32":
        return (), ()
    if split.dtype == "float32":
        return _of_measurements(split)
    if split.in_memory:
        keys = split.keys(None)
    else:
        keys = split.keys(np.asarray(_SAMPLE_SEED, np.int32)).take(SAMPLE_SIZE)
    batches = keys.batch(_BATCH_SIZE).map(split.reader(), num_parallel_calls=tf.data.AUTOTUNE)
    count, sums, squares = 0, 0, 0
    for images, _ in batches.as_numpy_iterator():
        count += images[..., 0].size
        axes = tuple(range(images.ndim - 2))  # those of an example but its channels
        sums += images.sum(axis=0, dtype=np.int64).sum(axis=axes)
        squared = np.square(images, dtype=np.uint16)  # 255^2 < 2^16
        squares += squared.sum(axis=0, dtype=np.int64).sum(axis=axes)
    mean = sums / count
    deviation = np.sqrt(np.maximum(squares / count - mean**2, 0.0))
    floored = np.maximum(deviation / 255, DEVIATION_FLOOR)
    return tuple((mean / 255).tolist()), tuple(floored.tolist())


def _of_measurements(split: Split) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Of a split in memory, in two passes of float64, which lose nothing to a far mean."""
    keys = np.arange(split.size)
    read = split.reader()
    parts = [keys[start : start + _BATCH_SIZE] for start in range(0, split.size, _BATCH_SIZE)]

    def mean_of(statistic: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        count, total = 0, 0.0
        for part in parts:
            rows = np.asarray(read(part)[0], np.float64)
            rows = rows.reshape(-1, rows.shape[-1])
            count, total = count + len(rows), total + statistic(rows).sum(axis=0)
        return total / count

    mean = mean_of(lambda rows: rows)
    deviation = np.sqrt(mean_of(lambda rows: (rows - mean) ** 2))
    constant = deviation <= np.finfo(np.float32).eps * np.abs(mean)
    return tuple(mean.tolist()), tuple(np.where(constant, 1.0, deviation).tolist())
