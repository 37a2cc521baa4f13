# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Tells in one line what went wrong with an image in the pipeline, in the middle of a run."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import tensorflow as tf

from snas_tf.data.images.image_files import REMEDY
from snas_tf.errors import Failure, InvalidInput

_MESSAGE = re.compile(rf"{InvalidInput.__name__}: (`data\..*)")
_REMOVED = (
    "; then run the same command again, with --config.runtime.accept_changed_files=True where the "
    "file was replaced (without it, it is another data set, which needs --overwrite)"
)


@contextlib.contextmanager
def named_images(raised: type[Failure | InvalidInput] = Failure) -> Iterator[None]:
    """Names the image that could not be read, around whatever reads images; or as a decorator.

    A pipeline raises TensorFlow's errors alone: what a file's reader raised is in their text.

    Args:
        raised: What is raised: `Failure` in the middle of a run, `InvalidInput` before it.

    Raises:
        Failure: An image could not be read; the message names it and says what to do. All other
            errors pass.
        InvalidInput: The same, where that is asked for.
    """
    try:
        yield
    except tf.errors.OpError as error:
        told = _MESSAGE.search(str(error))
        if told is None:
            raise
        message = told.group(1)
        if raised is Failure and REMEDY in message:
            message += _REMOVED
        raise raised(message) from error
