# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Stateless seeds: every random number follows from the run's seed, saved counters, the replica.

A resumed run draws what an uninterrupted one would have, with no generator's state to save.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator

import tensorflow as tf


def replica_id() -> tf.Tensor | int:
    """The number of this replica, 0 without a strategy."""
    context = tf.distribute.get_replica_context()
    return 0 if context is None else context.replica_id_in_sync_group


def stateless_seed(seed: int, stream: int, *counters: tf.Tensor, shared: bool = False) -> tf.Tensor:
    """A seed for TensorFlow's stateless operations and for TFP.

    Args:
        seed: The run's seed.
        stream: What the numbers are for; different streams are independent.
        *counters: Integer scalars, such as the saved step counter.
        shared: Whether all replicas get the seed of the first, which is that of one device.

    Returns:
        Integers [2], different on every replica unless shared.
    """
    fold_in = tf.random.experimental.stateless_fold_in
    folded = fold_in(tf.constant([seed, stream], tf.int32), 0 if shared else replica_id())
    for counter in counters:
        folded = fold_in(folded, tf.convert_to_tensor(counter))
    return folded


@contextlib.contextmanager
def weights(seed: int) -> Iterator[None]:
    """Within it Keras layers that are built have the initial weights of a seed.

    Keras draws the seed of every initializer and dropout that was given none from Python's own
    generator, whose state is afterwards what it was before.

    Args:
        seed: Any whole number.
    """
    before = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(before)
