# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How many classes a network puts before the right one: what every accuracy is made of.

Where labels are numbers, how far its answers are from them.
"""

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
        answers: int (images,), the class that comes first; -1 where no answer can be right.
        certainties: float (images,), the probability that each answer was given.
    """

    labels: np.ndarray
    ranks: np.ndarray
    answers: np.ndarray
    certainties: np.ndarray

    def accuracy(self, k: int = 1) -> float:
        """The part of the images, in [0, 1], whose class is among the first k answers."""
        return float((self.ranks < k).mean())

    def balanced_accuracy(self) -> float:
        """The mean, over the classes that there are, of the part of each that is right."""
        right, labels, _ = self._counts()
        return float((right / labels).mean())

    def f1(self) -> float:
        """The mean of their F1, the harmonic mean of precision and recall."""
        right, labels, answers = self._counts()
        return float((2 * right / (labels + answers)).mean())

    def _counts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of each class that there is: what is right of it, what is of it, what is said to be."""
        found = (self.labels[self.ranks == 0], self.labels, self.answers[self.answers >= 0])
        most = max(int(values.max(initial=0)) for values in found) + 1
        counts = [np.bincount(values, minlength=most) for values in found]
        there = counts[1] > 0
        return tuple(count[there] for count in counts)


def rank(network: keras.Model, images: tf.data.Dataset) -> Ranking:
    """Lets a network answer.

    Args:
        network: Images to logits (batch, classes); or what has several classes an example, such as
            graphs, to (batch, places, classes).
        images: (images, labels) in batches, at least one. What has a label below 0 is passed over.
    """
    found = []
    for batch, right in images.as_numpy_iterator():
        there = right >= 0
        logits = network.predict_on_batch(batch)[there]
        answers = np.where(np.isnan(logits).any(axis=1), -1, logits.argmax(axis=1))
        found.append((right[there], ranks_of(logits, right[there]), answers, _certainties(logits)))
    return Ranking(*map(np.concatenate, zip(*found, strict=True)))


def _certainties(logits: np.ndarray) -> np.ndarray:
    """The greatest probability of each row."""
    below = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    return 1 / np.exp(below).sum(axis=1)


def mean_absolute_error(network: keras.Model, images: tf.data.Dataset) -> float:
    """The mean distance of a network's answers from numbers.

    Args:
        network: Examples to answers (batch, 1), or of nodes and edges of graphs (batch, places, 1).
        images: (examples, numbers) in batches, at least one. What is NaN is passed over.
    """
    distances = []
    for batch, right in images.as_numpy_iterator():
        there = np.isfinite(right)
        answers = network.predict_on_batch(batch)[..., 0]
        distances.append(np.abs(answers[there].astype(np.float64) - right[there]))
    return float(np.concatenate(distances).mean())


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
