# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The running metrics within an epoch, replica by replica: an epoch can go on in its middle.

Keras saves weights and optimizers, not metrics; and a metric under a strategy is a sum that every
replica keeps for itself and that is added up when it is read. The parts are kept here, for the sum
of sums that were cut in two would be rounded differently.
"""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf


def collect(model: keras.Model) -> list[np.ndarray]:
    """The running metrics of all replicas; every worker must call it at the same step.

    Args:
        model: A compiled model whose metrics are built.

    Returns:
        An array (replicas, ...) for each of `model.metrics_variables`.
    """
    strategy = model.distribute_strategy
    variables = model.metrics_variables
    parts = [strategy.experimental_local_results(variable.value) for variable in variables]
    if len(parts[0]) == strategy.num_replicas_in_sync:
        return [np.stack([part.numpy() for part in local]) for local in parts]
    rows = _of_all_workers(strategy, variables)
    ends = np.cumsum([int(np.prod(variable.shape)) for variable in variables])
    return [
        columns.reshape(-1, *variable.shape)
        for variable, columns in zip(variables, np.split(rows, ends[:-1], axis=1), strict=True)
    ]


def restore(model: keras.Model, state: list[np.ndarray]) -> None:
    """Gives every replica its part; on another number of replicas, the first one the sum.

    Args:
        model: As it was when the metrics were collected.
        state: What `collect` returned.

    Raises:
        ValueError: The model has other metrics.
    """
    variables = model.metrics_variables
    if [array.shape[1:] for array in state] != [tuple(variable.shape) for variable in variables]:
        raise ValueError("The metrics of `model` are not those that were collected.")
    strategy = model.distribute_strategy
    replicas = strategy.num_replicas_in_sync
    for variable, parts in zip(variables, state, strict=True):
        if len(parts) != replicas:
            parts = np.concatenate([parts.sum(axis=0, keepdims=True), np.zeros_like(parts[:1])])
        local = strategy.experimental_local_results(variable.value)
        first = _first_local_replica(strategy, len(local))
        for number, component in enumerate(local, start=first):
            component.assign(parts[min(number, len(parts) - 1)])


def _of_all_workers(
    strategy: tf.distribute.Strategy, variables: list[keras.Variable]
) -> np.ndarray:
    """What each replica has in each variable, a row a replica."""

    def row() -> tf.Tensor:
        context = tf.distribute.get_replica_context()
        numbers = tf.concat([tf.reshape(variable.value, [-1]) for variable in variables], axis=0)
        own = tf.one_hot(context.replica_id_in_sync_group, context.num_replicas_in_sync)
        # The sum of a number and zeros is the number, to the bit.
        return context.all_reduce(tf.distribute.ReduceOp.SUM, own[:, None] * numbers)

    table = tf.function(lambda: strategy.run(row))()
    return strategy.experimental_local_results(table)[0].numpy()


def _first_local_replica(strategy: tf.distribute.Strategy, local: int) -> int:
    resolver = strategy.cluster_resolver
    if local == strategy.num_replicas_in_sync or resolver is None:
        return 0
    return resolver.task_id * local
