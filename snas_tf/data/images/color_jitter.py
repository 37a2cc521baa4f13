# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Random changes of the colours of images, as in the usual training on ImageNet."""

from __future__ import annotations

import tensorflow as tf

_LUMA = (0.299, 0.587, 0.114)
"""Share of red, green and blue in the brightness of a pixel (ITU-R BT.601)."""

_WHITE = 255.0


def color_jitter(images: tf.Tensor, strength: float, seed: tf.Tensor) -> tf.Tensor:
    """Changes brightness, contrast, saturation and hue of each image, always in this order.

    A factor, uniform in [1 - strength, 1 + strength], multiplies each of: the pixels (brightness),
    their distance from the mean grey of the image (contrast), their distance from the grey of equal
    luma (saturation). Values are clipped to [0, 255] after every change. Then the hue is turned by
    up to strength / 2 of the whole circle, either way.

    Args:
        images: uint8 [batch, height, width, 3], RGB.
        strength: In [0, 1]; 0 changes nothing.
        seed: int32 [2].

    Returns:
        uint8 [batch, height, width, 3].
    """
    draws = tf.random.stateless_uniform((4, tf.shape(images)[0], 1, 1, 1), seed, -1.0, 1.0)
    brightness, contrast, saturation = tf.unstack(1 + strength * draws[:3])
    turn = strength / 2 * tf.reshape(draws[3], [-1])
    values = tf.cast(images, tf.float32)
    values = _blend(tf.zeros(()), values, brightness)
    values = _blend(tf.reduce_mean(_grey(values), axis=(1, 2), keepdims=True), values, contrast)
    values = _blend(_grey(values), values, saturation)
    values = _turn_hue(values, turn)
    return tf.saturate_cast(tf.round(values), tf.uint8)


def _grey(values: tf.Tensor) -> tf.Tensor:
    """The luma of every pixel, [batch, height, width, 1]."""
    return tf.reduce_sum(values * tf.constant(_LUMA), axis=-1, keepdims=True)


def _blend(plain: tf.Tensor, values: tf.Tensor, factor: tf.Tensor) -> tf.Tensor:
    """The distance of `values` from `plain`, times `factor`; clipped to [0, 255]."""
    return tf.clip_by_value(plain + factor * (values - plain), 0.0, _WHITE)


def _turn_hue(values: tf.Tensor, turns: tf.Tensor) -> tf.Tensor:
    """Turns the hue of each image by its part of the circle, `turns` [batch]."""
    return (
        tf.map_fn(
            lambda pair: tf.image.adjust_hue(*pair),
            (values / _WHITE, turns),
            fn_output_signature=tf.TensorSpec(values.shape[1:], tf.float32),
        )
        * _WHITE
    )
