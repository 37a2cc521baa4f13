# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Data sets, and the tf.data pipelines that feed them to a network."""

from __future__ import annotations

from snas_tf.data.image_data import ImageData, Recall, load
from snas_tf.data.images.framing import Framing
from snas_tf.data.manifest import Manifest
from snas_tf.data.pipeline import (
    Augmentation,
    evaluation_dataset,
    normalization,
    steps_per_epoch,
    training_dataset,
)
from snas_tf.data.source import Origin
from snas_tf.data.splits import ArraySplit, Split, unit_of
from snas_tf.data.two_levels import alternate, check_halves, two_level_dataset

__all__ = [
    "ArraySplit",
    "Augmentation",
    "Framing",
    "ImageData",
    "Manifest",
    "Origin",
    "Recall",
    "Split",
    "alternate",
    "check_halves",
    "evaluation_dataset",
    "load",
    "normalization",
    "steps_per_epoch",
    "training_dataset",
    "two_level_dataset",
    "unit_of",
]
