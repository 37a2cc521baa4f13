# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a training step of a model with choices takes, beside that of its child alone.

    python benchmarks/choice_step.py [--rounds=12] [--threads=2] [--filters=16] [--estimator=...]

The model is the small CNN of docs/choice.md on the digits, without its open width, in batches of
64. For each estimator a block of steps of the search and of the child it would find are timed in
turns, and the ratio of the means of the rounds is printed: of the time that passes, and of the time
that cores work, which other work on the machine hardly changes. Steps are as `fit` runs them,
optimizers included; under an estimator of single path every step runs the options that it draws, so
the child timed beside it is another in every round: in twelve of them each option of each decision
is taken as often, as the search takes it.
"""

from __future__ import annotations

import argparse
import statistics
import time

import keras
import numpy as np
import tensorflow as tf
from keras import layers

import snas_tf
from snas_tf.networks import ChoiceSupernet
from snas_tf.space import Selection

STEPS = 60
ESTIMATORS = ("straight_through", "score_function", "concrete")
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def digits_model(filters=16):
    def convolution(size):
        return layers.Conv2D(filters, size, padding="same")

    def block():
        return keras.Sequential([convolution(3), layers.BatchNormalization(), layers.ReLU()])

    x = inputs = keras.Input((8, 8, 1))
    x = block()(x)
    separable = layers.SeparableConv2D(filters, 5, padding="same")
    options = {"conv3": convolution(3), "separable5": separable, "skip": layers.Identity()}
    x = snas_tf.Choice(options, name="kernel")(x)
    x = layers.MaxPooling2D()(x)
    x = snas_tf.Repeat(block(), 3, name="depth")(x)
    poolings = {"average": layers.GlobalAveragePooling2D(), "max": layers.GlobalMaxPooling2D()}
    x = snas_tf.Choice(poolings, name="pooling")(x)
    return keras.Model(inputs, layers.Dense(10)(x))


def architecture(space, number):
    """One whose every decision takes the options in turns."""
    options = {d.name: d.options[number % len(d.options)] for d in space.decisions}
    return Selection({name: [option] for name, option in options.items()})


def milliseconds(step, batches):
    """Of a step: those that pass, and those that cores work."""
    start = time.perf_counter(), time.process_time()
    for batch in batches:
        step(batch)
    end = time.perf_counter(), time.process_time()
    return [
        1000 * (after - before) / len(batches) for before, after in zip(start, end, strict=True)
    ]


def stepper(model):
    """One step as `fit` runs it, a function of a batch."""
    function = tf.function(lambda batch: model.train_step(batch), autograph=False)
    return lambda batch: {k: float(v) for k, v in function(batch).items() if k == "loss"}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--filters", type=int, default=16)
    parser.add_argument("--estimator", nargs="*", default=ESTIMATORS, choices=ESTIMATORS)
    given = parser.parse_args()
    tf.config.threading.set_inter_op_parallelism_threads(given.threads)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    rng = np.random.default_rng(0)
    batches = [
        (
            tf.constant(rng.normal(size=(64, 8, 8, 1)), tf.float32),
            tf.constant(rng.integers(0, 10, 64), tf.int32),
        )
        for _ in range(STEPS)
    ]
    for estimator in given.estimator:
        network = ChoiceSupernet(digits_model(given.filters))
        search = snas_tf.Snas.of(
            network,
            epochs=100,
            steps_per_epoch=STEPS,
            estimator=estimator,
            warmup_steps=0,
            verbose=False,
        )
        search.compile(loss=LOSS, architecture_optimizer=keras.optimizers.Adam(1e-9))
        step = stepper(search)
        milliseconds(step, batches[:5])
        taken = []
        for number in range(given.rounds):
            child = network.child(architecture(network.space, number))
            child.compile("adam", LOSS, jit_compile=False)
            alone = stepper(child)
            milliseconds(alone, batches[:5])
            taken.append((*milliseconds(step, batches), *milliseconds(alone, batches)))
        passed, worked, passed_alone, worked_alone = map(statistics.mean, zip(*taken, strict=True))
        print(
            f"{estimator}: {passed:.2f} ms a step, children {passed_alone:.2f}, ratio "
            f"{passed / passed_alone:.2f}; of cores {worked:.2f}, children {worked_alone:.2f}, "
            f"ratio {worked / worked_alone:.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
