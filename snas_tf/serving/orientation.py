# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How an image is turned by its EXIF data, found in the graph in bytes that nobody vouches for.

By the rules of `data.image_headers`, to the same answer for any bytes. Every number is read with
its place checked, what is looked through is limited, and nothing is allocated by what a file says.
"""

from __future__ import annotations

import tensorflow as tf

from snas_tf.data.images import image_headers as headers
from snas_tf.serving.file_bytes import FileBytes

_NOWHERE = -1


def jpeg_exif(data: FileBytes) -> tf.Tensor:
    """Where a JPEG file has its EXIF data: int64 (2,), start and end; -1 where it has none."""

    def goes_on(at: tf.Tensor, exif: tf.Tensor) -> tf.Tensor:
        fill, marker = data.number(at, 1), data.number(at + 1, 1)
        begins = tf.equal(fill, headers.FILL) & (at + 4 <= data.size)
        ends = tf.equal(marker, headers.SCAN) | tf.equal(marker, headers.END)
        return begins & (exif[0] < 0) & ~ends

    def follow(at: tf.Tensor, _: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        marker = data.number(at + 1, 1)
        end = at + 2 + data.number(at + 2, 2)
        found = tf.equal(marker, headers.APPLICATION_1) & data.has(at + 4, headers.EXIF)
        exif = tf.where(found, [at + 4 + len(headers.EXIF), end], _NOWHERE)
        return tf.where(tf.equal(marker, headers.FILL), at + 1, end), exif

    first = (tf.constant(2, tf.int64), tf.constant([_NOWHERE] * 2, tf.int64))
    _, exif = tf.while_loop(
        goes_on,
        follow,
        first,
        parallel_iterations=1,
        maximum_iterations=headers.MOST_SEGMENTS,
    )
    return exif


def png_exif(data: FileBytes) -> tuple[tf.Tensor, tf.Tensor]:
    """What the chunks of a PNG file say.

    Args:
        data: The file.

    Returns:
        int64 (2,), where it has its EXIF data, start and end, -1 where it has none; and bool (),
        whether it names transparent colours before its pixels.
    """

    def named(at: tf.Tensor, name: bytes) -> tf.Tensor:
        return tf.equal(data.number(at + 4, 4), int.from_bytes(name, "big"))

    def goes_on(at: tf.Tensor, exif: tf.Tensor, _: tf.Tensor, pixels: tf.Tensor) -> tf.Tensor:
        is_chunk = (at + headers.PNG_CHUNK_START <= data.size) & ~named(at, headers.PNG_END)
        return is_chunk & ~(pixels & (exif[0] >= 0))

    def follow(
        at: tf.Tensor, exif: tf.Tensor, transparent: tf.Tensor, pixels: tf.Tensor
    ) -> tuple[tf.Tensor, ...]:
        start, size = at + headers.PNG_CHUNK_START, data.number(at, 4)
        found = named(at, headers.PNG_EXIF) & (exif[0] < 0)
        transparent |= named(at, headers.PNG_TRANSPARENCY) & ~pixels
        return (
            at + headers.PNG_CHUNK_FRAME + size,
            tf.where(found, [start, start + size], exif),
            transparent,
            pixels | named(at, headers.PNG_PIXELS),
        )

    first = (
        tf.constant(headers.PNG_FIRST_CHUNK_AT, tf.int64),
        tf.constant([_NOWHERE] * 2, tf.int64),
        tf.constant(False),
        tf.constant(False),
    )
    _, exif, transparent, _ = tf.while_loop(
        goes_on, follow, first, parallel_iterations=1, maximum_iterations=headers.MOST_CHUNKS
    )
    return exif, transparent


def read(data: FileBytes, exif: tf.Tensor) -> tf.Tensor:
    """The orientation in EXIF data, which is a TIFF file.

    Args:
        data: The file.
        exif: int64 (2,), where the EXIF data starts and ends; -1 where there is none.

    Returns:
        int64 (), 1 to 8; 1 where it says nothing.
    """
    start, end = tf.unstack(exif)
    little = tf.equal(data.number(start, 1), ord("I"))
    first = start + data.number(start + 4, 4, little)
    count = tf.minimum(data.number(first, 2, little), (end - first - 2) // headers.ENTRY)
    numbers = tf.range(headers.MOST_ENTRIES, dtype=tf.int64)
    entries = first + 2 + headers.ENTRY * numbers
    tags = data.number(entries, 2, little)
    named = tf.equal(tags, headers.ORIENTATION) & (numbers < count)
    entry = tf.gather(entries, tf.argmax(tf.cast(named, tf.int32)))
    kind, value = data.number(entry + 2, 2, little), data.number(entry + 8, 4, little)
    sizes = [tf.where(tf.equal(kind, each), size, 0) for each, size in headers.SIZES.items()]
    size = tf.cast(tf.add_n(sizes), tf.int64)
    # Of its four bytes a number takes the first ones.
    one = tf.ones((), tf.int64)
    value = tf.where(
        little,
        value % tf.bitwise.left_shift(one, 8 * size),
        tf.bitwise.right_shift(value, 32 - 8 * size),
    )
    says = tf.reduce_any(named) & (start >= 0) & (value >= 1) & (value <= 8)
    return tf.where(says, value, 1)
