# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Files of all kinds are decoded or refused, and what lies about its size takes no memory."""

import io
import struct
import zlib

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from snas_tf.serving.image_decoding import (
    MOST_ELONGATED,
    MOST_PIXELS,
    MOST_PIXELS_IN_ALL,
    decode_batch,
    decode_image,
)

INVALID = tf.errors.InvalidArgumentError
PICTURE = np.random.default_rng(0).integers(0, 256, (9, 14, 3), dtype=np.uint8)


def encoded(image, kind, **options):
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


@pytest.fixture(scope="module")
def rgb():
    return tf.function(
        lambda content: decode_image(content, 3), input_signature=[tf.TensorSpec((), tf.string)]
    )


def test_png_is_decoded_to_its_pixels(rgb):
    picture = Image.fromarray(PICTURE)
    np.testing.assert_array_equal(rgb(encoded(picture, "PNG")), PICTURE)
    np.testing.assert_array_equal(
        decode_image(tf.constant(encoded(picture.convert("L"), "PNG")), 1)[..., 0],
        picture.convert("L"),
    )


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_decoded(rgb, mode):
    grey = Image.fromarray(PICTURE).convert("L")
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    else:
        picture = Image.fromarray(PICTURE).convert(mode)
    assert rgb(encoded(picture, "PNG")).shape == PICTURE.shape


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 5}])
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_every_kind_of_jpeg_is_decoded_or_refused(rgb, mode, options):
    content = encoded(Image.fromarray(PICTURE).convert(mode), "JPEG", **options)
    assert rgb(content).shape == PICTURE.shape


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "WEBP"])
def test_other_formats_are_refused(rgb, kind):
    with pytest.raises(INVALID, match="must be PNG or JPEG"):
        rgb(encoded(Image.fromarray(PICTURE), kind))


def png_that_claims(width, height):
    """A small file that claims a size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


@pytest.mark.parametrize(
    ("width", "height"), [(2**15, 2**15), (0, 5), (2**31, 2), (2**32 - 1,) * 2, (8192, 8192)]
)
def test_a_claimed_size_is_refused_before_it_is_believed(rgb, width, height):
    with pytest.raises(INVALID, match=f"1 to {MOST_PIXELS} pixels"):
        rgb(png_that_claims(width, height))


def test_a_jpeg_that_claims_a_huge_size_is_refused(rgb):
    content = bytearray(encoded(Image.fromarray(PICTURE), "JPEG"))
    start = content.index(b"\xff\xc0") + 5
    content[start : start + 4] = struct.pack(">HH", 65_000, 65_000)
    with pytest.raises(INVALID, match="pixels"):
        rgb(bytes(content))


def test_a_strip_is_refused(rgb):
    fits = Image.fromarray(np.zeros((1, MOST_ELONGATED, 3), np.uint8))
    assert rgb(encoded(fits, "PNG")).shape == (1, MOST_ELONGATED, 3)
    strip = Image.fromarray(np.zeros((MOST_ELONGATED + 1, 1, 3), np.uint8))
    with pytest.raises(INVALID, match=f"factor of {MOST_ELONGATED}"):
        rgb(encoded(strip, "PNG"))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damage_is_an_error_or_a_picture_and_nothing_else(rgb, data):
    kind = data.draw(st.sampled_from(["PNG", "JPEG"]))
    content = bytearray(encoded(Image.fromarray(PICTURE), kind))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(0, len(content)))]
    try:
        picture = rgb(bytes(content))
    except INVALID:
        return
    assert picture.dtype == tf.uint8 and picture.shape[-1] == 3 and tf.size(picture) <= MOST_PIXELS


def test_a_batch_is_framed_and_one_bad_file_refuses_it():
    def frame(image):
        return tf.image.resize_with_crop_or_pad(image, 9, 9)

    decoded = tf.function(lambda files: decode_batch(files, frame, (9, 9, 3)))
    files = [encoded(Image.fromarray(PICTURE[:, :size]), "PNG") for size in (5, 9, 14)]
    images = decoded(tf.constant(files))
    assert images.shape == (3, 9, 9, 3)
    np.testing.assert_array_equal(images[1], PICTURE[:, :9])
    with pytest.raises(INVALID):
        decoded(tf.constant([*files, b"no image"]))


def test_the_pixels_of_a_whole_request_are_limited_before_any_is_decoded():
    side = 4096  # its claim is what counts: nothing of that size is in the file
    most = MOST_PIXELS_IN_ALL // side**2
    decoded = tf.function(lambda files: decode_batch(files, lambda image: image[:9, :9], (9, 9, 3)))
    with pytest.raises(INVALID, match=f"up to {MOST_PIXELS_IN_ALL} pixels in all"):
        decoded(tf.constant([png_that_claims(side, side)] * (most + 1)))
    with pytest.raises(INVALID, match="PNG"):  # allowed, tried, and found to be damaged
        decoded(tf.constant([png_that_claims(side, side)] * most))
