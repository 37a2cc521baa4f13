# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What every source of data gives: the splits that exist before anything is held out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np
from etils import epath

from snas_tf.data.splits import Split


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a data set consists of, by which it can be told from another one.

    Attributes:
        class_names: Name of each class, in the order of the labels.
        root: The folder in which its files lie; None without files.
        paths: Its files, relative to `root`, with slashes. Where an image is a file: part by part,
            in the order of the examples.
        facts: What else makes it what it is, in words: "version" to "3.0.2".
    """

    class_names: tuple[str, ...]
    root: epath.Path | None = None
    paths: tuple[str, ...] = ()
    facts: Mapping[str, str] = dataclasses.field(default_factory=dict)


Recognize = Callable[[Origin], None]
"""Is told what a data set consists of before its images are decoded, and may refuse it."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A data set as it was found.

    Attributes:
        name: The name of the data set.
        train: The official training split, or all there is.
        validation: The official validation split, if there is one.
        test: The official, labelled test split, if there is one.
        unread: What is there besides and was not read, a phrase each, such as "12 .heic files".
        origin: What it consists of.
        names: Where an image is a file: the names of the examples, part by part; else None.
        roles: What each example of `train` is for, uint8 indices of `division.ROLES`, where the
            data set says so; else None.
    """

    name: str
    train: Split
    validation: Split | None = None
    test: Split | None = None
    unread: tuple[str, ...] = ()
    origin: Origin
    names: Mapping[str, tuple[str, ...]] | None = None
    roles: np.ndarray | None = None

    @property
    def parts(self) -> dict[str, Split]:
        """The splits that there are, by the names "train", "validation" and "test"."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        return {part: split for part, split in parts.items() if split is not None}
