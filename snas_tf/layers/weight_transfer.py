# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Carries weights from a layer of the supernet to the layer of the child that does the same."""

from __future__ import annotations

import keras
import tensorflow as tf


def transfer(
    source: keras.layers.Layer, target: keras.layers.Layer, edge: int | None = None
) -> None:
    """Copies the weights that two built layers have in common, by name.

    Scale and shift that `source` does not have keep their initial one and zero in `target`, which
    changes nothing of what it computes.

    Args:
        source: The layer to copy from.
        target: The layer to copy to, of the same kind.
        edge: The position of the one edge to copy where `source` stacks several along the leading
            axis of its weights; what all edges share (the statistics of a pooled input) has one row
            and is taken as it is. None copies whole weights.

    Raises:
        ValueError: Two weights of `source` have one name.
    """
    theirs = {weight.path.removeprefix(f"{source.path}/"): weight for weight in source.weights}
    if len(theirs) < len(source.weights):
        raise ValueError(
            f"The weights of a layer must have names of their own. Received: {source.path}, where "
            "two layers have the same name. Give the layers inside it different names."
        )
    for weight in target.weights:
        name = weight.path.removeprefix(f"{target.path}/")
        if name not in theirs:
            continue
        value = tf.convert_to_tensor(theirs[name])
        if edge is not None:
            row = edge if value.shape[0] > 1 else 0
            value = value[row : row + 1]
        weight.assign(value)
