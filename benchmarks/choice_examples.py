# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is found in a user's model, beside each option taken everywhere and random choices.

    python benchmarks/choice_examples.py [--example=digits|table|series] [--seeds=5] [--random=2]

The models are those of docs/choice.md. For each seed one search is run. The network that it finds
is judged on the test data as it is, with the weights of the search; it is then trained from the
start, as are the first option of every decision, the second and so on (a decision that has fewer
takes its last), and some random architectures: all for as many epochs, with the optimizer that the
search has, on the same batches. Printed are the means and standard deviations over the seeds.
"""

from __future__ import annotations

import argparse
import collections
import statistics
import time

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_breast_cancer, load_digits

import snas_tf
from snas_tf.networks import ChoiceSupernet

CLASSES = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def block():
    convolution = layers.Conv2D(16, 3, padding="same")
    return keras.Sequential([convolution, layers.BatchNormalization(momentum=0.9), layers.ReLU()])


def digits():
    x = inputs = keras.Input((8, 8, 1))
    x = block()(x)
    options = {
        "conv3": layers.Conv2D(16, 3, padding="same"),
        "separable5": layers.SeparableConv2D(16, 5, padding="same"),
        "skip": layers.Identity(),
    }
    x = layers.MaxPooling2D()(snas_tf.Choice(options, name="kernel")(x))
    x = snas_tf.Repeat(block(), 3, name="depth")(x)
    width = snas_tf.OneOf(16, 32)
    x = layers.Conv2D(width, 3, padding="same", activation="relu", name="last")(x)
    poolings = {"average": layers.GlobalAveragePooling2D(), "max": layers.GlobalMaxPooling2D()}
    x = snas_tf.Choice(poolings, name="pooling")(x)
    return keras.Model(inputs, layers.Dense(10)(x))


def table():
    x = inputs = keras.Input((30,))
    norms = {"layer": layers.LayerNormalization(), "none": layers.Identity()}
    x = snas_tf.Choice(norms, name="normalisation")(x)
    x = layers.Dense(snas_tf.OneOf(8, 16, 32), name="hidden")(x)
    activations = {"relu": layers.ReLU(), "tanh": layers.Activation("tanh")}
    x = snas_tf.Choice(activations, name="activation")(x)
    return keras.Model(inputs, layers.Dense(1)(x))


def series():
    x = inputs = keras.Input((8, 8))
    x = layers.Dense(16)(layers.Masking()(x))
    memories = {"gru": layers.GRU(16, return_sequences=True), "none": layers.Identity()}
    x = snas_tf.Choice(memories, name="memory")(x)
    heads = {
        name: layers.MultiHeadAttention(count, 16 // count)
        for name, count in (("one", 1), ("two", 2), ("four", 4))
    }
    attended = layers.Add()([x, snas_tf.Choice(heads, name="heads")(x, x)])
    x = snas_tf.InputChoice(["attended", "recurrent"], name="way")([attended, x])
    x = layers.GlobalAveragePooling1D()(layers.LayerNormalization()(x))
    return keras.Model(inputs, layers.Dense(10)(x))


def image_data(*shape):
    images, labels = load_digits(return_X_y=True)
    images = images.reshape(-1, 8, *shape).astype("float32") / 16
    return (images[360:], labels[360:]), (images[:360], labels[:360])


def table_data():
    rows, labels = load_breast_cancer(return_X_y=True)
    rows = ((rows - rows[114:].mean(0)) / rows[114:].std(0)).astype("float32")
    return (rows[114:], labels[114:]), (rows[:114], labels[:114])


EXAMPLES = {
    "digits": (digits, lambda: image_data(8, 1), CLASSES, "accuracy", 10, 0.002),
    "table": (
        table,
        table_data,
        keras.losses.BinaryCrossentropy(from_logits=True),
        keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy"),
        12,
        0.002,
    ),
    "series": (series, lambda: image_data(8), CLASSES, "accuracy", 12, 0.01),
}


def adam(rate, steps):
    return keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(rate, steps))


def accuracies(name, seed, random):
    """{what was trained: its accuracies on the test data}, of one seed; and what was found."""
    build, data, loss, metric, epochs, rate = EXAMPLES[name]
    training, test = data()
    of_training = {"batch_size": 64, "epochs": epochs, "verbose": 0}
    steps = epochs * -(-len(training[0]) // 64)
    keras.utils.set_random_seed(seed)
    search = snas_tf.Snas.of(
        build(), epochs=epochs, data=training, batch_size=64, seed=seed, verbose=False
    )
    search.compile(optimizer=adam(rate, steps), loss=loss, metrics=[metric])
    start = time.perf_counter()
    search.fit(*training, **of_training)
    seconds = time.perf_counter() - start
    space, found = search.supernet.space, search.genotype()
    answers = {"found, as it is": [search.evaluate(*test, verbose=0, return_dict=True)["accuracy"]]}
    rng = np.random.default_rng(seed)
    wanted = {"found, trained anew": [found], "random": [space.sample(rng) for _ in range(random)]}
    for place in range(max(len(decision.options) for decision in space.decisions)):
        rows = {
            d.name: np.eye(len(d.options))[[min(place, len(d.options) - 1)]]
            for d in space.decisions
        }
        wanted[f"option {place + 1} everywhere"] = [space.decode(rows)]
    for kind, architectures in wanted.items():
        answers[kind] = []
        for architecture in architectures:
            keras.utils.set_random_seed(seed)
            network = ChoiceSupernet(build()).child(architecture)
            network.compile(adam(rate, steps), loss, metrics=[metric], jit_compile=False)
            network.fit(*training, **of_training)
            told = network.evaluate(*test, verbose=0, return_dict=True)
            answers[kind].append(told["accuracy"])
    chosen = ", ".join(f"{key} {options[0]}" for key, options in found.chosen)
    print(f"{name}, seed {seed}: {seconds:.0f} s of search; {chosen}", flush=True)
    return answers


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--example", choices=EXAMPLES, nargs="*", default=list(EXAMPLES))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--random", type=int, default=2)
    given = parser.parse_args()
    for name in given.example:
        gathered = collections.defaultdict(list)
        for seed in range(given.seeds):
            for kind, answers in accuracies(name, seed, given.random).items():
                gathered[kind] += answers
        for kind, answers in gathered.items():
            spread = statistics.stdev(answers) if len(answers) > 1 else 0.0
            mean = 100 * statistics.mean(answers)
            print(f"  {name}, {kind}: {mean:.2f} +- {100 * spread:.2f} %", flush=True)


if __name__ == "__main__":
    main()
