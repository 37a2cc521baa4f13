# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The moving average of a network's weights (Polyak and Juditsky, 1992), kept as a second network.

Keras's own, `use_ema` of an optimizer with the callback `SwapEMAWeights`, is not used: it leaves
out the running statistics of batch normalisation, so that averaged weights would be judged with
the statistics of other ones; and it exchanges the two by additions and subtractions, whose rounding
changes the weights that are trained with every validation. Here nothing is exchanged: the second
network is validated and kept, the first one trained.
"""

from __future__ import annotations

import keras
import tensorflow as tf

from snas_tf.networks import ImageNetwork


def decay_after(steps: tf.Tensor, decay: float) -> tf.Tensor:
    """The decay of one update: min(decay, (1 + n) / (10 + n)), as in `tf.train`'s average.

    A constant one would keep decay^n of the random weights at the start: a third of them after
    1,000 steps at 0.999. So the average is one over the last tenth of the steps at most.

    Args:
        steps: Integer scalar n, the number of steps that are done, this one included.
        decay: The greatest decay, in [0, 1).

    Returns:
        float32 scalar.
    """
    steps = tf.cast(steps, tf.float32)
    return tf.minimum(tf.constant(decay, tf.float32), (1.0 + steps) / (10.0 + steps))


def copy_to_average(network: ImageNetwork) -> ImageNetwork:
    """The network of the averages: one without auxiliary head and drop path, never trained.

    Args:
        network: The network that is trained; its present weights are the first averages.

    Returns:
        The copy. Call it in inference mode.
    """
    average = network.without_auxiliary()
    average.trainable = False
    return average


def update(average: ImageNetwork, network: ImageNetwork, decay: tf.Tensor) -> None:
    """average <- decay * average + (1 - decay) * network, for weights and running statistics.

    Under several replicas each one updates its own copy, with the same values everywhere: weights
    and statistics of the network must have been reduced before.

    Args:
        average: From `copy_to_average`.
        network: The network that is trained.
        decay: float32 scalar in [0, 1).
    """
    for mean, variable in _pairs(average, network):
        value = tf.convert_to_tensor(variable)
        mean.assign(value + decay * (tf.convert_to_tensor(mean) - value))


def _pairs(
    average: ImageNetwork, network: ImageNetwork
) -> list[tuple[keras.Variable, keras.Variable]]:
    return [
        pair
        for layer in average.layers
        for pair in zip(layer.weights, network.get_layer(layer.name).weights, strict=True)
    ]
