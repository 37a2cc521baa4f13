# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Data sets that TFDS (tensorflow-datasets) has prepared on this machine; nothing is downloaded."""

from __future__ import annotations

import hashlib
import shlex
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf
from etils import epath

from snas_tf.data import splits
from snas_tf.data.images.framing import Framing
from snas_tf.data.record_split import RecordFiles, RecordSplit
from snas_tf.data.source import Origin, Recognize, Source
from snas_tf.data.splits import Split
from snas_tf.errors import InvalidInput

if TYPE_CHECKING:
    import tensorflow_datasets as tfds


def read(
    name: str, data_dir: str, framing: Framing, keep_originals: bool, recognize: Recognize
) -> Source:
    """Reads a prepared TFDS data set of images with one class each.

    It is decoded into memory if it fits into `splits.MEMORY_LIMIT_BYTES`, otherwise in the
    pipeline; there as well if originals are kept that differ in size. A split with labels below 0
    (as TFDS marks a test set whose labels are secret) counts as absent.

    Args:
        name: As TFDS writes it: `cifar10`, `my_data/my_config:1.0.0`.
        data_dir: Where TFDS looks; empty for its default.
        framing: How images are brought to the size that a network expects.
        keep_originals: Whether that is done in the pipeline, not once and for all.
        recognize: Is told which files and labels there are, before any image is decoded.

    Raises:
        InvalidInput: The data set is not prepared, has no training split, is not one of uint8
            images with one class each, cannot be read, or has images of different sizes while
            `framing.image_size` is 0.
    """
    builder = _prepared_builder(name, data_dir)
    image_key, label_key = _keys(builder)
    framing.image_shape(builder.info.features[image_key].shape)  # before any file is read
    try:
        found = _open_splits(builder, image_key, label_key, framing)
        origin = _origin(builder, label_key, found)
        recognize(origin)
        held = _held(builder, image_key, found, framing, keep_originals)
    except tf.errors.OpError as error:
        raise InvalidInput(
            f"`data.source` must be a readable TFDS data set: '{builder.data_path}' is damaged "
            f"({type(error).__name__}); do prepare it again"
        ) from error
    return Source(name=builder.info.full_name, origin=origin, **held)


def _prepared_builder(name: str, data_dir: str) -> tfds.core.DatasetBuilder:
    """The builder from TFDS's code, which knows the names of the classes, or from files alone."""
    import tensorflow_datasets as tfds

    where = data_dir or tfds.core.constants.DATA_DIR
    problem = "it is not there"
    for find in (tfds.builder, tfds.core.read_only_builder.builder_from_files):
        try:
            builder = find(name, data_dir=data_dir or None)
        except tfds.core.DatasetNotFoundError:
            continue
        except (ValueError, AssertionError, ImportError) as error:  # a bad name, version, module
            problem = str(error).strip().splitlines()[0]
            continue
        if builder.is_prepared() and builder.info.splits:
            return builder
    raise InvalidInput(
        f"`data.source` must name a data set that TFDS has prepared: given 'tfds:{name}', looked "
        f"in '{where}' ({problem}); do set `data.data_dir`, or prepare it once with a network: "
        f"`{shlex.join(['tfds', 'build', name, f'--data_dir={where}'])}`"
    )


def _keys(builder: tfds.core.DatasetBuilder) -> tuple[str, str]:
    """The names of the image and of the label among the features."""
    import tensorflow_datasets as tfds

    features = dict(builder.info.features.items())
    keys = builder.info.supervised_keys or ("image", "label")
    image, label = (features.get(key) if isinstance(key, str) else None for key in keys[:2])
    is_image = isinstance(image, tfds.features.Image) and image.np_dtype == np.uint8
    if not is_image or image.shape[-1] is None or not isinstance(label, tfds.features.ClassLabel):
        raise InvalidInput(
            "`data.source` must be a data set of uint8 images with one class each: given "
            f"'tfds:{builder.info.full_name}' with the features {', '.join(sorted(features))}"
        )
    return keys[0], keys[1]


def _origin(
    builder: tfds.core.DatasetBuilder, label_key: str, found: dict[str, RecordSplit]
) -> Origin:
    """The version, the record files and the labels, which have all been read by now."""
    facts = {"name": builder.info.full_name}
    for part, split in found.items():
        digest = hashlib.sha256(split.labels.astype("<i4").tobytes()).hexdigest()
        facts[f"labels of {part}"] = digest[:32]
    paths = [path for split in found.values() for path in split.files.paths]
    return Origin(
        class_names=tuple(builder.info.features[label_key].names),
        root=epath.Path(builder.data_path),
        paths=tuple(epath.Path(path).name for path in paths),
        facts=facts,
    )


def _open_splits(
    builder: tfds.core.DatasetBuilder, image_key: str, label_key: str, framing: Framing
) -> dict[str, RecordSplit]:
    """The labelled splits; nothing of them is decoded."""
    infos = builder.info.splits
    if "train" not in infos:
        raise InvalidInput(
            f"`data.source` must have a split named train: given 'tfds:{builder.info.full_name}' "
            f"with {', '.join(infos)}"
        )
    streamed = {
        part: RecordSplit.open(RecordFiles.of(builder, part, image_key, label_key), framing)
        for part in ("train", "validation", "test")
        if part in infos and infos[part].num_examples
    }
    found = {part: split for part, split in streamed.items() if split.labels.min() >= 0}
    if "train" not in found:
        raise InvalidInput(
            f"`data.source` must have a class for every training image: given "
            f"'tfds:{builder.info.full_name}', some of which have none"
        )
    return found


def _held(
    builder: tfds.core.DatasetBuilder,
    image_key: str,
    found: dict[str, RecordSplit],
    framing: Framing,
    keep_originals: bool,
) -> dict[str, Split]:
    """The splits in memory, if they fit."""
    own_shape = builder.info.features[image_key].shape
    held_shape = own_shape if keep_originals else framing.image_shape(own_shape)
    images = sum(split.size for split in found.values())
    if None in held_shape or images * int(np.prod(held_shape)) > splits.MEMORY_LIMIT_BYTES:
        return {**found}
    return {part: split.decoded(keep_originals=keep_originals) for part, split in found.items()}
