# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a stage says of its data set before it begins."""

from __future__ import annotations

import rich.console

from snas_tf import data
from snas_tf.machine.workers import Workers

_NAMED = 5


def tell(
    doing: str,
    images: data.ImageData,
    steps_per_epoch: int,
    workers: Workers,
    console: rich.console.Console,
) -> None:
    """Prints the classes, the sizes of the three splits, and what was found but is not read.

    Args:
        doing: How the line begins, such as "Searching".
        images: The data set.
        steps_per_epoch: Steps of an epoch.
        workers: What the stage runs on.
        console: Where it is printed.
    """
    console.print(
        f"{doing} on {images.name}, {describe_classes(images.class_names)}: "
        f"{len(images.train.labels)} {images.train.labelled} to learn from, "
        f"{len(images.validation.labels)} to validate on, {len(images.test.labels)} to test on; "
        f"{steps_per_epoch} steps an epoch on {workers.describe()}.",
        soft_wrap=True,
        markup=False,
    )
    if images.unread:
        console.print(f"Not read: {', '.join(images.unread)}.", soft_wrap=True, markup=False)


def describe_classes(names: tuple[str, ...]) -> str:
    """Such as "2 classes (cat, dog)", of many the first ones.

    Args:
        names: Name of each class; () where numbers are to be told.
    """
    if not names:
        return "numbers to tell"
    shown = ", ".join(names[:_NAMED])
    if len(names) > _NAMED:
        shown += f" and {len(names) - _NAMED} more"
    return f"{len(names)} classes ({shown})"
