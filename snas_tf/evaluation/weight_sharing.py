# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What an architecture is worth within a supernet whose weights were trained for all of them."""

from __future__ import annotations

from collections.abc import Iterable

import tensorflow as tf

from snas_tf.evaluation import costs
from snas_tf.evaluation.evaluator import Parent
from snas_tf.networks import Searchable
from snas_tf.space import Architecture

ACCURACY = "accuracy"


class WeightSharing:
    """An `Evaluator`: judges an architecture by a supernet's weights, without training any.

    Batch normalisation takes the statistics of the batch, as in training: the running ones are of
    whatever was sampled while the supernet learnt, and of no architecture. So the accuracy depends
    on the size of the batches. The supernet keeps its own statistics.

    Args:
        supernet: A trained network that answers for every architecture of its space with logits
            (batch, classes).
        data: (inputs, labels) in batches, labels int (batch,) or (batch, places), below 0 where
            there is none; each must hold more than one example.
        measures: Costs of the architecture's own network, some of `costs.NAMES`. Each needs that
            network, which takes longer to build than the accuracy to measure.

    Raises:
        InvalidInput: A cost is unknown.
    """

    def __init__(self, supernet: Searchable, data: Iterable, measures: Iterable[str] = ()) -> None:
        self._supernet = supernet
        self._data = data
        self._measures = tuple(measures)
        costs.check(self._measures)
        self._right = tf.function(self._count_right, autograph=False, reduce_retracing=True)
        self._statistics = supernet.non_trainable_weights

    def evaluate(
        self, architecture: Architecture, *, seed: int = 0, parent: Parent | None = None
    ) -> dict[str, float]:
        """Measures an architecture.

        Args:
            architecture: One of the supernet's space.
            seed: Of no influence: nothing is left to chance.
            parent: Of no influence.

        Returns:
            {"accuracy": in [0, 1], cost: value, ...}.
        """
        rows = {
            name: tf.constant(values)
            for name, values in self._supernet.space.encode(architecture).items()
        }
        kept = [weight.numpy() for weight in self._statistics]
        right = count = 0
        try:
            for inputs, labels in self._data:
                of_batch, there = self._right(inputs, labels, rows)
                right, count = right + int(of_batch), count + int(there)
        finally:
            for weight, value in zip(self._statistics, kept, strict=True):
                weight.assign(value)
        found = {ACCURACY: right / count}
        if self._measures:
            child = self._supernet.child(architecture)
            found.update(costs.measure(child, self._measures))
        return found

    def _count_right(
        self, inputs: tf.Tensor, labels: tf.Tensor, rows: dict
    ) -> tuple[tf.Tensor, tf.Tensor]:
        return right_and_count(self._supernet(inputs, rows, training=True, one_hot=True), labels)


def right_and_count(logits: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """How many of some labels an answer puts first, and how many there are.

    Args:
        logits: (..., classes).
        labels: int (...); what has one below 0 is passed over.

    Returns:
        int32 scalars.
    """
    labels = tf.cast(labels, tf.int32)
    answers = tf.argmax(logits, axis=-1, output_type=tf.int32)
    right, there = (tf.cast(which, tf.int32) for which in (answers == labels, labels >= 0))
    return tf.reduce_sum(right), tf.reduce_sum(there)
