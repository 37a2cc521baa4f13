# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How many classes a network puts before the right one: what every accuracy is made of."""

from __future__ import annotations

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf


class Ranking(NamedTuple):
    """A network's answers to a set of images, or to whatever has a class, such as nodes of graphs.

    Attributes:
        labels: int (images,), the right classes.
        ranks: int (images,), the place of the right class among the answers; 0 is right.
    """

    labels: np.ndarray
    ranks: np.ndarray

    def accuracy(self, k: int = 1) -> float:
        """The part of the images, in [0, 1], whose class is among the first k answers."""
        return float((self.ranks < k).mean())


def rank(network: keras.Model, images: tf.data.Dataset) -> Ranking:
    """Lets a network answer.

    Args:
        network: Images to logits (batch, classes); or what has several classes an example, such as
            graphs, to (batch, places, classes).
        images: (images, labels) in batches, at least one. What has a label below 0 is passed over.
    """
    labels, ranks = [], []
    for batch, right in images.as_numpy_iterator():
        there = right >= 0
        logits = network.predict_on_batch(batch)[there]
        labels.append(right[there])
        ranks.append(ranks_of(logits, right[there]))
    return Ranking(np.concatenate(labels), np.concatenate(ranks))


def ranks_of(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The place of the right class in the order of the logits.

    Of equal logits the one of the lower class comes first, as for `argmax`; one that is no number
    comes before all others, so that a network that diverged is right nowhere.

    Args:
        logits: float (images, classes).
        labels: int (images,).

    Returns:
        int (images,), from 0 to the number of classes.
    """
    own = np.take_along_axis(logits, labels[:, None], axis=1)
    lower = np.arange(logits.shape[1]) < labels[:, None]
    return (~(logits <= own) | ((logits == own) & lower)).sum(axis=1)
