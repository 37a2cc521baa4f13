# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Whatever was exported, asked in one way: uint8 images in, probabilities out."""

from __future__ import annotations

import pathlib
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from snas_tf.serving import formats
from snas_tf.serving.signature_names import IMAGE_SIGNATURE

Predictor = Callable[[np.ndarray], np.ndarray]
"""From uint8 (batch, height, width, channels) to probabilities, float32 (batch, classes)."""


def predictor(path: pathlib.Path) -> Predictor:
    """Loads what was exported.

    Args:
        path: The folder of a SavedModel, or a file that `formats.convert` wrote.
    """
    if path.is_file():
        return formats.predictor(path)
    loaded = tf.saved_model.load(str(path))  # kept, or its weights would go

    signature = loaded.signatures[IMAGE_SIGNATURE]

    def predict(images: np.ndarray) -> np.ndarray:
        (name,) = signature.structured_input_signature[1]
        answer = signature(**{name: tf.constant(images)})
        return answer["probabilities"].numpy()

    return predict
