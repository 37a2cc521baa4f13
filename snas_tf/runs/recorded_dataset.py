# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a run records of its data set, by which it sees that it goes on with the same one.

A file more or less in a folder of images is another division of all of them: images that were
validated on would be learnt from. Pixels are not compared, so a damaged file may be mended.
"""

from __future__ import annotations

import json
from typing import Any

from snas_tf import data
from snas_tf.errors import InvalidInput
from snas_tf.runs import generation
from snas_tf.runs.files import write_json
from snas_tf.runs.run_directory import STAGE_NAMES, RunDirectory

_DIVISION = ("class_names", "image_shape", "sizes")


def record(directory: RunDirectory, stage: str, images: data.ImageData) -> None:
    """Writes dataset.json when a stage begins, or goes on with as many images as before.

    Args:
        directory: The run directory, in which the stage has begun.
        stage: "search" or "train".
        images: The data set.

    Raises:
        InvalidInput: The stage has a checkpoint, and was begun with other images.
    """
    path, described = directory.dataset_path, images.describe()
    if path.exists() and generation.generations(directory.checkpoints_folder, stage):
        before = json.loads(path.read_text(encoding="utf-8"))
        if any(before.get(key) != described[key] for key in _DIVISION):
            raise InvalidInput(
                f"`data.source` must be as it was when the {STAGE_NAMES[stage]} in "
                f"{directory.path} began: {_tell(before)} then, {_tell(described)} now; do bring "
                "back the same files, use another --workdir, or begin anew with --overwrite"
            )
    write_json(path, described)


def _tell(described: dict[str, Any]) -> str:
    """Such as "32 train, 8 validation and 10 test images of 16x16 pixels in 2 classes"."""
    train, validation, test = (
        f"{described['sizes'][split]} {split}" for split in ("train", "validation", "test")
    )
    height, width, _ = described["image_shape"]
    return (
        f"{train}, {validation} and {test} images of {height}x{width} pixels in "
        f"{len(described['class_names'])} classes"
    )
