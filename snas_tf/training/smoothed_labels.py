# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Label smoothing of whatever cross-entropy a model is compiled with.

A part s of each label is spread over all classes (Szegedy et al., "Rethinking the Inception
architecture for computer vision", arXiv 1512.00567, section 7). As a cross-entropy is linear in the
label, the loss becomes

    (1 - s) L + s U = L + s (U - L),

with U the loss of labels that have the same share of every class. So s may be a tensor, such as
what a schedule gives, and at 0 the loss is that of the labels, to the bit.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from snas_tf.errors import InvalidInput
from snas_tf.training.labelled_losses import LabelledCrossentropy, UniformCrossentropy

_OF_CLASSES = keras.losses.SparseCategoricalCrossentropy
_OF_SHARES = keras.losses.CategoricalCrossentropy
_BY_FUNCTION = {
    keras.losses.sparse_categorical_crossentropy: _OF_CLASSES,
    keras.losses.categorical_crossentropy: _OF_SHARES,
}


def check(loss: Any) -> keras.losses.Loss:
    """Checks that the labels of a loss can be smoothed.

    Args:
        loss: As `compile` takes it.

    Returns:
        The loss as an object.

    Raises:
        InvalidInput: It is no cross-entropy over all classes.
    """
    found = keras.losses.get(loss) if isinstance(loss, str) else loss
    found = next((made() for function, made in _BY_FUNCTION.items() if found is function), found)
    smooth = isinstance(found, _OF_SHARES | _OF_CLASSES | LabelledCrossentropy)
    if not smooth or getattr(found, "ignore_class", None) is not None:
        raise InvalidInput(
            "`label_smoothing` must be 0 with a loss that is no cross-entropy over all classes: "
            f"given {getattr(found, 'name', loss)!r}"
        )
    return found


def difference(
    loss: keras.losses.Loss, labels: tf.Tensor, answers: tf.Tensor, sample_weight: Any = None
) -> tf.Tensor:
    """U - L: what a step of smoothing adds to a loss, for each part that is spread.

    Args:
        loss: What `check` gave.
        labels: As the loss takes them.
        answers: Logits or probabilities (..., classes), as the loss takes them.
        sample_weight: As the loss takes it.

    Returns:
        float32 scalar.
    """
    if isinstance(loss, LabelledCrossentropy):
        uniform = UniformCrossentropy(loss.class_weights, reduction=loss.reduction)
        return uniform(labels, answers, sample_weight) - loss(labels, answers, sample_weight)
    uniform = _OF_SHARES(from_logits=loss.from_logits, reduction=loss.reduction)
    shares = tf.fill(tf.shape(answers), 1.0 / answers.shape[-1])
    return uniform(shares, answers, sample_weight) - loss(labels, answers, sample_weight)
