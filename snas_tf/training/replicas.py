# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a step under several replicas needs beyond Keras: means over images, clipping after sums.

Keras takes the mean over replicas of each replica's mean loss, which is another number where they
have different numbers of images, and clips the gradient of each replica before it sums them, which
clips too much or too little. Here every replica differentiates the sum over its own images; the
sums are added up, divided by the number of all images, clipped as the optimizer is told, and
divided by the number of replicas, so that the optimizer's own sum over replicas gives the clipped
gradient of the mean. A single replica does none of this, and what Keras does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from snas_tf.layers import running_statistics


def num_replicas() -> int:
    """How many replicas share the step, 1 without a strategy."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def all_reduce(operation: tf.distribute.ReduceOp, tensors: list[tf.Tensor]) -> list[tf.Tensor]:
    """The sum or mean over replicas of every tensor; the tensors themselves with one replica."""
    if num_replicas() == 1 or not tensors:
        return tensors
    return tf.distribute.get_replica_context().all_reduce(operation, tensors)


def num_examples(inputs: Any) -> tf.Tensor:
    """How many examples a batch has: int32 scalar, the first size of its first tensor.

    Args:
        inputs: A tensor (batch, ...) or a nest of them.
    """
    return tf.shape(tf.nest.flatten(inputs)[0])[0]


def summed(mean: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
    """A mean over a replica's images, times their number: what `synchronize` adds up.

    Args:
        mean: float32, of any shape.
        count: Number of the replica's images.

    Returns:
        The sum over the images; with one replica the mean, which is what it is to be in the end.
    """
    return mean if num_replicas() == 1 else mean * tf.cast(count, mean.dtype)


def synchronize(
    network: keras.Model, count: tf.Tensor, *groups: list[tf.Tensor]
) -> tuple[list[tf.Tensor], ...]:
    """Takes gradients and running statistics to their means over the images of all replicas.

    All of them cross between the devices at once.

    Args:
        network: The network, whose running statistics of batch normalisation are set to the mean.
        count: Number of this replica's images.
        *groups: Lists of sums over this replica's images, see `summed`.

    Returns:
        The groups, each divided by the number of all images.
    """
    if num_replicas() == 1:
        return groups
    statistics = running_statistics(network)
    present = [summed(_read(variable), count) for variable in statistics]
    flat = [tensor for group in (*groups, present) for tensor in group]
    *totals, count = all_reduce(tf.distribute.ReduceOp.SUM, [*flat, tf.cast(count, tf.float32)])
    means = iter([total / count for total in totals])
    reduced = tuple([next(means) for _ in group] for group in groups)
    for variable, mean in zip(statistics, means, strict=True):
        variable.assign(mean)
    return reduced


def clipped(gradients: list[tf.Tensor], optimizer: keras.optimizers.Optimizer) -> list[tf.Tensor]:
    """Clips gradients as an optimizer's `clipvalue`, `clipnorm` or `global_clipnorm` asks.

    Args:
        gradients: The gradients of all of the optimizer's variables, of all replicas.
        optimizer: The optimizer, of whose settings at most one is set.

    Returns:
        List of clipped gradients.
    """
    if optimizer.clipvalue:
        limit = optimizer.clipvalue
        return [tf.clip_by_value(gradient, -limit, limit) for gradient in gradients]
    if optimizer.clipnorm:
        return [tf.clip_by_norm(gradient, optimizer.clipnorm) for gradient in gradients]
    if optimizer.global_clipnorm:
        return tf.clip_by_global_norm(gradients, optimizer.global_clipnorm)[0]
    return gradients


def clipped_shares(
    gradients: list[tf.Tensor], optimizer: keras.optimizers.Optimizer
) -> list[tf.Tensor]:
    """This replica's share of the clipped gradients; to be passed to `optimizer.apply`.

    Args:
        gradients: The gradients of all of the optimizer's variables, from `synchronize`.
        optimizer: The optimizer that will apply them.

    Returns:
        List of gradients whose sum over replicas is the clipped gradient.
    """
    count, found = num_replicas(), clipped(gradients, optimizer)
    return found if count == 1 else [gradient * (1.0 / count) for gradient in found]


def answers(network: Callable[[Any], Any], inputs: Any) -> Any:
    """`network(inputs)`, also on a replica that has no image left in the last batch.

    That one computes a blank image and throws the answer away: not every operation takes an empty
    batch.

    Args:
        network: Inputs to an answer, or a nest of them, (batch, ...).
        inputs: A tensor (batch, ...), such as images, or a nest of them.

    Returns:
        The network's answer.
    """
    if num_replicas() == 1:
        return network(inputs)
    count = num_examples(inputs)
    missing = tf.maximum(1 - count, 0)
    padded = tf.nest.map_structure(
        lambda part: tf.pad(part, [(0, missing), *[(0, 0)] * (part.shape.rank - 1)]), inputs
    )
    return tf.nest.map_structure(lambda answer: answer[:count], network(padded))


def track_loss(tracker: keras.metrics.Metric, loss: tf.Tensor, count: tf.Tensor) -> None:
    """Adds the loss of a batch to the mean that is reported.

    Args:
        tracker: The mean.
        loss: The mean loss of this replica's images.
        count: Number of this replica's images, the weight in the mean.
    """
    tracker.update_state(loss, sample_weight=count)


def _read(variable: keras.Variable) -> tf.Tensor:
    # Several workers reduce where a tensor lies, which a mere reading of a variable does not say.
    return tf.identity(tf.convert_to_tensor(variable))
