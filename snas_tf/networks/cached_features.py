# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a frozen part of a network answers, computed once, for a search of what stands behind it."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from snas_tf.errors import InvalidInput


def cached_features(frozen: keras.Model, data: tf.data.Dataset) -> tf.data.Dataset:
    """The examples of a data set as a frozen network sees them, kept in memory from the first pass.

    A search of a head behind a backbone that does not learn needs no more of it than this, and a
    step costs what the head does. What is found stands behind the backbone by
    `keras.Sequential([frozen, child])`, and answers the same.

    Args:
        frozen: A network with `trainable = False`, whose answers therefore never change. It runs in
            inference mode.
        data: Batches of inputs, or of (inputs, labels) or (inputs, labels, weights), the same every
            time it is gone through: varied or mixed images are varied or mixed once and for all.
            Do shuffle what this returns.

    Returns:
        The same batches, with answers in the place of inputs.

    Raises:
        InvalidInput: The network can learn, or the data have no end.
    """
    if frozen.trainable_variables:
        raise InvalidInput(
            f"`frozen` must have nothing to learn: given {frozen.name!r} with "
            f"{len(frozen.trainable_variables)} trainable variables; do set trainable = False"
        )
    if int(data.cardinality()) == tf.data.INFINITE_CARDINALITY:
        raise InvalidInput("`data` must have an end: given one that repeats forever")

    def answer(*batch: Any) -> Any:
        inputs, *others = batch
        features = frozen(inputs, training=False)
        return (features, *others) if others else features

    return data.map(answer, deterministic=True).cache().prefetch(tf.data.AUTOTUNE)
