# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The data set of a config, and how well a network does on it."""

from __future__ import annotations

from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf
from ml_collections import ConfigDict

from snas_tf import data
from snas_tf.errors import InvalidInput
from snas_tf.evaluation import derivation_names
from snas_tf.fitting.ranking import rank


def load(config: ConfigDict, recall: data.Recall | None = None) -> data.ImageData:
    """Loads the data set that a config names.

    Args:
        config: The config; reads `seed` and `data`.
        recall: Gives what a run recorded of it, see `data.load`; None to divide it anew.

    Raises:
        InvalidInput: The data set is missing, cannot be used, not be varied as the config says, or
            is not the recorded one.
    """
    section = config.data
    varied = augmentation(section, cutout=0)  # refuses before anything is read
    images = data.load(
        section.source,
        data_dir=section.data_dir,
        validation_fraction=section.validation_fraction,
        num_images=section.num_images,
        image_size=section.image_size,
        resize_side=section.resize_side,
        random_resized_crop=section.random_resized_crop,
        folds=section.folds,
        fold=section.fold,
        task=section.task,
        both_directions=section.both_directions,
        seed=config.seed if section.split_seed < 0 else section.split_seed,
        recall=recall,
    )
    varied.check(images.train)
    if images.regression:
        _check_for_numbers(config)
    return images


_ONLY_CLASSES = (("search", "method", "snas"), ("search", "num_seeds", 1))
_ONLY_CLASSES += (("train", "label_smoothing", 0.0), ("data", "class_weights", "none"))


def _check_for_numbers(config: ConfigDict) -> None:
    """Refuses what chooses by an accuracy, or looks at classes, where labels are numbers."""
    for section, key, needed in _ONLY_CLASSES:
        given = config.get(section, {}).get(key, needed)
        if given != needed:
            raise InvalidInput(
                f"`--config.{section}.{key}` must be {needed} for labels that are numbers, not "
                f"classes: given {given!r}"
            )
    derivation = config.get("search", {}).get("derivation", derivation_names.RULES[0])
    if derivation not in derivation_names.RULES:
        raise InvalidInput(
            f"`--config.search.derivation` must be one of {', '.join(derivation_names.RULES)} for "
            f"labels that are numbers, not classes: given {derivation!r}"
        )


def augmentation(section: ConfigDict, *, cutout: int) -> data.Augmentation:
    """The augmentation of a config's section `data`, with the stage's own cutout."""
    return data.Augmentation(
        crop_padding=section.crop_padding,
        flip=section.flip,
        cutout=cutout,
        random_resized_crop=section.random_resized_crop,
        color_jitter=section.color_jitter,
    )


def framing(section: ConfigDict) -> data.Framing:
    """How images are brought to size by a config's section `data`."""
    return data.Framing(section.image_size, section.resize_side)


def spread(split: data.Split, count: int) -> data.Split:
    """A part of a split in which every class has its part, the same every time.

    Args:
        split: The split.
        count: Images to take, at least 1; all if there are fewer.
    """
    if count >= split.size:
        return split
    by_class = np.argsort(split.strata, kind="stable")
    chosen = np.linspace(0, split.size, count, endpoint=False).astype(int)
    return split.subset(np.sort(by_class[chosen]))


def batch_of_all_classes(images: data.ImageData, count: int) -> tuple[np.ndarray, np.ndarray]:
    """One batch of training images as networks see them, the same every time.

    Args:
        images: The data set.
        count: Images, of every class its part; all if there are fewer.

    Returns:
        float32 (count, height, width, channels), normalised, not varied; and int32 labels (count,).
    """
    chosen = spread(images.train, count)
    batches = data.evaluation_dataset(
        chosen, batch_size=chosen.size, normalization=data.normalization(images)
    )
    ((pixels, labels),) = ((batch[0], batch[1]) for batch in batches.as_numpy_iterator())
    return pixels, labels


def pixels(split: data.Split, batch_size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The images of a split as they are, in its order.

    Args:
        split: The split.
        batch_size: Images at once.

    Yields:
        uint8 (<= batch, height, width, channels) and int32 labels (<= batch,).
    """
    batches = split.keys(None).batch(batch_size).map(split.reader())
    yield from batches.as_numpy_iterator()


def accuracy(network: keras.Model, images: tf.data.Dataset) -> float:
    """The part of the images that a network puts into the right class.

    Args:
        network: Images to logits (batch, classes).
        images: (images, labels) in batches.

    Returns:
        A number in [0, 1].
    """
    return rank(network, images).accuracy()
