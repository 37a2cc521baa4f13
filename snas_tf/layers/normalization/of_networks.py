# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The batch normalisations in a whole network, Keras's own among them."""

from __future__ import annotations

import keras
import tensorflow as tf

from snas_tf import keras_internals
from snas_tf.layers.normalization.batch_normalization import BatchNormalization


def running_statistics(network: keras.Model) -> list[keras.Variable]:
    """The means and variances in a network that a training step updates: those not frozen."""
    normalizations = BatchNormalization | keras.layers.BatchNormalization
    return [
        variable
        for layer in keras_internals.all_sublayers(network)
        if isinstance(layer, normalizations) and layer.trainable
        for variable in (layer.moving_mean, layer.moving_variance)
    ]


def synchronize(network: keras.Model) -> None:
    """Lets every batch normalisation in a network take the statistics of all replicas.

    Args:
        network: The network, built under the strategy under which it is to be trained.
    """
    for layer in keras_internals.all_sublayers(network):
        if isinstance(layer, BatchNormalization):
            layer.synchronized = True
        elif isinstance(layer, keras.layers.BatchNormalization):
            # Keras's own rounds in another way when it is synchronised with nobody.
            layer.synchronized = tf.distribute.get_strategy().num_replicas_in_sync > 1
