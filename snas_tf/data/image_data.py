# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a data set is to this package, and `load`, which makes one from its source."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from snas_tf.data import digits, folder, npz_source, tfds_source
from snas_tf.data.channel_statistics import channel_statistics
from snas_tf.data.division import TEST, TRAIN, VALIDATION, Division, divide, fewer
from snas_tf.data.graphs import reading as graphs
from snas_tf.data.images.framing import Framing
from snas_tf.data.manifest import Manifest
from snas_tf.data.pipeline_errors import named_images
from snas_tf.data.source import Origin, Recognize, Source
from snas_tf.data.splits import Split
from snas_tf.errors import InvalidInput

Statistics = tuple[tuple[float, ...], tuple[float, ...]]
"""Mean and deviation of each channel: of pixel / 255, or of a measurement; nothing of names."""

Recall = Callable[[Origin], tuple[Manifest, Statistics]]
"""Gives the manifest and the statistics that were recorded of a data set, and refuses any other
one."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ImageData:
    """A labelled data set, divided into training, validation and test.

    Attributes:
        name: The name of the data set.
        image_shape: (height, width, channels) of images; the shape of examples of another kind.
        class_names: Name of each class, in the order of the labels; () where these are numbers.
        mean: Mean of each channel, the last axis, over the training split: of pixel / 255 where
            `dtype` is uint8, of the numbers themselves where it is float32, () where it is int32.
        deviation: Standard deviation, likewise.
        train: What weights and architecture are learnt from.
        validation: What a search and a choice of hyperparameters may look at.
        test: What only the final evaluation looks at.
        unread: What was there besides and was not read, a phrase each, such as "12 .heic files".
        origin: What the data set consists of; None for one that was put together by hand.
        division: The role of every example of the data set as it was found; None likewise.
        manifest: What was recorded of it before, as it is now; None of one that was divided now.
    """

    name: str
    image_shape: tuple[int, ...]
    class_names: tuple[str, ...]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    train: Split
    validation: Split
    test: Split
    unread: tuple[str, ...] = ()
    origin: Origin | None = None
    division: Division | None = None
    manifest: Manifest | None = None

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    @property
    def regression(self) -> bool:
        """Whether labels are numbers, as those of graphs may be."""
        return not self.class_names

    @property
    def dtype(self) -> str:
        """What an example holds before it is normalised: uint8, float32 or int32."""
        return self.train.dtype

    @property
    def seen_dtype(self) -> str:
        """What a network sees of it: float32, or int32 where examples are names."""
        return "int32" if self.dtype == "int32" else "float32"

    @property
    def held_bytes(self) -> int:
        """Bytes of the images that are held in memory."""
        return sum(split.held_bytes for split in (self.train, self.validation, self.test))

    def describe(self) -> dict[str, Any]:
        """The data set in plain JSON data: all that a run records of it."""
        splits = {"train": self.train, "validation": self.validation, "test": self.test}
        return {
            "name": self.name,
            "image_shape": list(self.image_shape),
            "dtype": self.dtype,
            "labelled": self.train.labelled,
            "class_names": list(self.class_names),
            "sizes": {name: len(split.labels) for name, split in splits.items()},
            "class_counts": {
                name: np.bincount(split.labels, minlength=self.num_classes).tolist()
                for name, split in splits.items()
                if self.class_names
            },
            "mean": list(self.mean),
            "deviation": list(self.deviation),
            **self.train.record(),
        }


def load(
    source: str,
    *,
    data_dir: str = "",
    validation_fraction: float = 0.2,
    num_images: int = 0,
    image_size: int = 0,
    resize_side: int = 0,
    random_resized_crop: bool = False,
    folds: int = 0,
    fold: int = 0,
    task: str = "",
    both_directions: bool = False,
    seed: int = 0,
    recall: Recall | None = None,
) -> ImageData:
    """Loads a data set and divides it into training, validation and test.

    The test split is the data set's own, or 20 % held out by a fixed seed, the same in every run.
    The validation split is the data set's own, or a part of the training split drawn with `seed`.
    Of a folder both are held out by the names of the files, so that files which are added later
    move no other; of everything else class by class. The test split is never a part of the others:
    the authors' released code validated its searches on the test set of CIFAR-10; this package does
    not.

    A data set whose `validation` split is the only labelled one beside `train`, such as TFDS's
    `imagenet2012`, is tested on that split, for it is the one on which the field reports results
    and nothing may be chosen; it is validated on a part of the training images.

    Args:
        source: `digits` (8x8 grey handwritten digits, part of scikit-learn), `tfds:<name>` (a
            prepared TFDS data set), `folder:<path>` (images, a folder a class) or `npz:<path>`
            (arrays `x` of any shape and `y`, see `npz_source`). Or graphs: `graphs:cluster`,
            `tu:<folder>`, `csv:<folder>`, or `npz:<path>` of arrays of graphs; see `graphs`.
        data_dir: Where TFDS looks for data sets; empty for its default.
        validation_fraction: The part of the training split held out for validation, in (0, 1).
            Unused where the data set has a validation split of its own.
        num_images: Images to keep of those that are neither test images nor an own validation
            split, before validation is held out of them; chosen class by class, the same whatever
            `seed` is. 0 keeps all.
        image_size: Height and width in pixels of what a network sees; 0 keeps the images' own size,
            which must then be one for all.
        resize_side: Pixels to which the shorter side of an image is resized before the central
            square of `image_size` is cut out; 0 resizes whole images to the square.
        random_resized_crop: Whether images keep their size until they are read, so that
            `Augmentation.random_resized_crop` takes a part of the original ones.
        folds: Instead, of how many folds one is the test and the next one the validation; of every
            class each has its share, the same whatever `seed` is. 0 for none, else 3 or more.
        fold: Which one, from 0.
        task: Of graphs, what must have a label: "graph", "node" or "edge"; "" for what has one.
        both_directions: Of graphs, whether every edge counts in the opposite direction too.
        seed: Draws the validation split.
        recall: Gives what was recorded of this very data set; then nothing is drawn or measured,
            and neither `validation_fraction`, `num_images`, `folds` nor `seed` is used. May refuse
            it.

    Raises:
        InvalidInput: The source is unknown, missing or unreadable, or an argument out of range.
    """
    _check(validation_fraction, image_size, random_resized_crop)
    known = []

    def recognize(origin: Origin) -> None:
        known.extend([] if recall is None else [recall(origin)])

    kind, _, where = source.partition(":")
    if where and graphs.are_graphs(kind, where):
        found = graphs.read(kind, where, task=task, both_ways=both_directions, recognize=recognize)
    else:
        _refuse_task(source, task, both_directions)
        framing = Framing(image_size, resize_side)
        found = _read(source, data_dir, framing, random_resized_crop, recognize)
    manifest, statistics = known[0] if known else (None, None)
    division = manifest and manifest.division
    if division is None:
        numbers = {"num_images": num_images, "seed": seed, "folds": folds, "fold": fold}
        division = _divide(found, validation_fraction=validation_fraction, **numbers)
    return _assembled(found, division, manifest, statistics)


def _check(validation_fraction: float, image_size: int, random_resized_crop: bool) -> None:
    if not 0 < validation_fraction < 1:
        raise InvalidInput(
            "`data.validation_fraction` must be between 0 and 1, both excluded: "
            f"given {validation_fraction}"
        )
    if random_resized_crop and not image_size:
        raise InvalidInput(
            "`data.image_size` must be given with `data.random_resized_crop`: given 0; do set the "
            "height and width to which the random part is resized"
        )


def _refuse_task(source: str, task: str, both_directions: bool) -> None:
    for key, given in (("task", task), ("both_directions", both_directions)):
        if given:
            raise InvalidInput(
                f"`data.source` must be graphs with `data.{key}`: given {source!r} and {given!r}"
            )


def _assembled(
    found: Source,
    division: Division,
    manifest: Manifest | None,
    statistics: tuple[tuple[float, ...], tuple[float, ...]] | None,
) -> ImageData:
    """The splits of a division, with the statistics of the channels, measured if need be."""
    train, validation, test = (_role(found, division, role) for role in (TRAIN, VALIDATION, TEST))
    with named_images(InvalidInput):
        mean, deviation = statistics or channel_statistics(train)
    return ImageData(
        name=found.name,
        image_shape=train.image_shape,
        class_names=found.origin.class_names,
        mean=mean,
        deviation=deviation,
        train=train,
        validation=validation,
        test=test,
        unread=found.unread,
        origin=found.origin,
        division=division,
        manifest=manifest,
    )


def _divide(found: Source, *, num_images: int, folds: int, **numbers: float) -> Division:
    if found.roles is None:
        strata = {part: split.strata for part, split in found.parts.items()}
        return divide(strata, found.names, num_images=num_images, folds=folds, **numbers)
    if folds:
        raise InvalidInput(
            f"`data.folds` must be 0 with {found.name!r}, whose division is fixed: given {folds}"
        )
    return {"train": fewer(found.roles, num_images)}


def _role(found: Source, division: Division, role: int) -> Split:
    """The examples of one role, which all come from one part."""
    for part, split in found.parts.items():
        positions = np.flatnonzero(division[part] == role)
        if len(positions) == len(division[part]):
            return split
        if len(positions):
            return split.subset(positions)
    raise ValueError(f"a division must give some example each role: none has {role}")


def _read(
    source: str, data_dir: str, framing: Framing, keep_originals: bool, recognize: Recognize
) -> Source:
    kind, _, where = source.partition(":")
    if source == "digits":
        return digits.read(framing, keep_originals, recognize)
    if kind == "tfds" and where:
        return tfds_source.read(where, data_dir, framing, keep_originals, recognize)
    if kind == "folder" and where:
        return folder.read(where, framing, keep_originals, recognize)
    if kind == "npz" and where:
        return npz_source.read(where, framing, keep_originals, recognize)
    raise InvalidInput(
        "`data.source` must be `digits`, `tfds:<name>` (a prepared TFDS data set), "
        "`folder:<path>` (a folder a class), `npz:<path>` (arrays x and y, or graphs), or graphs "
        f"by `graphs:cluster`, `tu:<folder>` or `csv:<folder>`: given {source!r}"
    )
