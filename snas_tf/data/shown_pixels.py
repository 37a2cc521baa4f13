# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""From what PNG and JPEG files hold to the pixels that a viewer shows.

Operations of TensorFlow alone, so that a training (eagerly) and a server (in its graph) compute the
same pixels by the same lines. Profiles of colour (ICC, gAMA) are ignored, by both.
"""

from __future__ import annotations

import tensorflow as tf

from snas_tf.data.image_formats import JPEG

OPAQUE = 255

_ACCURATE = "INTEGER_ACCURATE"


def jpeg_pixels(content: tf.Tensor) -> tf.Tensor:
    """Decodes a JPEG file; grey, RGB, YCbCr, CMYK and YCCK (Adobe's inverted ones too) become RGB.

    The accurate transform, whose pixels are those of other decoders, Pillow's for instance, to the
    bit; TensorFlow's default is one that differs from them by up to 15 levels.

    Args:
        content: string (), the file.

    Returns:
        uint8 (height, width, 3), as they are stored: see `turned`.
    """
    return tf.io.decode_jpeg(content, 3, dct_method=_ACCURATE)


def stored_pixels(content: tf.Tensor, channels: int) -> tf.Tensor:
    """Decodes an image that a data set stores: its samples alone, not turned, JPEG as above.

    Args:
        content: string (), the encoded image.
        channels: 1, 3 or 4.

    Returns:
        uint8 (height, width, channels).
    """
    image = tf.cond(
        tf.equal(tf.strings.substr(content, 0, len(JPEG.start)), JPEG.start),
        lambda: tf.io.decode_jpeg(content, channels, dct_method=_ACCURATE),
        lambda: tf.io.decode_image(content, channels, expand_animations=False),
    )
    return tf.ensure_shape(image, (None, None, channels))


def png_pixels(
    content: tf.Tensor, bit_depth: tf.Tensor | int, transparent: tf.Tensor | bool
) -> tf.Tensor:
    """Decodes a PNG file of any kind: palettes, transparency, 1, 2, 4, 8 and 16 bits.

    Args:
        content: string (), the file.
        bit_depth: int (), bits a sample as its header says.
        transparent: bool (), whether it has an alpha channel, or colours that are transparent. Of
            an image of fewer than 8 bits that has none TensorFlow would make up a wrong one.

    Returns:
        uint8 (height, width, 3), as they are stored: see `turned`.
    """

    def decode(channels: int) -> tf.Tensor:
        return tf.cond(
            tf.equal(bit_depth, 16),
            lambda: _from_16_bits(content, channels),
            lambda: tf.io.decode_png(content, channels),
        )

    return tf.cond(transparent, lambda: on_white(decode(4)), lambda: decode(3))


def on_white(rgba: tf.Tensor) -> tf.Tensor:
    """Shows a transparent image before white, as a page does.

    Args:
        rgba: uint8 (height, width, 4), colour not multiplied by alpha.

    Returns:
        uint8 (height, width, 3).
    """
    colour, alpha = tf.split(tf.cast(rgba, tf.uint16), (3, 1), axis=-1)
    # At most 255^2 + 127 < 2^16.
    return tf.cast((colour * alpha + OPAQUE * (OPAQUE - alpha) + 127) // OPAQUE, tf.uint8)


def eight_bits(samples: tf.Tensor) -> tf.Tensor:
    """Brings 16-bit samples to 8 bits: the high byte, which undoes both ways of widening 8 bits.

    A camera or scanner of 12 bits often stores its numbers as they are, and so may whoever stores
    8 bits. Shown by the high byte they would be black. So an image is taken for one of 8 bits where
    no sample is above 255, for one of 12 bits where none is above 4095, else for one of 16.

    Args:
        samples: uint16 of any shape.

    Returns:
        uint8 of the same shape.
    """
    return tf.cast(tf.bitwise.right_shift(samples, _shift(samples)), tf.uint8)


def turned(image: tf.Tensor, orientation: tf.Tensor | int) -> tf.Tensor:
    """Turns and mirrors an image as its EXIF orientation says.

    Args:
        image: uint8 (height, width, channels), as it is stored.
        orientation: int (), 1 to 8; 1 leaves the image as it is.

    Returns:
        uint8 (height, width, channels) for 1 to 4, (width, height, channels) for 5 to 8.
    """

    orientation = tf.cast(orientation, tf.int32)

    def among(*orientations: int) -> tf.Tensor:
        return tf.reduce_any(tf.equal(orientation, orientations))

    transposed, mirrored, upside_down = among(5, 6, 7, 8), among(2, 3, 6, 7), among(3, 4, 7, 8)
    image = tf.cond(transposed, lambda: tf.transpose(image, (1, 0, 2)), lambda: image)
    image = tf.cond(mirrored, lambda: tf.reverse(image, [1]), lambda: image)
    return tf.cond(upside_down, lambda: tf.reverse(image, [0]), lambda: image)


def grey(rgb: tf.Tensor) -> tf.Tensor:
    """Brightness of colours by ITU-R 601-2, rounded; a grey image keeps its numbers.

    Args:
        rgb: uint8 (height, width, 3).

    Returns:
        uint8 (height, width, 1).
    """
    red, green, blue = tf.unstack(tf.cast(rgb, tf.int32), axis=-1)
    brightness = (19595 * red + 38470 * green + 7471 * blue + 2**15) // 2**16
    return tf.cast(brightness, tf.uint8)[..., tf.newaxis]


def _from_16_bits(content: tf.Tensor, channels: int) -> tf.Tensor:
    """uint8 (height, width, channels) of a PNG file; alpha is always of all 16 bits."""
    samples = tf.io.decode_png(content, channels, tf.uint16)
    if channels == 3:
        return eight_bits(samples)
    colour, alpha = tf.split(samples, (3, 1), axis=-1)
    return tf.concat([eight_bits(colour), tf.cast(alpha // 256, tf.uint8)], -1)


def _shift(samples: tf.Tensor) -> tf.Tensor:
    """uint16 (): the bits that are dropped."""
    most = tf.reduce_max(samples)
    shift = tf.where(most > 255, tf.where(most > 4095, 8, 4), 0)
    return tf.cast(shift, tf.uint16)
