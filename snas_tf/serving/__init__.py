# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""From a child network to a SavedModel that TF-Serving loads."""

from snas_tf.serving.predictors import Predictor, predictor
from snas_tf.serving.publication import versions
from snas_tf.serving.saved_model import METADATA, MODEL, Exported, export
from snas_tf.serving.signatures import (
    BYTES_SIGNATURE,
    EXAMPLE,
    IMAGE,
    IMAGE_SIGNATURE,
    Served,
)
from snas_tf.serving.verification import TOLERANCES, Verification
from snas_tf.serving.warm_up import EXTRA_ASSETS

__all__ = [
    "BYTES_SIGNATURE",
    "EXTRA_ASSETS",
    "EXAMPLE",
    "IMAGE",
    "IMAGE_SIGNATURE",
    "METADATA",
    "MODEL",
    "TOLERANCES",
    "Exported",
    "Predictor",
    "Served",
    "Verification",
    "export",
    "predictor",
    "versions",
]
