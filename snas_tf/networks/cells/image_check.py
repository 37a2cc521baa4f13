# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Whether images are such as a skeleton takes."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from snas_tf import space


def check_images(images: Any, skeleton: space.Skeleton) -> None:
    """Checks that images are such as a skeleton takes, as far as it is known of them.

    Args:
        images: A batch or several, of any size: an array or a tensor; or a data set of pairs of
            them and labels. Anything else is left to Keras.
        skeleton: The plan of the network.

    Raises:
        ValueError: They have another shape, or are no numbers.
    """
    if isinstance(images, tf.data.Dataset):
        images = images.element_spec
        images = images[0] if isinstance(images, tuple) and images else images
    shape, dtype = getattr(images, "shape", None), getattr(images, "dtype", None)
    if shape is None or dtype is None or getattr(shape, "rank", 0) is None:
        return
    given, wanted = tuple(shape), (None, *skeleton.image_shape)
    fits = len(given) == len(wanted) and all(
        None in (size, least) or size == least for size, least in zip(given, wanted, strict=True)
    )
    name = getattr(dtype, "name", None) or str(dtype)
    if not fits or not name.startswith(("float", "bfloat", "int", "uint")):
        height, width, channels = skeleton.image_shape
        sizes = ", ".join("any" if size is None else str(size) for size in given)
        raise ValueError(
            f"Images must be numbers (batch, {height}, {width}, {channels}), as `image_shape` of "
            f"the supernet's skeleton says. Received: {name} ({sizes}). Resize or reshape them, or "
            "build the supernet on a skeleton of their shape."
        )
