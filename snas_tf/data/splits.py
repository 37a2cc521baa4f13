# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A split: labelled examples, in memory or decoded as they are needed, and how one is divided.

A split gives its examples as *keys* (cheap to order and to shuffle) and a *reader* that turns a
batch of keys into images of one size and labels. The pipeline is thereby the same for every source
of data. Most are uint8 images; what is said of images is meant of examples of any other kind, too.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from snas_tf.data.images.framing import Frame, Framing
from snas_tf.errors import InvalidInput

MEMORY_LIMIT_BYTES = 2 * 1024**3
"""Data sets whose decoded images take more than this (2 GiB) are decoded in the pipeline."""

Reader = Callable[..., tuple[tf.Tensor, tf.Tensor]]
"""From keys (batch,) and, unless the framing is a fixed one, seeds, int32 (batch, 2), to uint8
images (batch, height, width, channels) and int32 labels (batch,)."""


HELD = ("uint8", "float32", "int32")
"""What arrays of examples may be: pixels, measurements, names of something such as words."""

GRAPHS = "graphs"
"""What a split of graphs holds instead, which are no arrays of one shape."""


def holds_images(shape: Sequence[int], dtype: str) -> bool:
    """Whether examples are images, which alone can be framed and varied.

    Args:
        shape: Of an example.
        dtype: What it holds.
    """
    return dtype == "uint8" and len(shape) == 3


def unit_of(dtype: str) -> float:
    """What examples are divided by before their mean is taken off: 255 of pixels."""
    return 255.0 if dtype == "uint8" else 1.0


class Split(abc.ABC):
    """Labelled examples, in a fixed order.

    Attributes:
        labels: int32 [size], the class of each example, 0 to num_classes - 1.
        image_shape: (height, width, channels) of every image that a reader gives; the shape of an
            example of another kind.
        dtype: What a reader gives, one of `HELD` or `GRAPHS`.
        labelled: What the labels belong to, in a word: "images", or of graphs "nodes".
        framing: How images are brought to `image_shape`.
        in_memory: Whether all images are decoded and held in memory.
    """

    in_memory = False
    dtype = "uint8"
    labelled = "images"

    def __init__(self, labels: np.ndarray, image_shape: tuple[int, ...], framing: Framing) -> None:
        self.labels = np.asarray(labels, np.int32)
        self.image_shape = tuple(int(length) for length in image_shape)
        self.framing = framing

    @property
    def size(self) -> int:
        """Number of examples."""
        return len(self.labels)

    @property
    def strata(self) -> np.ndarray:
        """The class by which each example is divided, (examples,); below 0 where it has none."""
        return self.labels

    @property
    def holds_images(self) -> bool:
        """Whether examples are images, which alone can be framed and varied."""
        return holds_images(self.image_shape, self.dtype)

    @property
    def held_bytes(self) -> int:
        """Bytes of the images that are held in memory."""
        return 0

    def record(self) -> dict[str, Any]:
        """What else a run records of its examples, so as to read others like them: plain data."""
        return {}

    @abc.abstractmethod
    def subset(self, indices: np.ndarray) -> Split:
        """The examples at ascending `indices`, in this order."""

    @abc.abstractmethod
    def keys(self, seed: tf.Tensor | None) -> tf.data.Dataset:
        """One scalar key an example: in the split's order, or shuffled.

        Args:
            seed: int32 [2], on which alone the shuffled order depends; None for the fixed order.
        """

    @abc.abstractmethod
    def reader(self, frame: Frame | None = None) -> Reader:
        """A function from a batch of keys to images and labels.

        Args:
            frame: Brings every image to `image_shape`; None for the split's own framing.
        """


def no_seeds(keys: tf.Tensor) -> tf.Tensor:
    """What a reader takes for the seeds that a fixed framing does without, int32 (batch, 2)."""
    return tf.zeros((tf.shape(keys)[0], 2), tf.int32)


class IndexedSplit(Split):
    """A split whose examples can be read in any order: its keys are their positions."""

    def keys(self, seed: tf.Tensor | None) -> tf.data.Dataset:
        """The positions 0 to size - 1; shuffled, a permutation of all of them."""
        if seed is None:
            return tf.data.Dataset.range(self.size)
        positions = tf.range(self.size, dtype=tf.int64)
        shuffled = tf.random.experimental.stateless_shuffle(positions, seed)
        return tf.data.Dataset.from_tensor_slices(shuffled)


