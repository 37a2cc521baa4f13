# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a network learns of a data set: the loss, and the metrics by which it is followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

from snas_tf.data.splits import GRAPHS
from snas_tf.training.labelled_losses import LabelledCrossentropy
from snas_tf.training.labelled_metrics import F1, BalancedAccuracy, LabelledAccuracy

if TYPE_CHECKING:
    from snas_tf.programs.problems import Images

TOP = 5
"""More classes than that are needed for a top-5 accuracy, of which there would be no point."""

KEPT = ("accuracy", "balanced_accuracy", "f1")
"""The metrics of an evaluation that results keep under the same names."""


def loss(images: Images) -> keras.losses.Loss:
    """The loss of logits; of graphs it passes over what has no label.

    Args:
        images: The data set, or what a run recorded of it.
    """
    if has_graphs(images):
        return LabelledCrossentropy()
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def metrics(images: Images, *, top: bool = False) -> list[keras.metrics.Metric]:
    """The metrics of logits, the first of which is "accuracy".

    Args:
        images: The data set, or what a run recorded of it.
        top: Whether the top-5 accuracy is one of them, where there are more classes.
    """
    if has_graphs(images):
        return [LabelledAccuracy(), BalancedAccuracy(images.num_classes), F1(images.num_classes)]
    found = [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]
    if top and images.num_classes > TOP:
        found.append(keras.metrics.SparseTopKCategoricalAccuracy(TOP, name=f"top_{TOP}_accuracy"))
    return found


def has_graphs(images: Images) -> bool:
    """Whether examples are graphs, whose classes are followed one by one.

    Args:
        images: The data set, or what a run recorded of it.
    """
    return images.dtype == GRAPHS
