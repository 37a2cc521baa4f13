# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A network of which it is known what each option is worth."""

import keras
import numpy as np
import tensorflow as tf

from snas_tf import space

OPTIONS = ("idle", "harmful", "useful")
SPACE = space.ProductSpace(
    [space.Decision("first", ["a", "b"], OPTIONS), space.Decision("unused", ["c"], OPTIONS[:2])]
)
COST = {"first": [[[0], [1], [5]]] * 2, "unused": [[[0], [1]]]}
COSTS = space.CostTable(
    ("operations",),
    (0,),
    COST,
    uses={"first": (np.array([COST["first"]], float), np.ones(1))},
)
CLASSES = 4


class Planted(keras.Model):
    """Its answer is a bias, and the right class as far as the useful option is taken in `first`.

    The bias speaks for class 0, the harmful option faintly for class 1; a weight multiplies all.
    """

    space, costs = SPACE, COSTS

    def __init__(self):
        super().__init__()
        self.scale = self.add_weight(shape=(), initializer="ones", name="scale")
        self.built = True

    def call(self, x, samples, training=False, one_hot=False):
        rows = samples["first"]
        wrong = tf.one_hot(1, CLASSES) * 0.1 * tf.reduce_sum(rows[:, 1])
        return self.scale * (
            tf.one_hot(0, CLASSES) * 0.3 + wrong + x * tf.reduce_sum(rows[:, 2]) * 0.6
        )

    def child(self, architecture):
        rows = {k: tf.constant(z) for k, z in SPACE.encode(architecture).items()}
        inputs = keras.Input((CLASSES,))
        return keras.Model(inputs, keras.layers.Lambda(lambda x: self(x, rows))(inputs))


def batches(count=3):
    """Inputs that are the one-hot labels, and labels of which some are missing."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, CLASSES, (count, 8))
    inputs = np.eye(CLASSES, dtype="float32")[labels]
    labels[:, 0] = -1
    return [(tf.constant(x), tf.constant(y)) for x, y in zip(inputs, labels, strict=True)]


def misled(strength=0.9):
    """Probabilities that speak for what is idle."""
    rest = (1 - strength) / 2
    return {
        "first": np.array([[strength, rest, rest]] * 2),
        "unused": np.array([[0.3, 0.7]]),
    }
