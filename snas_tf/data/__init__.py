# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Data sets, and the tf.data pipelines that feed them to a network."""

from __future__ import annotations

from snas_tf.data.framing import Framing
from snas_tf.data.image_data import ImageData, load
from snas_tf.data.pipeline import (
    Augmentation,
    evaluation_dataset,
    normalization,
    steps_per_epoch,
    training_dataset,
)
from snas_tf.data.splits import ArraySplit, Split

__all__ = [
    "ArraySplit",
    "Augmentation",
    "Framing",
    "ImageData",
    "Split",
    "evaluation_dataset",
    "load",
    "normalization",
    "steps_per_epoch",
    "training_dataset",
]
