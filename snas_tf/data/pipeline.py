# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""From a split to batches of normalised images.

Order and augmentation depend on (seed, epoch, batch) alone: a run that goes on at epoch k gets the
very batches that an uninterrupted one would get.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from snas_tf.data.graphs.normalization import GraphNormalization
from snas_tf.data.image_data import ImageData
from snas_tf.data.images.augmentation import cutout, random_crop, random_flip
from snas_tf.data.images.color_jitter import color_jitter
from snas_tf.data.images.random_resized_crop import random_resized_crop
from snas_tf.data.splits import GRAPHS, Split, unit_of
from snas_tf.errors import InvalidInput
from snas_tf.seeds import stateless_seed

_ORDER_STREAM, _AUGMENTATION_STREAM = 16, 17


@dataclasses.dataclass(frozen=True, slots=True)
class Augmentation:
    """How training images are varied.

    Attributes:
        crop_padding: Zero pixels on each side before each image is cropped to its size; 0 for none.
        flip: Whether to mirror images left to right, each with probability 1/2.
        cutout: Side in pixels of the square that is blanked in each image; 0 for none.
        random_resized_crop: Whether each image is a random part, 8 to 100 % of the area, of the
            original one, or of the framed one if `load` was not told to keep the originals.
        color_jitter: Strength in [0, 1] of random changes of the colours; 0 for none.
    """

    crop_padding: int = 0
    flip: bool = False
    cutout: int = 0
    random_resized_crop: bool = False
    color_jitter: float = 0.0

    def __post_init__(self) -> None:
        for name in ("crop_padding", "cutout"):
            if getattr(self, name) < 0:
                raise InvalidInput(
                    f"`data.{name}` must be a number of pixels, 0 or more: "
                    f"given {getattr(self, name)}"
                )
        if not 0 <= self.color_jitter <= 1:
            raise InvalidInput(
                f"`data.color_jitter` must be a strength between 0 and 1: given {self.color_jitter}"
            )
        if self.crop_padding and self.random_resized_crop:
            raise InvalidInput(
                "`data.crop_padding` must be 0 with `data.random_resized_crop`, which takes its "
                f"place: given {self.crop_padding}"
            )

    def check(self, split: Split) -> None:
        """Refuses examples that cannot be varied in this way.

        Args:
            split: What is to be varied.

        Raises:
            InvalidInput: They are no images, or colours are to be changed of images without any.
        """
        if not split.holds_images:
            for name, value in dataclasses.asdict(self).items():
                if value:
                    raise InvalidInput(
                        f"`data.{name}` must be {type(value)()} for data that are no images: given "
                        f"{value} for {split.dtype} {split.image_shape}"
                    )
        elif self.color_jitter and split.image_shape[-1] != 3:
            raise InvalidInput(
                "`data.color_jitter` must be 0 for images that are not RGB: given "
                f"{self.color_jitter} for images of {split.image_shape[-1]} channel(s)"
            )


def normalization(data: ImageData) -> keras.layers.Layer:
    """The layer from uint8 images to what a network sees: (pixel / 255 - mean) / deviation.

    Measurements, float32, and features of graphs become (number - mean) / deviation; names, int32,
    stay what they are. The one place where this is done; an exported network takes the layer along.

    Args:
        data: The data set, or what a run recorded of it.

    Returns:
        A built layer, uint8 [batch, height, width, channels] to float32 under every policy.
    """
    if data.dtype == GRAPHS:
        return GraphNormalization(data.mean, data.deviation)
    if not data.mean:
        return keras.layers.Identity(dtype="float32", name="normalization")
    unit = unit_of(data.dtype)
    layer = keras.layers.Normalization(
        mean=[unit * mean for mean in data.mean],
        variance=[(unit * deviation) ** 2 for deviation in data.deviation],
        dtype="float32",
        name="normalization",
    )
    with tf.device("CPU:0"):  # its constants go into tf.data pipelines
        layer.build((None, *data.image_shape))
    return layer


def steps_per_epoch(split: Split, batch_size: int) -> int:
    """Number of whole batches in a split.

    Raises:
        InvalidInput: `batch_size` is below 1 or above the size of the split.
    """
    _check_batch_size(batch_size)
    if batch_size > split.size:
        raise InvalidInput(
            f"`data.batch_size` must be at most the {split.size} images of the training split: "
            f"given {batch_size}"
        )
    return split.size // batch_size


