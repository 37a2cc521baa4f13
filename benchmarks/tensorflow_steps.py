# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Variants of snas_tf's search step, each for a process of its own; see benchmarks/search_step.py.

A variant is more or less of what `fit` does, under certain threads:

- `fit`: `model.fit` on shuffled, cropped and mirrored images, as a search runs it;
- `bare`: the forward and backward pass of it alone, on one batch;
- `tensorflow_operations`: `fit` without custom C++ ops (`snas_tf.native`);
- `default_threads`: `fit` with the threads that TensorFlow chooses;
- `optimized_graph`: `fit` after TensorFlow's graph optimizer, which a search leaves out on a CPU;
- `rematerialized`: `fit` with every cell computed again in the backward pass;
- `straight_through`: `fit` with one operation an edge, by the estimator of that name.
"""

from __future__ import annotations

import json
import os
import pathlib
import sys
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from timed_process import PRIMITIVES, WITH_NAS_BENCH_201, now, serve

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from snas_tf import ArchitectureDistribution, Snas, Supernet, data, native, space
from snas_tf.training.optimizers import SGD, Adam

Moments = list[tuple[float, float]]
NUM_CLASSES = 10
_IMAGES_CHECKED = 8  # a few do, and leave few places where rounding turns a ReLU


def set_up(variant: str) -> None:
    """What a search sets on a CPU: a thread an operation, as many at once as there are cores."""
    native.use(variant != "tensorflow_operations")
    optimizer = {"disable_meta_optimizer": variant != "optimized_graph"}
    tf.config.optimizer.set_experimental_options(optimizer)
    if variant != "default_threads":
        tf.config.threading.set_inter_op_parallelism_threads(len(os.sched_getaffinity(0)))
        tf.config.threading.set_intra_op_parallelism_threads(1)


def cells(setting: dict[str, int]) -> space.CellSpace:
    """The decisions of a setting."""
    if "cells_per_stage" in setting:
        return space.nas_bench_201_cells()
    return space.CellSpace(4, PRIMITIVES)


def skeleton(setting: dict[str, int]) -> space.Skeleton:
    """The network of a setting."""
    channels, shape = setting["init_channels"], (setting["side"], setting["side"], 3)
    if "cells_per_stage" in setting:
        return space.nas_bench_201_skeleton(
            channels, setting["cells_per_stage"], NUM_CLASSES, shape
        )
    return space.Skeleton(
        num_cells=setting["num_cells"],
        init_channels=channels,
        num_classes=NUM_CLASSES,
        image_shape=shape,
    )


def build(setting: dict[str, int], variant: str) -> Snas:
    """The compiled model, the same weights for every variant."""
    keras.utils.set_random_seed(0)
    supernet = Supernet(
        cells(setting), skeleton(setting), rematerialize=variant == "rematerialized"
    )
    estimator = "straight_through" if variant == "straight_through" else "concrete"
    model = Snas(supernet, ArchitectureDistribution(cells(setting)), estimator=estimator)
    model.compile(
        optimizer=SGD(0.05, momentum=0.9, l2=3e-4, global_clipnorm=5.0),
        architecture_optimizer=Adam(0.05, beta_1=0.5, global_clipnorm=10.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
    )
    return model


def batches(setting: dict[str, int]) -> tf.data.Dataset:
    """Batches without end, through the pipeline of a search."""
    side, batch_size = setting["side"], setting["batch_size"]
    count = 64 * batch_size
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (count, side, side, 3), np.uint8)
    mean = keras.layers.Normalization(mean=[127.5] * 3, variance=[74.0**2] * 3, dtype="float32")
    mean.build((None, side, side, 3))
    return data.training_dataset(
        data.ArraySplit(images, np.arange(count) % NUM_CLASSES),
        batch_size=batch_size,
        seed=0,
        augmentation=data.Augmentation(crop_padding=side // 8, flip=True),
        normalization=mean,
        epochs=100,
    ).repeat()


def fitted(model: Snas, setting: dict[str, int]) -> Callable[[int], Moments]:
    """Runs steps through `fit`, of which the first of all compiles."""
    dataset = batches(setting)
    moments: Moments = []

    def end(batch: int, logs: dict[str, Any]) -> None:
        float(logs["loss"])  # waits until the step is done
        moments.append(now())

    callback = keras.callbacks.LambdaCallback(on_train_batch_end=end)

    def block(steps: int) -> Moments:
        moments[:] = [now()]
        model.fit(dataset, steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=[callback])
        return list(moments)

    return block


def bare(model: Snas, setting: dict[str, int]) -> Callable[[int], Moments]:
    """Runs the forward and backward pass alone."""
    images, labels = next(iter(batches(setting)))

    @tf.function(autograph=False)
    def step(images: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor) -> list[tf.Tensor]:
        results = model.forward_and_backward(images, labels, None, model.draw(seed))
        return tf.nest.flatten(results)

    def block(steps: int) -> Moments:
        moments = [now()]
        for number in range(steps):
            float(step(images, labels, tf.constant([0, number]))[0])
            moments.append(now())
        return moments

    return block


def gradients(model: Snas, setting: dict[str, int]) -> np.ndarray:
    """The loss and after it all gradients, for one random Z; the weights stay as they are."""
    images, labels = next(iter(batches(setting)))
    images, labels = images[:_IMAGES_CHECKED], labels[:_IMAGES_CHECKED]
    samples = model.draw(tf.constant([1, 2]))

    @tf.function(autograph=False)
    def step() -> list[tf.Tensor]:
        loss, _, *found = model.forward_and_backward(images, labels, None, samples)
        return [loss, *tf.nest.flatten(found)]

    return np.concatenate([np.ravel(tensor) for tensor in step()]).astype(np.float32)


def rates() -> dict[str, float]:
    """What the cores do together at best: multiply-adds and copied bytes a second."""
    tf.config.threading.set_intra_op_parallelism_threads(len(os.sched_getaffinity(0)))
    matrix, large = tf.ones((2048, 2048)), tf.ones((64, 2**20))
    product = min(_seconds(lambda: tf.matmul(matrix, matrix)) for _ in range(9))
    copy = min(_seconds(lambda: large + 1.0) for _ in range(9))
    return {"multiply_adds": 2048**3 / product, "bytes": 2 * 4 * 64 * 2**20 / copy}


def _seconds(function: Callable[[], tf.Tensor]) -> float:
    start, _ = now()
    function().numpy()[0, 0]
    return now()[0] - start


def floor(setting: dict[str, int]) -> dict[str, float]:
    """The least that a step computes and moves, and what that takes on this machine.

    The backward pass has two products for each of the forward pass. Moved is what convolutions,
    poolings and skip connections read and write; batch normalisation and activations are as if
    they were done on the way.
    """
    shared, tables = space.child_costs(cells(setting), skeleton(setting))
    batch_size = 3 * setting["batch_size"]
    multiply_adds, accesses = (
        batch_size * (of_all + sum(table[..., column].sum() for table in tables.values()))
        for column, of_all in ((1, shared.multiply_adds), (2, shared.memory_access))
    )
    found = rates()
    return {
        "multiply_adds": multiply_adds,
        "bytes": 4 * accesses,
        "rates": found,
        "arithmetic_ms": 1e3 * multiply_adds / found["multiply_adds"],
        "memory_ms": 1e3 * 4 * accesses / found["bytes"],
    }


def main() -> None:
    name, variant, file = sys.argv[1:]
    setting = WITH_NAS_BENCH_201[name]
    if variant == "floor":
        print(json.dumps(floor(setting)))
        return
    set_up(variant)
    model = build(setting, variant)
    run = bare if variant == "bare" else fitted
    if file:
        np.save(file, gradients(model, setting))
        model = build(setting, variant)  # running statistics have moved
    parameters = sum(int(np.prod(w.shape)) for w in model.supernet.trainable_variables)
    serve(run(model, setting), setting["steps"], parameters=parameters, version=tf.__version__)


if __name__ == "__main__":
    main()
