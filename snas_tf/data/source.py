# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What every source of data gives: the splits that exist before anything is held out."""

from __future__ import annotations

import dataclasses

from snas_tf.data.splits import Split


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A data set as it was found.

    Attributes:
        name: The name of the data set.
        class_names: Name of each class, in the order of the labels.
        train: The official training split, or all there is.
        validation: The official validation split, if there is one.
        test: The official, labelled test split, if there is one.
        unread: What is there besides and was not read, a phrase each, such as "12 .heic files".
    """

    name: str
    class_names: tuple[str, ...]
    train: Split
    validation: Split | None = None
    test: Split | None = None
    unread: tuple[str, ...] = ()
