# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Numbers and texts in the bytes of a file, read inside the graph wherever they are said to be."""

from __future__ import annotations

import tensorflow as tf


class FileBytes:
    """The bytes of a file.

    Args:
        content: string (), at least one byte.

    Attributes:
        size: int64 (), how many they are.
    """

    def __init__(self, content: tf.Tensor) -> None:
        self._bytes = tf.io.decode_raw(content, tf.uint8)
        self.size = tf.size(self._bytes, tf.int64)

    def number(self, at: tf.Tensor, length: int, little: tf.Tensor | None = None) -> tf.Tensor:
        """Unsigned numbers of some bytes; those behind the end of the file are zeros.

        Args:
            at: int64 of any shape, where they begin.
            length: Bytes of each.
            little: bool (), whether the lowest byte is the first one; None for the highest.

        Returns:
            int64 of the shape of `at`.
        """
        places = at[..., tf.newaxis] + tf.range(length, dtype=tf.int64)
        inside = (places >= 0) & (places < self.size)
        found = tf.gather(self._bytes, tf.clip_by_value(places, 0, self.size - 1))
        found = tf.where(inside, tf.cast(found, tf.int64), 0)
        powers = [256**power for power in range(length)]
        weights = tf.constant(powers[::-1], tf.int64)
        if little is not None:
            weights = tf.where(little, tf.constant(powers, tf.int64), weights)
        return tf.reduce_sum(found * weights, axis=-1)

    def has(self, at: tf.Tensor, text: bytes) -> tf.Tensor:
        """Whether `text` stands at a place, int64 (); bool ()."""
        letters = self.number(at + tf.range(len(text), dtype=tf.int64), 1)
        return tf.reduce_all(tf.equal(letters, tf.constant([*text], tf.int64)))
