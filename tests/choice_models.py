# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Keras models with choices in them, small, of what a user may do with them."""

import keras
from keras import layers

from snas_tf import Choice, InputChoice, OneOf, Repeat


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


def sizes():
    """Open widths and kernel sizes, before all that channels may go through."""
    pixels = keras.Input((6, 6, 1))
    first = layers.Conv2D(OneOf(3, 4, 6), OneOf(1, 3, 5), padding="same", name="first")
    block = keras.Sequential([first, layers.BatchNormalization(), layers.ReLU()], name="block")
    width = OneOf(2, 4, decision="width")
    separable = layers.SeparableConv2D(width, OneOf(3, 5), padding="same", name="separable")
    x = early = separable(block(pixels))
    x = keras.ops.sigmoid(layers.BatchNormalization()(x))
    x = layers.Conv2D(width, 3, padding="same", activation="tanh")(x) + early
    two = keras.Sequential([layers.ReLU(), convolution(3, 5), layers.BatchNormalization()])
    x = Choice({"one": convolution(3), "two": two}, name="options")(x)
    y = layers.DepthwiseConv2D(
        OneOf(1, 3), strides=1, padding="same", depth_multiplier=2, name="depthwise"
    )(layers.Concatenate()([early, x]))
    y = layers.Dense(OneOf(3, 5), name="dense")(layers.Flatten()(layers.MaxPooling2D(3)(y)))
    x = layers.Concatenate()([layers.GlobalAveragePooling2D()(x), y])
    return keras.Model(pixels, layers.Dense(3, name="classes")(x), name="sizes")
