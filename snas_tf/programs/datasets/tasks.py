# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a network learns of a data set: the loss, and the metrics by which it is followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import numpy as np

from snas_tf.data.splits import GRAPHS
from snas_tf.training.labelled_losses import LabelledAbsoluteError, LabelledCrossentropy
from snas_tf.training.labelled_metrics import (
    F1,
    BalancedAccuracy,
    LabelledAccuracy,
    LabelledMeanAbsoluteError,
)

if TYPE_CHECKING:
    from snas_tf import data
    from snas_tf.programs.problems import Images

TOP = 5
"""More classes than that are needed for a top-5 accuracy, of which there would be no point."""

KEPT = ("accuracy", "balanced_accuracy", "f1", "mean_absolute_error")
"""The metrics of an evaluation that results keep under the same names."""


def loss(images: Images, class_weights: str = "none") -> keras.losses.Loss:
    """The loss of logits, or of numbers; of graphs it passes over what has no label.

    Args:
        images: The data set; or without weights what a run recorded of it.
        class_weights: Of graphs, "none", or "balanced" for those of `balanced_weights`.
    """
    if not images.num_classes:
        return LabelledAbsoluteError()
    if has_graphs(images):
        balanced = class_weights == "balanced"
        return LabelledCrossentropy(balanced_weights(images) if balanced else None)
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def metrics(images: Images, *, top: bool = False) -> list[keras.metrics.Metric]:
    """The metrics of logits, the first of which is "accuracy"; or the mean error of numbers.

    Args:
        images: The data set, or what a run recorded of it.
        top: Whether the top-5 accuracy is one of them, where there are more classes.
    """
    if not images.num_classes:
        return [LabelledMeanAbsoluteError()]
    if has_graphs(images):
        return [LabelledAccuracy(), BalancedAccuracy(images.num_classes), F1(images.num_classes)]
    found = [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]
    if top and images.num_classes > TOP:
        found.append(keras.metrics.SparseTopKCategoricalAccuracy(TOP, name=f"top_{TOP}_accuracy"))
    return found


def balanced_weights(images: data.ImageData) -> tuple[float, ...]:
    """A weight a class with which all classes of the training part count alike.

    Args:
        images: The data set.

    Returns:
        The number of labels, divided by those of the class and by the number of classes that there
        are; 1 of a class without any. Their mean over the labels is 1.
    """
    counts = np.bincount(images.train.labels, minlength=images.num_classes)
    even = counts.sum() / max((counts > 0).sum(), 1)
    return tuple(float(even / count) if count else 1.0 for count in counts)


def has_graphs(images: Images) -> bool:
    """Whether examples are graphs, whose classes are followed one by one.

    Args:
        images: The data set, or what a run recorded of it.
    """
    return images.dtype == GRAPHS
