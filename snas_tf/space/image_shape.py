# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The shape of images, as plans of networks take it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from snas_tf.errors import InvalidInput


def checked(given: Any) -> tuple[int, int, int]:
    """Checks (height, width, channels).

    Args:
        given: What a user gave.

    Returns:
        It, as a tuple.

    Raises:
        InvalidInput: It is no such shape.
    """
    shape = tuple(given) if isinstance(given, Iterable) else ()
    if len(shape) != 3 or not all(type(size) is int and size > 0 for size in shape):
        raise InvalidInput(
            "`image_shape` must be of images, three positive whole numbers (height, width, "
            "channels): "
            f"given {given}"
        )
    return shape