def training_dataset(
    split: Split,
    *,
    batch_size: int,
    seed: int,
    augmentation: Augmentation,
    normalization: keras.layers.Layer,
    first_epoch: int = 0,
    first_step: int = 0,
    epochs: int,
) -> tf.data.Dataset:
    """Shuffled, augmented, normalised batches of the epochs `first_epoch` to `epochs` - 1.

    Each epoch is a permutation of the split without the incomplete last batch.

    Args:
        split: What to learn from.
        batch_size: Images a batch.
        seed: With the number of the epoch and of the batch all that a batch depends on.
        augmentation: How images are varied.
        normalization: The layer from uint8 to float32.
        first_epoch: The first epoch to give, counted from 0.
        first_step: The first batch of that epoch to give, counted from 0.
        epochs: The number of the epoch at which to stop.

    Returns:
        (float32 [batch, height, width, channels], int32 [batch]), of known cardinality: the epochs
        one after the other, `steps_per_epoch(split, batch_size)` batches each, the first one from
        `first_step` on.

    Raises:
        InvalidInput: The batch is larger than the split, the range of epochs no range, or the
            augmentation not one for such images.
    """
    augmentation.check(split)
    steps = steps_per_epoch(split, batch_size)
    _check_start(first_epoch, epochs, first_step, steps)
    read = split.reader(_random_frame(split) if augmentation.random_resized_crop else None)

    def batches(epoch: tf.Tensor) -> tf.data.Dataset:
        keys = split.keys(stateless_seed(seed, _ORDER_STREAM, epoch))
        numbered = keys.batch(batch_size, drop_remainder=True).enumerate()
        if first_step:
            done = tf.where(tf.equal(epoch, first_epoch), tf.constant(first_step, tf.int64), 0)
            numbered = numbered.skip(done)
        return numbered.map(lambda step, batch: (epoch, step, batch))

    def prepare(epoch: tf.Tensor, step: tf.Tensor, keys: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        batch_seed = stateless_seed(seed, _AUGMENTATION_STREAM, epoch, step)
        *seeds, frame_seed = tf.unstack(tf.random.split(batch_seed, 5))
        images, labels = read(keys, tf.random.split(frame_seed, batch_size))
        return _augment(images, augmentation, normalization, seeds), labels

    dataset = tf.data.Dataset.range(first_epoch, epochs).flat_map(batches)
    dataset = dataset.map(prepare, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    count = max(steps * (epochs - first_epoch) - first_step, 0)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(count))
    return _finished(dataset)


def _random_frame(split: Split) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """A random part of an image, by a seed, in the size of the split's."""
    height, width, _ = split.image_shape
    return lambda image, seed: random_resized_crop(image, height, width, seed)


def _check_start(first_epoch: int, epochs: int, first_step: int, steps: int) -> None:
    if not 0 <= first_epoch <= epochs:
        raise InvalidInput(
            f"`first_epoch` must be between 0 and `epochs`: given {first_epoch} and {epochs}"
        )
    if not 0 <= first_step < steps:
        raise InvalidInput(
            f"`first_step` must be at least 0 and below the {steps} steps of an epoch: "
            f"given {first_step}"
        )


def evaluation_dataset(
    split: Split, *, batch_size: int, normalization: keras.layers.Layer
) -> tf.data.Dataset:
    """Normalised batches of a split in its order, with the incomplete last one.

    Returns:
        (float32 [<= batch, height, width, channels], int32 [<= batch]).

    Raises:
        InvalidInput: `batch_size` is below 1.
    """
    _check_batch_size(batch_size)
    read = split.reader()

    def prepare(keys: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        images, labels = read(keys)
        return normalization(images), labels

    dataset = split.keys(None).batch(batch_size)
    dataset = dataset.map(prepare, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    batches = int(np.ceil(split.size / batch_size))
    return _finished(dataset.apply(tf.data.experimental.assert_cardinality(batches)))


def _augment(
    images: tf.Tensor,
    augmentation: Augmentation,
    normalization: keras.layers.Layer,
    seeds: Sequence[tf.Tensor],
) -> tf.Tensor:
    """Crop, flip and colours on uint8, normalisation, cutout: each with a seed of its own."""
    crop_seed, flip_seed, cutout_seed, color_seed = seeds
    if augmentation.crop_padding:
        images = random_crop(images, augmentation.crop_padding, crop_seed)
    if augmentation.flip:
        images = random_flip(images, flip_seed)
    if augmentation.color_jitter:
        images = color_jitter(images, augmentation.color_jitter, color_seed)
    images = normalization(images)
    if augmentation.cutout:
        images = cutout(images, augmentation.cutout, cutout_seed)
    return images


def _finished(dataset: tf.data.Dataset) -> tf.data.Dataset:
    options = tf.data.Options()
    # Several workers share the examples, not the files: the batches know their number.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    return dataset.with_options(options).prefetch(tf.data.AUTOTUNE)


def _check_batch_size(batch_size: int) -> None:
    if batch_size < 1:
        raise InvalidInput(f"`data.batch_size` must be 1 or more: given {batch_size}")
