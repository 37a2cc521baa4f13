# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The user's own images: a folder a class, and what a viewer shows of each file.

Either `<path>/<class>/<image>`, or `<path>/train/<class>/<image>` with, optionally, `validation`
and `test` beside `train` (or the other names in `listing.SPLIT_FOLDERS`); one of these alone is
what is tested on. Files of `image_formats.EXTENSIONS` are read, as RGB.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import tensorflow as tf
from etils import epath

from snas_tf.data import splits
from snas_tf.data.images.framing import Frame, Framing
from snas_tf.data.images.image_files import check_files, read_image
from snas_tf.data.listing import list_images
from snas_tf.data.source import Origin, Recognize, Source
from snas_tf.data.splits import ArraySplit, IndexedSplit, Reader, Split, no_seeds
from snas_tf.errors import InvalidInput


class FileSplit(IndexedSplit):
    """Image files, decoded when they are needed.

    Args:
        paths: The image files.
        labels: Integers [size].
        first_shape: (height, width, 3) of the first image of the data set, before it is framed.
        framing: How images are brought to one size.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        labels: np.ndarray,
        first_shape: tuple[int, int, int],
        framing: Framing,
    ) -> None:
        super().__init__(labels, framing.image_shape(first_shape), framing)
        self.paths = tuple(paths)
        self.first_shape = first_shape

    def subset(self, indices: np.ndarray) -> FileSplit:
        """The files at `indices`."""
        paths = [self.paths[index] for index in indices]
        return FileSplit(paths, self.labels[indices], self.first_shape, self.framing)

    def read(self, position: int, frame: Frame, seed: tf.Tensor | None = None) -> np.ndarray:
        """One image, uint8 [height, width, 3].

        Raises:
            InvalidInput: The file cannot be read, or has another size than the first one and is
                not brought to it.
        """
        path = self.paths[position]
        image = frame(read_image(path), seed)
        if image.shape != self.image_shape:
            height, width, _ = image.shape
            raise InvalidInput(
                f"`data.image_size` must be given for images of different sizes: '{path}' has "
                f"{height}x{width} pixels, the first image {self.image_shape[0]}x"
                f"{self.image_shape[1]}; do set the height and width to which all are resized"
            )
        return image.numpy()

    def reader(self, frame: Frame | None = None) -> Reader:
        """Decodes a batch in Python, as a failing file cannot be named from inside a graph."""
        frame = frame or self.framing
        with tf.init_scope():
            labels = tf.constant(self.labels)

        def decode(positions: tf.Tensor, seeds: tf.Tensor) -> np.ndarray:
            pairs = zip(positions.numpy(), seeds, strict=True)
            return np.stack([self.read(position, frame, seed) for position, seed in pairs])

        def read(
            positions: tf.Tensor, seeds: tf.Tensor | None = None
        ) -> tuple[tf.Tensor, tf.Tensor]:
            seeds = no_seeds(positions) if seeds is None else seeds
            images = tf.py_function(decode, [positions, seeds], tf.uint8)
            images.set_shape((*positions.shape, *self.image_shape))
            return images, tf.gather(labels, positions)

        return read

    def framed(self) -> ArraySplit:
        """The split in memory, framed; thereby every file is known to be readable."""
        images = np.empty((self.size, *self.image_shape), np.uint8)
        with ThreadPoolExecutor() as pool:
            framed = pool.map(lambda position: self.read(position, self.framing), range(self.size))
            for position, image in enumerate(framed):
                images[position] = image
        return ArraySplit(images, self.labels)

    def originals(self) -> ArraySplit | None:
        """The split in memory, to be framed when it is read; None if its images differ in size."""
        images = np.empty((self.size, *self.first_shape), np.uint8)
        with ThreadPoolExecutor() as pool:
            for position, image in enumerate(pool.map(read_image, self.paths)):
                if image.shape != self.first_shape:
                    pool.shutdown(cancel_futures=True)
                    return None
                images[position] = image
        return ArraySplit(images, self.labels, self.framing)


def read(path: str, framing: Framing, keep_originals: bool, recognize: Recognize) -> Source:
    """Reads a folder of images.

    Images are decoded at once if they fit into `splits.MEMORY_LIMIT_BYTES`; otherwise, or if
    originals are kept that differ in size, in the pipeline. Of these only the ends of the files are
    checked before; one that is damaged within ends the run, see `pipeline_errors.named_images`.

    Args:
        path: The folder, see the module's docstring.
        framing: How images are brought to the size that a network expects.
        keep_originals: Whether that is done in the pipeline, not once and for all.
        recognize: Is told which files there are, before any is read.

    Raises:
        InvalidInput: The folder is missing or no folder, is not laid out as `list_images` expects,
            has an unreadable image, or images of different sizes without `framing.image_size`.
    """
    root = Path(path).expanduser()
    _check_folder(root)
    try:
        return _read_folder(root, framing, keep_originals, recognize)
    except OSError as error:  # of a folder; those of files have been translated
        raise InvalidInput(
            f"`data.source` must be a readable folder: cannot list '{error.filename}' "
            f"({error.strerror})"
        ) from error


def _read_folder(
    root: Path, framing: Framing, keep_originals: bool, recognize: Recognize
) -> Source:
    listed = list_images(root)
    names = {part: _names(root, paths) for part, (paths, _) in listed.files.items()}
    origin = Origin(
        class_names=listed.class_names,
        root=epath.Path(root),
        paths=tuple(name for of_part in names.values() for name in of_part),
    )
    recognize(origin)
    check_files([path for paths, _ in listed.files.values() for path in paths])
    first_shape = tuple(read_image(listed.files["train"][0][0]).shape)
    found: dict[str, Split] = {
        part: FileSplit(paths, labels, first_shape, framing)
        for part, (paths, labels) in listed.files.items()
    }
    held_shape = first_shape if keep_originals else framing.image_shape(first_shape)
    images = sum(split.size for split in found.values())
    if images * int(np.prod(held_shape)) <= splits.MEMORY_LIMIT_BYTES:
        for part, split in found.items():
            found[part] = (split.originals() or split) if keep_originals else split.framed()
    return Source(
        name=root.resolve().name, unread=listed.unread, origin=origin, names=names, **found
    )


def _check_folder(root: Path) -> None:
    if not root.is_dir():
        problem = "which is not a folder" if root.exists() else "which does not exist"
        raise InvalidInput(
            f"`data.source` must be `folder:<path>` of an existing folder: given '{root}', "
            f"{problem}"
        )


def _names(root: Path, paths: Sequence[Path]) -> tuple[str, ...]:
    """The paths relative to the root, with slashes; pathlib's own way takes seconds a million."""
    start = len(str(root / "x")) - 1
    return tuple(str(path)[start:].replace(os.sep, "/") for path in paths)
