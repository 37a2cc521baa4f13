# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A test image that a network takes for another class, with the image itself."""

from __future__ import annotations

import base64
import dataclasses
import io

import numpy as np
from PIL import Image

_LARGEST = 128
"""Pixels of the longer side of a picture; larger images are made smaller."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Mistake:
    """A mistake.

    Attributes:
        right: The image's class.
        answered: The class that the network took it for.
        certainty: The probability that it gave to that, in [0, 1].
        picture: The image as a PNG file in base64.
    """

    right: str
    answered: str
    certainty: float
    picture: str


def png_text(pixels: np.ndarray) -> str:
    """An image as a PNG file in base64.

    Args:
        pixels: uint8 (height, width, channels); of other than one or three channels, the first.
    """
    if pixels.shape[-1] != 3:
        pixels = pixels[..., 0]
    image = Image.fromarray(np.ascontiguousarray(pixels))
    image.thumbnail((_LARGEST, _LARGEST))
    file = io.BytesIO()
    image.save(file, format="PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode("ascii")
