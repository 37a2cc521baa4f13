# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Encoded images decoded inside the graph, from senders that nobody vouches for.

To the pixels that a training has of the same file: by the same operations (`data.shown_pixels`),
turned as its EXIF data says. What an image will need is read from its header before it is decoded:
a file of some kilobytes can claim a size that takes a server's memory.
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from snas_tf.data.images import image_headers, shown_pixels
from snas_tf.serving import orientation
from snas_tf.serving.file_bytes import FileBytes

MOST_PIXELS = 2**25
"""Pixels of the largest image that is decoded, 33.5 million: 100 MB in RGB."""

MOST_PIXELS_IN_ALL = 2**29
"""Pixels of all images of a request, 537 million: 44 photographs of 12 million. A file of 100 kB
can hold 33 million white pixels, so that a small request could keep a core busy for minutes."""

MOST_ELONGATED = 32
"""How many times longer than the other a side may be: scaled by its shorter side, a strip of some
pixels would become one of gigabytes."""

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_PNG_SIZE = 8  # two numbers
_PNG_SIZE_AT = 16  # behind the signature, the length of the first chunk and its name
_PNG_HEADER = 33  # signature and first chunk
_OPAQUE = 255


def decode_batch(
    encoded: tf.Tensor, frame: Callable[[tf.Tensor], tf.Tensor], image_shape: tuple[int, int, int]
) -> tf.Tensor:
    """Decodes PNG and JPEG files and brings them to one size.

    Args:
        encoded: string (batch,), a file each.
        frame: From a decoded image, uint8 (any height, any width, channels), to one of
            `image_shape`.
        image_shape: (height, width, channels) of the result.

    Returns:
        uint8 (batch, height, width, channels).

    Raises:
        tf.errors.InvalidArgumentError: When it runs: one of the files is no PNG or JPEG, is
            damaged, has more than `MOST_PIXELS` pixels, or sides that differ by a factor of more
            than `MOST_ELONGATED`; or all together have more than `MOST_PIXELS_IN_ALL` pixels.
    """
    sides = tf.map_fn(_sides, encoded, fn_output_signature=tf.TensorSpec((2,), tf.int32))
    pixels = tf.reduce_sum(tf.reduce_prod(tf.cast(sides, tf.int64), axis=1))
    fits = tf.debugging.Assert(
        pixels <= MOST_PIXELS_IN_ALL,
        [f"image_bytes must hold up to {MOST_PIXELS_IN_ALL} pixels in all: it holds", pixels],
    )

    def decode(content: tf.Tensor) -> tf.Tensor:
        image = frame(decode_image(content, image_shape[-1]))
        return tf.ensure_shape(image, image_shape)

    with tf.control_dependencies([fits]):
        return tf.map_fn(
            decode,
            encoded,
            parallel_iterations=1,  # a request takes the memory of one decoded image
            fn_output_signature=tf.TensorSpec(image_shape, tf.uint8),
        )


def decode_image(content: tf.Tensor, channels: int) -> tf.Tensor:
    """Decodes one PNG or JPEG file, once its header has been found harmless.

    Args:
        content: string (), the file.
        channels: 1 for grey, 3 for RGB, 4 for RGB that is opaque; the file's own colours are
            converted, and what is transparent is shown before white.

    Returns:
        uint8 (height, width, channels).
    """
    with tf.control_dependencies([_sides(content)]):
        content = tf.identity(content)
    data = FileBytes(content)
    image, exif = tf.cond(
        _is_png(content),
        lambda: _decode_png(content, data),
        lambda: (shown_pixels.jpeg_pixels(content), orientation.jpeg_exif(data)),
    )
    image = shown_pixels.turned(image, orientation.read(data, exif))
    if channels == 1:
        image = shown_pixels.grey(image)
    elif channels == 4:
        image = tf.pad(image, [(0, 0), (0, 0), (0, 1)], constant_values=_OPAQUE)
    return tf.ensure_shape(image, (None, None, channels))


def _decode_png(content: tf.Tensor, data: FileBytes) -> tuple[tf.Tensor, tf.Tensor]:
    """The pixels and where the EXIF data is."""
    depth, color = (
        data.number(tf.constant(at, tf.int64), 1)
        for at in (image_headers.PNG_DEPTH_AT, image_headers.PNG_COLOR_AT)
    )
    exif, transparent = orientation.png_exif(data)
    for each in image_headers.PNG_ALPHA:
        transparent |= tf.equal(color, each)
    return shown_pixels.png_pixels(content, depth, transparent), exif


def _is_png(content: tf.Tensor) -> tf.Tensor:
    return tf.equal(tf.strings.substr(content, 0, len(_PNG)), _PNG)


def _sides(content: tf.Tensor) -> tf.Tensor:
    """int32 (2,): height and width by the header of a file, checked."""
    # A shorter file would be quoted by the error of `substr`, bytes that are no text.
    is_png = _is_png(content) & (tf.strings.length(content) >= _PNG_HEADER)
    is_jpeg = tf.equal(tf.strings.substr(content, 0, len(_JPEG)), _JPEG)
    known = tf.debugging.Assert(
        is_png | is_jpeg, ["image_bytes must be PNG or JPEG files: one begins otherwise"]
    )
    with tf.control_dependencies([known]):
        sides = tf.cond(is_png, lambda: _png_sides(content), lambda: _jpeg_sides(content))
    longer, shorter = tf.reduce_max(sides), tf.reduce_min(sides)
    checks = [
        tf.debugging.Assert(
            (shorter > 0) & (shorter <= MOST_PIXELS // tf.maximum(longer, 1)),
            [f"image_bytes must be images of 1 to {MOST_PIXELS} pixels: one has the sides", sides],
        ),
        tf.debugging.Assert(
            longer <= MOST_ELONGATED * shorter,
            [
                "image_bytes must be images whose sides differ by at most a factor of "
                f"{MOST_ELONGATED}: one has the sides",
                sides,
            ],
        ),
    ]
    with tf.control_dependencies(checks):
        return tf.identity(sides)


def _png_sides(content: tf.Tensor) -> tf.Tensor:
    """int32 (2,): height and width as the header of a PNG file says; negative where it lies."""
    header = tf.strings.substr(content, _PNG_SIZE_AT, _PNG_SIZE)
    numbers = tf.io.decode_raw(header, tf.int32, little_endian=False)
    width, height = tf.unstack(tf.ensure_shape(numbers, (2,)))
    return tf.stack([height, width])


def _jpeg_sides(content: tf.Tensor) -> tf.Tensor:
    """int32 (2,): height and width as the header of a JPEG file says."""
    return tf.ensure_shape(tf.image.extract_jpeg_shape(content), (3,))[:2]
