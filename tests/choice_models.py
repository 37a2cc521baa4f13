# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Keras models with choices in them, small, of what a user may do with them."""

import keras
from keras import layers

from snas_tf import Choice, InputChoice, Repeat


def convolution(filters, size=3):
    return layers.Conv2D(filters, size, padding="same")


def images():
    """Kernel, depth and wiring of a small CNN."""
    pixels = keras.Input((8, 8, 1), name="pixels")
    x = early = layers.BatchNormalization()(convolution(4)(pixels))
    options = {"conv3": convolution(4), "separable5": layers.SeparableConv2D(4, 5, padding="same")}
    x = Choice({**options, "skip": layers.Identity()}, name="kernel")(x)
    x = keras.ops.relu(x)
    block = keras.Sequential([convolution(4), layers.BatchNormalization(), layers.ReLU()])
    x = Repeat(block, 2, name="depth")(x)
    x = InputChoice(["late", "early", "pixels"], take=2, name="way")([x, early, convolution(4)(x)])
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(pixels, layers.Dense(3)(x), name="images")


def normalized():
    """Batch normalisation and dropout within an option."""
    features = keras.Input((4,))
    block = [layers.Dense(4), layers.BatchNormalization(), layers.Dropout(0.1)]
    options = {"block": keras.Sequential(block), "dense": layers.Dense(4)}
    x = Choice(options, name="step")(features)
    return keras.Model(features, layers.Dense(3, dtype="float32")(x))


def part():
    """A model with a choice, to be used within others."""
    features = keras.Input((6,))
    options = [layers.Dense(6, "relu"), layers.Dense(6, "tanh"), layers.Identity()]
    return keras.Model(features, Choice(options, name="within")(features), name="part")


def part_of(units, decision, name=None):
    """A model with one choice of that name."""
    features = keras.Input((units,))
    chosen = Choice([layers.Dense(units), layers.Identity()], name=decision)(features)
    return keras.Model(features, chosen, name=name)


def nested():
    """Two inputs and outputs by name; a model and a choice that are called twice; one decision."""
    left, right = keras.Input((6,), name="left"), keras.Input((6,), name="right")
    twice = part()
    x, y = twice(left), twice(right)
    options = {
        "wide": keras.Sequential([layers.Dense(9), layers.Dense(6)]),
        "flat": layers.Dense(6),
    }
    shared = Choice(options, name="first", decision="width")
    x, y = shared(x), shared(y)
    sequence = keras.Sequential(
        [
            keras.Input((6,)),
            Choice({"wide": layers.Dense(6, "relu"), "flat": layers.Dense(6)}, decision="width"),
            layers.LayerNormalization(),
        ]
    )
    y = sequence(y)
    outputs = {"sum": layers.Dense(2)(x + y), "right": layers.Dense(1)(y)}
    return keras.Model({"left": left, "right": right}, outputs, name="nested")


def series():
    """Attention and recurrence over a text, whose padding is masked."""
    tokens = keras.Input((5,), dtype="int32")
    x = layers.Embedding(11, 4, mask_zero=True)(tokens)
    x = Choice(
        {"two": layers.MultiHeadAttention(2, 3), "one": layers.MultiHeadAttention(1, 4)},
        name="heads",
    )(x, x)
    x = Choice(
        {
            "lstm": layers.LSTM(4, return_sequences=True),
            "gru": layers.GRU(4, return_sequences=True),
        },
        name="memory",
    )(x)
    return keras.Model(tokens, layers.Dense(2)(layers.GlobalAveragePooling1D()(x)), name="series")
