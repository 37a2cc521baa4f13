# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Files of all kinds are decoded or refused, and what lies about its size takes no memory."""

import struct
import zlib

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from snas_tf.data.images import image_decoding, image_headers
from snas_tf.serving import orientation
from snas_tf.serving.file_bytes import FileBytes
from snas_tf.serving.image_decoding import (
    MOST_ELONGATED,
    MOST_PIXELS,
    MOST_PIXELS_IN_ALL,
    decode_batch,
    decode_image,
)
from tests import image_contents as contents

pytestmark = pytest.mark.slow

INVALID = tf.errors.InvalidArgumentError
PICTURE = np.random.default_rng(0).integers(0, 256, (9, 14, 3), dtype=np.uint8)


encoded = contents.encoded


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


def files():
    """PNG and JPEG files of every kind, by name."""
    random = np.random.default_rng(0)
    for bits in (1, 2, 4, 8):
        samples = random.integers(0, 2**bits, (9, 14, 1))
        palette = random.integers(0, 256, (2**bits, 3), dtype=np.uint8)
        opacity = random.integers(0, 256, 2**bits, dtype=np.uint8).tobytes()
        grey, colours = contents.png(samples, bits), contents.png(samples, bits, palette=palette)
        yield f"grey of {bits} bits", grey
        yield f"grey of {bits} bits with a hole", contents.png_with_chunk(grey, b"tRNS", b"\0\1")
        yield f"palette of {bits} bits", colours
        yield f"clear palette of {bits}", contents.png_with_chunk(colours, b"tRNS", opacity)
    for channels in (1, 2, 3, 4):
        for most in (2**8, 2**12, 2**16):
            samples = random.integers(0, most, (9, 14, channels))
            yield f"{channels} channels up to {most}", contents.png(samples, 16)
        yield f"{channels} channels", contents.png(samples % 256, 8)
    yield "black of 16 bits", contents.png(np.zeros((9, 14, 1), int), 16)
    for mode in ("L", "RGB", "CMYK"):
        for options in ({}, {"progressive": True}, {"quality": 5}, {"quality": 98}):
            picture = Image.fromarray(PICTURE).convert(mode)
            yield f"JPEG {mode} {options}", encoded(picture, "JPEG", **options)
    png, jpeg = (encoded(Image.fromarray(PICTURE), kind) for kind in ("PNG", "JPEG"))
    for turn in range(11):
        for order in "<>":
            data = contents.exif(turn, order=order, kind=3 if turn % 2 else 4)
            yield f"JPEG turned {turn}{order}", contents.jpeg_with_exif(jpeg, data)
            yield f"PNG turned {turn}{order}", contents.png_with_chunk(png, b"eXIf", data)


FILES = dict(files())


@pytest.mark.parametrize("name", FILES)
def test_the_pixels_are_those_of_training(rgb, name):
    expected = image_decoding.decode(FILES[name])
    np.testing.assert_array_equal(rgb(FILES[name]), expected)


def test_a_grey_network_is_shown_the_brightness_of_the_same_pixels():
    grey = tf.function(
        lambda content: decode_image(content, 1), input_signature=[tf.TensorSpec((), tf.string)]
    )
    for content in FILES.values():
        image = Image.fromarray(image_decoding.decode(content).numpy())
        np.testing.assert_array_equal(grey(content)[..., 0], image.convert("L"))


def test_a_network_of_four_channels_is_shown_opaque_pixels(rgb):
    image = decode_image(tf.constant(FILES["4 channels"]), 4)
    np.testing.assert_array_equal(image[..., :3], rgb(FILES["4 channels"]))
    np.testing.assert_array_equal(image[..., 3], 255)


def _turn(data, find):
    found = find(data)
    return orientation.read(data, found[0] if isinstance(found, tuple) else found)


@pytest.fixture(scope="module")
def turns():
    """The orientation in a JPEG and in a PNG file, found in the graph."""
    return [
        tf.function(lambda content, find=find: _turn(FileBytes(content), find))
        for find in (orientation.jpeg_exif, orientation.png_exif)
    ]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_bytes_are_turned_as_in_training(turns, data):
    def damaged(content, most):
        content = bytearray(content)
        for _ in range(data.draw(st.integers(0, 3))):
            place = data.draw(st.integers(0, min(len(content), most) - 1))
            content[place] = data.draw(st.integers(0, 255))
        return bytes(content)

    order = data.draw(st.sampled_from("<>"))
    exif = damaged(contents.exif(data.draw(st.integers(1, 8)), order=order), 60)
    jpeg, png = (encoded(Image.fromarray(PICTURE), kind) for kind in ("JPEG", "PNG"))
    cases = (
        (contents.jpeg_with_exif(jpeg, exif), image_headers.jpeg_orientation),
        (contents.png_with_chunk(png, b"eXIf", exif), image_headers.png_orientation),
    )
    for in_graph, (content, in_python) in zip(turns, cases, strict=True):
        content = damaged(content, 150)[: data.draw(st.integers(9, len(content)))]
        assert in_graph(tf.constant(content)) == in_python(content)


def test_what_is_looked_through_for_an_orientation_is_limited(turns):
    jpeg, png = (encoded(Image.fromarray(PICTURE), kind) for kind in ("JPEG", "PNG"))
    jpeg = contents.jpeg_with_exif(jpeg, contents.exif(6))
    png = contents.png_with_chunk(png, b"eXIf", contents.exif(6))
    cases = (
        (jpeg, 2, b"\xff\xfe\0\2", image_headers.MOST_SEGMENTS, image_headers.jpeg_orientation),
        (
            png,
            33,
            contents.chunk(b"abCd", b""),
            image_headers.MOST_CHUNKS,
            image_headers.png_orientation,
        ),
    )
    for in_graph, (turned, at, more, most, in_python) in zip(turns, cases, strict=True):
        for count, expected in ((most - 9, 6), (most, 1)):
            content = turned[:at] + more * count + turned[at:]
            assert in_graph(tf.constant(content)) == in_python(content) == expected


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
