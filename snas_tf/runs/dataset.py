# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The data set of a config, and how well a network does on it."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from ml_collections import ConfigDict

from snas_tf import data


def load(config: ConfigDict) -> data.ImageData:
    """Loads the data set that a config names.

    Args:
        config: The config; reads `seed` and `data`.

    Raises:
        InvalidInput: The data set is missing or cannot be used.
    """
    split_seed = config.data.split_seed
    return data.load(
        config.data.source,
        data_dir=config.data.data_dir,
        validation_fraction=config.data.validation_fraction,
        image_size=config.data.image_size,
        seed=config.seed if split_seed < 0 else split_seed,
    )


def augmentation(section: ConfigDict, *, cutout: int) -> data.Augmentation:
    """The augmentation of a config's section `data`, with the stage's own cutout."""
    return data.Augmentation(section.crop_padding, section.flip, cutout)


def accuracy(network: keras.Model, images: tf.data.Dataset) -> float:
    """The part of the images that a network puts into the right class.

    Args:
        network: Images to logits (batch, classes).
        images: (images, labels) in batches.

    Returns:
        A number in [0, 1].
    """
    right = [
        np.argmax(network.predict_on_batch(batch), axis=-1) == labels
        for batch, labels in images.as_numpy_iterator()
    ]
    return float(np.concatenate(right).mean())
