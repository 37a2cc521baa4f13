# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Models that are searched in seconds, and real images for them."""

import dataclasses

import keras
import tensorflow as tf
from sklearn.datasets import load_digits

from snas_tf import ArchitectureDistribution, Snas, Supernet, space

CELLS = space.CellSpace(
    num_nodes=1, primitives=("none", "max_pool_3x3", "skip_connect", "sep_conv_3x3")
)
SKELETON = space.Skeleton(num_cells=3, init_channels=4, num_classes=10, image_shape=(8, 8, 1))
TINY = {
    "cells": space.CellSpace(1, ("none", "skip_connect", "sep_conv_3x3")),
    "skeleton": dataclasses.replace(SKELETON, num_cells=1),
}
NAS_BENCH_201 = {
    "cells": space.nas_bench_201_cells(),
    "skeleton": space.nas_bench_201_skeleton(4, 1, num_classes=10, image_shape=(8, 8, 1)),
}
CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def digits(start, stop):
    """Images float32 (examples, 8, 8, 1) in [0, 1] and labels (examples,)."""
    bunch = load_digits()
    images = (bunch.images[start:stop, ..., None] / 16.0).astype("float32")
    return images, bunch.target[start:stop]


def batches_of(size, *arrays):
    """A data set of batches of some arrays."""
    return tf.data.Dataset.from_tensor_slices(arrays).batch(size)


def build(
    cells=CELLS, skeleton=SKELETON, *, logits="zeros", init_seed=0, network=None, **arguments
):
    """A `Snas` that is not compiled; `init_seed` decides its initial weights.

    `network` holds further arguments of the supernet.
    """
    keras.utils.set_random_seed(init_seed)
    if not isinstance(logits, str):
        logits = keras.initializers.RandomNormal(stddev=logits, seed=7)
    architecture = ArchitectureDistribution(cells, initializer=logits)
    return Snas(Supernet(cells, skeleton, **(network or {})), architecture, **arguments)


def build_compiled(*positional, compile_with=None, **arguments):
    """A `Snas` with the optimizers of a real search."""
    model = build(*positional, **arguments)
    settings = {
        "optimizer": keras.optimizers.SGD(0.05, momentum=0.9),
        "architecture_optimizer": keras.optimizers.Adam(0.02, beta_1=0.5),
        "loss": CROSS_ENTROPY,
        "metrics": ["accuracy"],
    }
    model.compile(**{**settings, **(compile_with or {})})
    return model


def state(model):
    """Every number that a step may change: weights, logits, counters, optimizers' states."""
    return [variable.numpy() for variable in (*model.weights, *model.optimizer.variables)]


def as_arrays(samples):
    """{kind: tensor} as {kind: float64 array}."""
    return {
        kind: tf.convert_to_tensor(value).numpy().astype("float64")
        for kind, value in samples.items()
    }


def latency_table():
    """Of the small models' skeleton; every piece takes another time."""
    found = space.pieces(CELLS, SKELETON)
    return space.LatencyTable(
        device="a device",
        batch_size=1,
        dtype_policy="float32",
        repetitions=1,
        versions={},
        overhead=0.5,
        milliseconds={piece: 0.01 * (number + 1) for number, piece in enumerate(found)},
    )
