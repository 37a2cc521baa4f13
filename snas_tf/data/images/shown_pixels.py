# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""From what PNG and JPEG files hold to the pixels that a viewer shows.

Operations of TensorFlow alone, so that a training (eagerly) and a server (in its graph) compute the
same pixels by the same lines. Profiles of colour (ICC, gAMA) are ignored, by both.
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from snas_tf.data.images.image_formats import JPEG

OPAQUE = 255

_PIXELS_AT_ONCE = 2**20

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
            lambda: eight_bits(tf.io.decode_png(content, channels, tf.uint16)),
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

    def show(rows: tf.Tensor) -> tf.Tensor:
        colour, alpha = tf.split(tf.cast(rows, tf.uint16), (3, 1), axis=-1)
        # At most 255^2 + 127 < 2^16.
        return tf.cast((colour * alpha + OPAQUE * (OPAQUE - alpha) + 127) // OPAQUE, tf.uint8)

    return _by_rows(show, rgba, 3)


def eight_bits(samples: tf.Tensor) -> tf.Tensor:
    """Brings 16-bit samples to 8 bits: the high byte, which undoes both ways of widening 8 bits.

    A camera or scanner of 12 bits often stores its numbers as they are, and so may whoever stores
    8 bits. Shown by the high byte they would be black. So an image is taken for one of 8 bits where
    no sample is above 255, for one of 12 bits where none is above 4095, else for one of 16.

    Args:
        samples: uint16 (height, width, channels), of four the last one alpha, always of 16 bits.

    Returns:
        uint8 of the same shape.
    """
    most = tf.reduce_max(tf.reduce_max(samples, axis=(0, 1))[:3])
    shift = tf.where(most > 255, tf.where(most > 4095, 8, 4), 0)
    channels = samples.shape[-1]
    shifts = tf.cast(tf.stack([shift, shift, shift, 8][:channels]), tf.uint16)

    def narrow(rows: tf.Tensor) -> tf.Tensor:
        return tf.cast(tf.bitwise.right_shift(rows, shifts), tf.uint8)

    return _by_rows(narrow, samples, channels)


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

    weights = tf.constant([[19595.0], [38470.0], [7471.0]])

    def brightness(rows: tf.Tensor) -> tf.Tensor:
        # Whole numbers below 2^24, so that float32 is exact in any order.
        sums = tf.linalg.matmul(tf.reshape(tf.cast(rows, tf.float32), (-1, 3)), weights)
        brightness = tf.cast((sums + 2**15) / 2**16, tf.uint8)
        return tf.reshape(brightness, (-1, tf.shape(rows)[1], 1))

    return _by_rows(brightness, rgb, 1)


def _by_rows(
    change: Callable[[tf.Tensor], tf.Tensor], image: tf.Tensor, channels: int
) -> tf.Tensor:
    """Changes the pixels of some rows at a time, as numbers in between take more memory.

    Args:
        change: From (rows, width, channels before) to uint8 (rows, width, channels).
        image: (height, width, channels before).
        channels: Of the result.
    """
    height, width = tf.unstack(tf.shape(image)[:2])
    rows = tf.maximum(_PIXELS_AT_ONCE // tf.maximum(width, 1), 1)
    blocks = -(-height // rows)
    changed = tf.TensorArray(
        tf.uint8, blocks, infer_shape=False, element_shape=(None, None, channels)
    )

    def follow(block: tf.Tensor, changed: tf.TensorArray) -> tuple[tf.Tensor, tf.TensorArray]:
        part = change(image[block * rows : (block + 1) * rows])
        return block + 1, changed.write(block, part)

    with tf.device("CPU:0"):  # the same bits with and without a GPU
        _, changed = tf.while_loop(
            lambda block, _: block < blocks, follow, (0, changed), parallel_iterations=1
        )
        return changed.concat()
