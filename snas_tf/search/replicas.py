# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a step under several replicas needs beyond Keras: reduction before clipping.

Keras clips the gradient of each replica before it sums them, which clips too much or too little.
Here gradients are summed first, clipped as the optimizer is told, and divided by the number of
replicas, so that the optimizer's own sum over replicas gives the clipped gradient.
"""

from __future__ import annotations

import keras
import tensorflow as tf


def num_replicas() -> int:
    """How many replicas share the step, 1 without a strategy."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def all_reduce(operation: tf.distribute.ReduceOp, tensors: list[tf.Tensor]) -> list[tf.Tensor]:
    """The sum or mean over replicas of every tensor; the tensors themselves with one replica."""
    if num_replicas() == 1 or not tensors:
        return tensors
    return tf.distribute.get_replica_context().all_reduce(operation, tensors)


def clipped(gradients: list[tf.Tensor], optimizer: keras.optimizers.Optimizer) -> list[tf.Tensor]:
    """Clips gradients as an optimizer's `clipvalue`, `clipnorm` or `global_clipnorm` asks.

    Args:
        gradients: The gradients of all of the optimizer's variables, summed over replicas.
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


def reduced_and_clipped(
    gradients: list[tf.Tensor], optimizer: keras.optimizers.Optimizer
) -> list[tf.Tensor]:
    """This replica's share of the clipped sum of gradients; to be passed to `optimizer.apply`.

    Args:
        gradients: This replica's gradients of all of the optimizer's variables.
        optimizer: The optimizer that will apply them.

    Returns:
        List of gradients whose sum over replicas is the clipped gradient.
    """
    total = all_reduce(tf.distribute.ReduceOp.SUM, gradients)
    share = 1.0 / num_replicas()
    return [gradient * share for gradient in clipped(total, optimizer)]


def average_statistics(model: keras.Model) -> None:
    """Averages the running statistics of batch normalisation over replicas.

    Args:
        model: The model whose non-trainable variables are averaged.
    """
    if num_replicas() == 1:
        return
    statistics = [value for value in model.non_trainable_variables if "float" in value.dtype]
    values = [tf.convert_to_tensor(value) for value in statistics]
    means = all_reduce(tf.distribute.ReduceOp.MEAN, values)
    for variable, mean in zip(statistics, means, strict=True):
        variable.assign(mean)


def track_loss(tracker: keras.metrics.Metric, loss: tf.Tensor, images: tf.Tensor) -> None:
    """Adds the loss of a batch to the mean that is reported.

    Args:
        tracker: The mean.
        loss: This replica's share of the loss.
        images: The batch, whose size is the weight in the mean.
    """
    tracker.update_state(loss * num_replicas(), sample_weight=tf.shape(images)[0])
