# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The user's own images: a folder a class.

Either `<path>/<class>/<image>`, or `<path>/train/<class>/<image>` with, optionally, `validation`
(or `val`) and `test` beside `train`; one of these alone is what is tested on. What
`tf.io.decode_image` reads is read, as RGB: PNG (an alpha channel is dropped), JPEG, GIF (the first
frame), BMP (an 8-bit one as grey).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import tensorflow as tf

from snas_tf.data import splits
from snas_tf.data.framing import Frame, Framing
from snas_tf.data.image_files import check_files, read_image
from snas_tf.data.source import Source
from snas_tf.data.splits import ArraySplit, IndexedSplit, Reader, Split, no_seeds
from snas_tf.errors import InvalidInput

EXTENSIONS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
"""The files that count as images, in any case; all others are ignored."""


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


def read(path: str, framing: Framing, keep_originals: bool) -> Source:
    """Reads a folder of images.

    Images are decoded at once if they fit into `splits.MEMORY_LIMIT_BYTES`; otherwise, or if
    originals are kept that differ in size, in the pipeline. Of these only the ends of the files are
    checked before; one that is damaged within ends the run, see `pipeline_errors.named_images`.

    Args:
        path: The folder, see the module's docstring.
        framing: How images are brought to the size that a network expects.
        keep_originals: Whether that is done in the pipeline, not once and for all.

    Raises:
        InvalidInput: The folder is missing or no folder, has fewer than two classes, a class
            without images, an unreadable image, or images of different sizes without
            `framing.image_size`.
    """
    root = Path(path).expanduser()
    _check_folder(root)
    try:
        return _read_folder(root, framing, keep_originals)
    except OSError as error:  # of a folder; those of files have been translated
        raise InvalidInput(
            f"`data.source` must be a readable folder: cannot list '{error.filename}' "
            f"({error.strerror})"
        ) from error


def _read_folder(root: Path, framing: Framing, keep_originals: bool) -> Source:
    parts = _parts(root)
    class_names = tuple(folder.name for folder in _subfolders(parts["train"]))
    if len(class_names) < 2:
        raise InvalidInput(
            f"`data.source` must be a folder with a folder a class, at least two: given "
            f"'{parts['train']}' with {_listing(class_names)}"
        )
    files = {part: _labelled_files(folder, class_names) for part, folder in parts.items()}
    check_files([path for paths, _ in files.values() for path in paths])
    first_shape = tuple(read_image(files["train"][0][0]).shape)
    found: dict[str, Split] = {
        part: FileSplit(paths, labels, first_shape, framing)
        for part, (paths, labels) in files.items()
    }
    held_shape = first_shape if keep_originals else framing.image_shape(first_shape)
    images = sum(split.size for split in found.values())
    if images * int(np.prod(held_shape)) <= splits.MEMORY_LIMIT_BYTES:
        for part, split in found.items():
            found[part] = (split.originals() or split) if keep_originals else split.framed()
    return Source(name=root.resolve().name, class_names=class_names, **found)


def _check_folder(root: Path) -> None:
    if not root.is_dir():
        problem = "which is not a folder" if root.exists() else "which does not exist"
        raise InvalidInput(
            f"`data.source` must be `folder:<path>` of an existing folder: given '{root}', "
            f"{problem}"
        )


def _parts(root: Path) -> dict[str, Path]:
    """The folders of the splits: `train` and what is beside it, or the root alone."""
    if not (root / "train").is_dir() or not _subfolders(root / "train"):
        return {"train": root}
    parts = {"train": root / "train"}
    for part, names in (("validation", ("validation", "val")), ("test", ("test",))):
        existing = [root / name for name in names if (root / name).is_dir()]
        if existing:
            parts[part] = existing[0]
    return parts


def _labelled_files(
    folder: Path, class_names: tuple[str, ...]
) -> tuple[tuple[Path, ...], np.ndarray]:
    """The images of a split's folder, class by class, and their labels."""
    paths: list[Path] = []
    labels: list[int] = []
    for class_folder in _subfolders(folder):
        if class_folder.name not in class_names:
            raise InvalidInput(
                f"`data.source` must have the same classes in all its splits: '{class_folder}' is "
                f"none of the training split's ({_listing(class_names)})"
            )
        images = sorted(file for file in class_folder.iterdir() if _is_image(file))
        if not images:
            raise InvalidInput(
                f"`data.source` must have images in every class: '{class_folder}' has none with "
                f"an extension of {', '.join(EXTENSIONS)}"
            )
        paths += images
        labels += [class_names.index(class_folder.name)] * len(images)
    if not paths:
        raise InvalidInput(f"`data.source` must have a folder a class in every split: '{folder}'")
    return tuple(paths), np.array(labels, np.int32)


def _subfolders(folder: Path) -> list[Path]:
    found = (child for child in folder.iterdir() if child.is_dir())
    return sorted(child for child in found if not child.name.startswith("."))


def _is_image(file: Path) -> bool:
    return file.suffix.lower() in EXTENSIONS and not file.name.startswith(".")


def _listing(names: Sequence[str]) -> str:
    """A few of the names, however many there are."""
    if not names:
        return "no folders"
    shown = ", ".join(f"'{name}'" for name in names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"
