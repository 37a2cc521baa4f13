# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""One image file to its pixels, as a viewer shows them, or the true reason why not.

JPEG and PNG are decoded by TensorFlow, because a server does that in its graph, with the same
operations (`shown_pixels`); all other formats by Pillow. Turned as EXIF says; transparent images
before white; of what moves or has many pages the first; profiles of colour are ignored.
"""

from __future__ import annotations

import io
import warnings

import numpy as np
import tensorflow as tf
from PIL import Image, ImageOps, features

from snas_tf.data.images import image_formats, image_headers, shown_pixels
from snas_tf.data.images.image_formats import HEAD, JPEG, PNG, TAIL, Format

MOST_PIXELS = 2**27
"""Pixels of the largest image that is decoded, 134 million: 400 MB in RGB."""

_WHITE_IS_ZERO, _PHOTOMETRIC = 0, 262  # of TIFF
_SIXTEEN_BITS = 2**16

# Of large or odd files. They are read or refused here, and warnings would break up the progress.
warnings.filterwarnings("ignore", module=r"PIL\.")


class Unreadable(ValueError):
    """A file is no image that can be read. The message is the end of "cannot read FILE"."""


def decode(content: bytes) -> tf.Tensor:
    """Decodes an image file of any format that is read.

    Args:
        content: The file.

    Returns:
        uint8 (height, width, 3).

    Raises:
        Unreadable: It cannot be decoded.
    """
    known = image_formats.recognized(content[:HEAD])
    if known is None:
        raise Unreadable(image_formats.strangeness(content[:HEAD]))
    with tf.device("CPU:0"):
        if known is JPEG:
            return _decode_jpeg(content)
        if known is PNG:
            return _decode_png(content)
        return tf.constant(_decode_other(content, known))


def _decode_jpeg(content: bytes) -> tf.Tensor:
    frame = image_headers.jpeg_frame(content)
    if frame is not None:
        _check_size(frame.height, frame.width)
    try:
        image = shown_pixels.jpeg_pixels(content)
    except tf.errors.OpError as error:
        peculiarity = "" if frame is None else frame.peculiarity()
        if peculiarity:
            raise Unreadable(f"a JPEG image of {peculiarity}, which is not read") from error
        raise Unreadable(_damage(content, JPEG)) from error
    return _turned(image, image_headers.jpeg_orientation(content))


def _decode_png(content: bytes) -> tf.Tensor:
    height, width, bit_depth = image_headers.png_header(content)
    _check_size(height, width)
    try:
        transparent = image_headers.png_transparent(content)
        image = shown_pixels.png_pixels(content, bit_depth, transparent)
    except tf.errors.OpError as error:
        raise Unreadable(_damage(content, PNG)) from error
    return _turned(image, image_headers.png_orientation(content))


def _turned(image: tf.Tensor, orientation: int) -> tf.Tensor:
    return image if orientation == 1 else shown_pixels.turned(image, orientation)


def _decode_other(content: bytes, known: Format) -> np.ndarray:
    try:
        with Image.open(io.BytesIO(content), formats=(known.pillow,)) as image:
            _check_size(image.height, image.width)
            return _shown(ImageOps.exif_transpose(image))
    except Unreadable:
        raise
    except Image.DecompressionBombError as error:
        raise Unreadable(f"it has more than the {MOST_PIXELS:,} pixels that are read") from error
    except Exception as error:  # of damaged files Pillow raises whatever its parsers run into
        if known.pillow == "AVIF" and not features.check("avif"):
            raise Unreadable("AVIF, which the Pillow that is installed does not read") from error
        raise Unreadable(_damage(content, known)) from error


def _shown(image: Image.Image) -> np.ndarray:
    """The pixels of an image that Pillow opened, uint8 (height, width, 3)."""
    if image.mode == "F":
        raise Unreadable("its pixels are floating-point numbers, of which none is known as white")
    if image.mode.startswith("I"):
        return _from_16_bits(image)
    if image.has_transparency_data:
        return shown_pixels.on_white(tf.constant(np.asarray(image.convert("RGBA")))).numpy()
    return np.asarray(image.convert("RGB"))


def _from_16_bits(image: Image.Image) -> np.ndarray:
    samples = np.asarray(image).astype(np.int64)
    if samples.min() < 0 or samples.max() >= _SIXTEEN_BITS:
        raise Unreadable("its pixels are not of 1 to 16 bits")
    tags = getattr(image, "tag_v2", {})
    if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
        raise Unreadable("it has 16 bits a pixel of which zero is white, which is not read")
    samples = samples.astype(np.uint16)[..., np.newaxis]
    return np.repeat(shown_pixels.eight_bits(tf.constant(samples)), 3, axis=-1)


def _check_size(height: int, width: int) -> None:
    if height * width > MOST_PIXELS:
        raise Unreadable(
            f"it has {height}x{width} pixels, more than the {MOST_PIXELS:,} that are read"
        )


def _damage(content: bytes, known: Format) -> str:
    whole = image_formats.ends_well(content[:HEAD], content[-TAIL:], len(content))
    return image_formats.damage(known, whole)
