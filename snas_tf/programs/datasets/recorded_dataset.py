# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a run knows of its data set without opening it: the summary that dataset.json is."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from snas_tf.data.splits import holds_images
from snas_tf.errors import InvalidInput
from snas_tf.runs.run_directory import RunDirectory


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RecordedDataset:
    """What a run knows of its data set without opening it.

    Attributes:
        name: The name of the data set.
        image_shape: (height, width, channels) of what a network sees; the shape of an example that
            is no image.
        dtype: What an example holds before it is normalised.
        class_names: Name of each class, in the order of the labels.
        mean: Mean of each channel over the training split, see `data.ImageData`.
        deviation: Standard deviation, likewise.
        sizes: Images in "train", "validation" and "test".
        graphs: Of graphs how others like them are read, see `data.graphs.source.Known`; None else.
        class_counts: Images of each class, in the order of the labels, in each of the splits; {} of
            a run by an earlier version.
    """

    name: str
    image_shape: tuple[int, ...]
    dtype: str
    class_names: tuple[str, ...]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    sizes: dict[str, int]
    class_counts: dict[str, tuple[int, ...]]
    graphs: dict[str, Any] | None = None

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    @property
    def regression(self) -> bool:
        """Whether labels are numbers."""
        return not self.class_names

    @property
    def holds_images(self) -> bool:
        """Whether its examples are images."""
        return holds_images(self.image_shape, self.dtype)


def load(directory: RunDirectory) -> RecordedDataset:
    """Reads what a run recorded of its data set.

    Args:
        directory: The run directory, in which a stage has begun.

    Raises:
        InvalidInput: The run recorded none, or the file is not whole.
    """
    path = directory.dataset_path
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return RecordedDataset(
            name=found["name"],
            image_shape=tuple(found["image_shape"]),
            dtype=found.get("dtype", "uint8"),
            class_names=tuple(found["class_names"]),
            mean=tuple(found["mean"]),
            deviation=tuple(found["deviation"]),
            sizes=found["sizes"],
            class_counts={
                split: tuple(counts) for split, counts in found.get("class_counts", {}).items()
            },
            graphs=found.get("graphs"),
        )
    except FileNotFoundError as error:
        raise InvalidInput(
            f"`--workdir` {directory.path} must hold a run with the record of its data set: "
            f"{path.name} is not there; do run --mode=search there first"
        ) from error
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(
            f"`--workdir` {directory.path} must hold a whole run: {path.name} is damaged; do bring "
            "it back, or begin anew with --overwrite"
        ) from error
