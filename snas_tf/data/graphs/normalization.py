# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The features of graphs on one scale: what networks of graphs take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from snas_tf.data.graphs.graphs import Graphs


def feature_statistics(graphs: Graphs) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and deviation of each feature of a node, then of each feature of an edge.

    A feature that is 0 or 1 everywhere, as of kinds and of words, and one that never changes, is
    left as it is: mean 0 and deviation 1.

    Args:
        graphs: The graphs, at least one.

    Returns:
        Means and deviations, positive.
    """
    mean, deviation = [], []
    for values in (graphs.nodes, graphs.edges):
        kinds = ((values == 0) | (values == 1)).all(axis=0)
        # In float64 and about the mean, so that a far one costs no digits.
        center = values.mean(axis=0, dtype=np.float64) if len(values) else np.zeros(len(kinds))
        spread = values.std(axis=0, dtype=np.float64) if len(values) else np.zeros(len(kinds))
        stays = kinds | (spread <= np.finfo(np.float32).eps * np.abs(center))
        mean += np.where(stays, 0.0, center).tolist()
        deviation += np.where(stays, 1.0, spread).tolist()
    return tuple(mean), tuple(deviation)


@keras.saving.register_keras_serializable(package="snas_tf")
class GraphNormalization(keras.layers.Layer):
    """(value - mean) / deviation of the features of nodes and edges, zeros where there are none.

    Args:
        mean: Of each feature of a node, then of each feature of an edge.
        deviation: Likewise, positive.

    Call arguments:
        batch: As from `padding.padded`.

    Returns:
        The batch with its features normalised, float32.
    """

    def __init__(self, mean: Sequence[float], deviation: Sequence[float], **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", "name": "normalization", **kwargs})
        self.mean = tuple(float(value) for value in mean)
        self.deviation = tuple(float(value) for value in deviation)

    def call(self, batch: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Normalises a batch."""
        width = batch["nodes"].shape[-1]
        columns = {"nodes": slice(width), "edges": slice(width, None)}
        return {
            **batch,
            **{
                name: self._normalized(batch[name], batch[f"num_{name}"], of)
                for name, of in columns.items()
            },
        }

    def _normalized(self, features: tf.Tensor, counts: tf.Tensor, columns: slice) -> tf.Tensor:
        mean, deviation = (tf.constant(row[columns]) for row in (self.mean, self.deviation))
        there = tf.sequence_mask(counts, tf.shape(features)[1])[..., tf.newaxis]
        return tf.where(there, (tf.cast(features, tf.float32) - mean) / deviation, 0.0)

    def compute_output_shape(self, input_shape: Mapping[str, Any]) -> dict[str, Any]:
        """That of what is given."""
        return dict(input_shape)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        own = {"mean": list(self.mean), "deviation": list(self.deviation)}
        return {**super().get_config(), **own}