class ArraySplit(IndexedSplit):
    """A split in memory, once: in a tensor that all its readers share, and `images` shows.

    Args:
        images: uint8 [size, height, width, channels]; or examples of another kind, of one of the
            dtypes `HELD`, [size, ...].
        labels: Integers [size].
        framing: How the images are framed when they are read; the default leaves them as they are.
    """

    in_memory = True

    def __init__(
        self, images: np.ndarray, labels: np.ndarray, framing: Framing | None = None
    ) -> None:
        images = np.asarray(images)
        if images.dtype.name not in HELD or images.ndim < 2 or len(images) != len(labels):
            raise InvalidInput(
                f"`images` must be one of {', '.join(HELD)}, (size, ...), with one label an "
                f"example: given {images.dtype} {images.shape} with {len(labels)} labels"
            )
        self.dtype = images.dtype.name
        framing, shape = framing or Framing(), images.shape[1:]
        shape = framing.image_shape(shape) if framing.image_size else shape
        super().__init__(labels, shape, framing)
        # Eager tensors are passed to the pipeline by reference; traced ones would be copied into
        # its graph, which ends at 2 GiB. Without the device they would land on a GPU.
        with tf.init_scope(), tf.device("CPU:0"):
            # tf.constant keeps a second copy beside its tensor, which its identity does not.
            self._images = tf.identity(tf.constant(images))
            self._labels = tf.constant(self.labels)

    @property
    def images(self) -> np.ndarray:
        """As they were given, uint8 [size, height, width, channels]; not to be written to."""
        return np.asarray(memoryview(self._images))

    @property
    def held_bytes(self) -> int:
        """Bytes of all images."""
        return self.images.nbytes

    def subset(self, indices: np.ndarray) -> ArraySplit:
        """A copy of the examples at `indices`."""
        return ArraySplit(self.images[indices], self.labels[indices], self.framing)

    def reader(self, frame: Frame | None = None) -> Reader:
        """Gathers a whole batch at once."""
        images, labels = self._images, self._labels
        framed = tf.TensorSpec(self.image_shape, self.dtype)

        def read(
            positions: tf.Tensor, seeds: tf.Tensor | None = None
        ) -> tuple[tf.Tensor, tf.Tensor]:
            batch = tf.gather(images, positions)
            if frame is None:
                batch = self.framing(batch)
            else:
                pairs = (batch, seeds)
                batch = tf.map_fn(lambda pair: frame(*pair), pairs, fn_output_signature=framed)
            return batch, tf.gather(labels, positions)

        return read


def stratified_split(
    labels: np.ndarray, fraction: float, seed: int, stream: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Divides examples into those kept and those held out, class by class.

    Args:
        labels: Integers [size].
        fraction: The part of each class that is held out, in (0, 1). Rounded to whole examples; a
            class always keeps one example and, if it has two or more, holds one out.
        seed: The division depends on this and on `stream` alone, on every machine.
        stream: Divisions for different purposes take different streams.

    Returns:
        The positions kept and the positions held out, both ascending, disjoint, exhaustive.
    """
    held_out = np.zeros(len(labels), bool)
    for members in _shuffled_classes(labels, seed, stream):
        count = int(np.floor(fraction * len(members) + 0.5))
        count = min(max(count, 1), len(members) - 1)
        held_out[members[:count]] = True
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def stratified_subset(
    labels: np.ndarray,
    count: int,
    seed: int,
    stream: int = 0,
    ranks: np.ndarray | None = None,
) -> np.ndarray:
    """Chooses a number of examples, class by class.

    Every class gives one example, and of its others as nearly as whole numbers allow the same part
    as every other class.

    Args:
        labels: Integers [size].
        count: Examples to choose, from the number of classes to `size`.
        seed: As in `stratified_split`.
        stream: As in `stratified_split`.
        ranks: [size], a random number for each example, of which a class takes the least; None to
            draw them with `seed` and `stream`.

    Returns:
        `count` positions, ascending.
    """
    classes = _shuffled_classes(labels, seed, stream, ranks)
    others = np.array([len(members) - 1 for members in classes])
    shares = others * (count - len(classes)) / max(others.sum(), 1)
    counts = np.floor(shares).astype(int)
    missing = count - len(classes) - counts.sum()
    counts[np.argsort(counts - shares, kind="stable")[:missing]] += 1
    pairs = zip(classes, counts, strict=True)
    return np.sort(np.concatenate([members[: 1 + more] for members, more in pairs]))


def _shuffled_classes(
    labels: np.ndarray, seed: int, stream: int, ranks: np.ndarray | None = None
) -> list[np.ndarray]:
    """The positions of each class, by ascending label, in random order."""
    if ranks is None:
        # NumPy promises the raw bits of a bit generator for ever, not its permutations.
        ranks = np.random.PCG64([seed % 2**32, stream]).random_raw(len(labels))
    order = np.argsort(ranks, kind="stable")
    by_class = order[np.argsort(np.asarray(labels)[order], kind="stable")]
    _, counts = np.unique(labels, return_counts=True)
    return np.split(by_class, np.cumsum(counts)[:-1])
