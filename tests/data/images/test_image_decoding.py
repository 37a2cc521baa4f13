# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Files of every format and kind are read as a viewer shows them, or refused for a true reason."""

import struct

import numpy as np
import pytest
from PIL import Image, features

from snas_tf.data.images.image_decoding import MOST_PIXELS, Unreadable, decode
from tests import image_contents as contents
from tests.image_contents import PHOTOGRAPH, SMOOTH, encoded, exif, shown

GREY = Image.fromarray(PHOTOGRAPH).convert("L")


def read(content):
    image = decode(content).numpy()
    assert image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3
    return image.astype(int)


def assert_as_shown(content, atol=0):
    np.testing.assert_allclose(read(content), shown(content), atol=atol)


def refused(content, reason):
    with pytest.raises(Unreadable, match=reason) as error:
        decode(content)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_images_are_turned_as_exif_says(kind, orientation):
    data = Image.Exif()
    data[0x0112] = orientation
    options = {"PNG": {}, "TIFF": {}, "WEBP": {"lossless": True}, "JPEG": {"quality": 95}}[kind]
    content = encoded(SMOOTH, kind, exif=data, **options)
    assert_as_shown(content)
    assert read(content).shape == ((35, 23, 3) if orientation > 4 else (23, 35, 3))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("number", [1, 3, 4])
def test_exif_of_either_byte_order_and_any_number(order, number):
    data = exif(6, order=order, kind=number)
    expected = np.rot90(PHOTOGRAPH, -1)
    before = contents.png_with_chunk(encoded(PHOTOGRAPH, "PNG"), b"eXIf", data)
    behind = contents.png_with_chunk(encoded(PHOTOGRAPH, "PNG"), b"eXIf", data, before=b"IEND")
    np.testing.assert_array_equal(read(before), expected)
    np.testing.assert_array_equal(read(behind), expected)
    assert read(contents.jpeg_with_exif(encoded(PHOTOGRAPH, "JPEG"), data)).shape == (14, 9, 3)


@pytest.mark.parametrize("orientation", [0, 9, 300])
def test_an_orientation_that_is_none_turns_nothing(orientation):
    content = contents.jpeg_with_exif(encoded(PHOTOGRAPH, "JPEG"), exif(orientation))
    assert read(content).shape == (9, 14, 3)


def test_exif_of_a_second_image_behind_the_first_is_not_its_own():
    second = contents.jpeg_with_exif(encoded(PHOTOGRAPH, "JPEG"), exif(6))
    assert read(encoded(SMOOTH, "JPEG") + second).shape == (23, 35, 3)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_every_mode(kind, mode):
    assert_as_shown(encoded(Image.fromarray(PHOTOGRAPH).convert(mode), kind), atol=1)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_png_of_few_bits_grey_and_palette_transparent_or_not(bits):
    samples = np.random.default_rng(bits).integers(0, 2**bits, (9, 14, 1))
    palette = np.random.default_rng(1).integers(0, 256, (2**bits, 3), dtype=np.uint8)
    grey, colours = contents.png(samples, bits), contents.png(samples, bits, palette=palette)
    np.testing.assert_array_equal(
        read(grey), np.repeat(samples * (255 // (2**bits - 1)), 3, axis=2)
    )
    np.testing.assert_array_equal(read(colours), palette[samples[..., 0]])
    opacity = np.random.default_rng(2).integers(0, 256, 2**bits, dtype=np.uint8)
    hidden = int(samples[0, 0, 0])
    assert_as_shown(contents.png_with_chunk(colours, b"tRNS", opacity.tobytes()), atol=1)
    keyed = read(contents.png_with_chunk(grey, b"tRNS", struct.pack(">H", hidden)))
    expected = np.where(samples == hidden, 255, samples * (255 // (2**bits - 1)))
    np.testing.assert_array_equal(keyed, np.repeat(expected, 3, axis=2))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("widen", [lambda byte: byte * 257, lambda byte: byte * 256])
def test_png_of_16_bits_is_read_as_the_8_bits_it_was_made_of(channels, widen):
    samples = np.random.default_rng(0).integers(0, 256, (9, 14, channels))
    narrow, wide = contents.png(samples, 8), contents.png(widen(samples), 16)
    np.testing.assert_array_equal(read(wide), read(narrow))
    assert_as_shown(narrow, atol=1)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("bits", [8, 12])
def test_fewer_bits_in_16_are_not_black(channels, bits):
    samples = np.random.default_rng(0).integers(0, 2**bits, (9, 14, channels))
    samples[0, 0] = 2**bits - 1
    expected = np.broadcast_to(samples >> (bits - 8), (9, 14, 3))
    np.testing.assert_array_equal(read(contents.png(samples, 16)), expected)
    if channels == 1:
        tiff = encoded(Image.fromarray(samples[..., 0].astype(np.uint16)), "TIFF")
        np.testing.assert_array_equal(read(tiff), expected)


def test_transparent_images_are_shown_before_white():
    rgba = np.random.default_rng(0).integers(0, 256, (9, 14, 4), dtype=np.uint8)
    rgba[:3, :, 3], rgba[3:6, :, 3] = 0, 255
    for kind, options in (("PNG", {}), ("WEBP", {"lossless": True, "exact": True}), ("TIFF", {})):
        content = encoded(rgba, kind, **options)
        assert_as_shown(content, atol=1)
        np.testing.assert_array_equal(read(content)[:3], 255)
        np.testing.assert_array_equal(read(content)[3:6], rgba[3:6, :, :3])
    assert_as_shown(encoded(PHOTOGRAPH, "PNG", transparency=tuple(PHOTOGRAPH[2, 3].tolist())))


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}, {"quality": 5}])
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_jpeg_is_read_as_other_decoders_do(mode, options):
    for pixels in (PHOTOGRAPH, SMOOTH):
        # TensorFlow and Pillow bring a decoder each: of CMYK they round what they multiply.
        content = encoded(Image.fromarray(pixels).convert(mode), "JPEG", **options)
        assert_as_shown(content, atol=2 if mode == "CMYK" else 1)


@pytest.mark.parametrize("bits", [1, 4, 8])
def test_bmp_with_a_palette(bits):
    indices = np.random.default_rng(0).integers(0, 2**bits, (5, 13))
    palette = np.random.default_rng(1).integers(0, 256, (2**bits, 3), dtype=np.uint8)
    spread = (indices[..., np.newaxis] >> np.arange(bits)[::-1]) & 1
    rows = [np.packbits(row.ravel()).tobytes() for row in spread]
    table = np.insert(palette[:, ::-1], 3, 0, axis=1).astype(np.uint8).tobytes()
    content = contents.bmp(rows, 13, bits, palette=table)
    np.testing.assert_array_equal(read(content), palette[indices])


def test_bmp_of_16_24_and_32_bits():
    five = np.random.default_rng(0).integers(0, 32, (5, 13, 3))
    packed = (five * [2**10, 2**5, 1]).sum(-1).astype("<u2")
    content = contents.bmp([row.tobytes() for row in packed], 13, 16)
    np.testing.assert_allclose(read(content), five * 255 / 31, atol=1)
    six = np.random.default_rng(0).integers(0, [32, 64, 32], (5, 13, 3))
    packed = (six * [2**11, 2**5, 1]).sum(-1).astype("<u2")
    masks = struct.pack("<III", 0xF800, 0x07E0, 0x001F)
    content = contents.bmp([row.tobytes() for row in packed], 13, 16, palette=masks, compression=3)
    np.testing.assert_allclose(read(content), six * 255 / [31, 63, 31], atol=1)
    for channels in (3, 4):
        colours = np.random.default_rng(0).integers(0, 256, (5, 13, channels), dtype=np.uint8)
        rows = [row.tobytes() for row in colours]
        content = contents.bmp(rows, 13, 8 * channels)
        np.testing.assert_array_equal(read(content), colours[..., 2::-1])


def test_bmp_of_run_lengths():
    table = bytes([0, 0, 255, 0, 0, 255, 0, 0]) + bytes(4 * 254)  # red, green
    runs = bytes([3, 1, 2, 0, 0, 0, 5, 1, 0, 1])  # the lower row, its end, the upper row, the end
    content = bytearray(contents.bmp([runs], 5, 8, palette=table, compression=1))
    content[22:26] = struct.pack("<i", 2)
    expected = [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]
    colours = np.array([[255, 0, 0], [0, 255, 0]])
    np.testing.assert_array_equal(read(bytes(content)), colours[expected])


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_the_first_frame_of_what_has_many(kind):
    first, second = (Image.new("RGB", (6, 4), colour) for colour in ("red", "blue"))
    options = {"lossless": True} if kind == "WEBP" else {}
    content = encoded(first, kind, save_all=True, append_images=[second], **options)
    np.testing.assert_array_equal(read(content), np.broadcast_to([255, 0, 0], (4, 6, 3)))


def test_a_gif_with_a_hole():
    image = Image.fromarray(PHOTOGRAPH).quantize(7)
    content = encoded(image, "GIF", transparency=int(np.asarray(image)[0, 0]))
    assert_as_shown(content)
    np.testing.assert_array_equal(read(content)[0, 0], 255)


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "I;16"])
def test_netpbm(mode):
    if mode == "I;16":
        image = Image.fromarray(np.asarray(GREY).astype(np.uint16) * 257)
        np.testing.assert_array_equal(read(encoded(image, "PPM"))[..., 0], np.asarray(GREY))
    else:
        assert_as_shown(encoded(Image.fromarray(PHOTOGRAPH).convert(mode), "PPM"))


def test_webp_and_avif():
    assert_as_shown(encoded(SMOOTH, "WEBP"))
    if features.check("avif"):
        assert_as_shown(encoded(SMOOTH, "AVIF"))


def test_cmyk_tiff():
    assert_as_shown(encoded(Image.fromarray(PHOTOGRAPH).convert("CMYK"), "TIFF"))


def test_pixels_that_no_viewer_shows_alike_are_refused_by_name():
    floats = Image.fromarray(np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4))
    refused(encoded(floats, "TIFF"), "floating-point numbers")
    large = Image.fromarray(np.full((3, 4), 70_000, np.int32))
    refused(encoded(large, "TIFF"), "not of 1 to 16 bits")


def test_a_jpeg_of_12_bits_is_not_called_damaged():
    content = bytearray(encoded(PHOTOGRAPH, "JPEG"))
    content[content.index(b"\xff\xc0") + 4] = 12
    refused(bytes(content), "a JPEG image of 12 bits a sample, which is not read")


def test_a_file_that_claims_too_many_pixels_is_refused_before_it_is_decoded():
    side = 20_000
    wide = contents.png(np.zeros((1, 1, 1), int), 8)
    wide = (
        wide[:8]
        + contents.chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
        + wide[33:]
    )
    told = f"{side}x{side} pixels, more than the {MOST_PIXELS:,} that are read"
    refused(wide, told)
    jpeg = bytearray(encoded(PHOTOGRAPH, "JPEG"))
    at = jpeg.index(b"\xff\xc0") + 5
    jpeg[at : at + 4] = struct.pack(">HH", side, side)
    refused(bytes(jpeg), told)
    for sides in ((side, 8_000), (60_000, 60_000)):
        bitmap = bytearray(contents.bmp([bytes(4)], 1, 8, palette=bytes(1024)))
        bitmap[18:26] = struct.pack("<ii", *sides)
        refused(bytes(bitmap), f"more than the {MOST_PIXELS:,}")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM"])
def test_half_of_a_file_is_refused(kind):
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    content = encoded(image, kind)
    refused(content[: len(content) // 2], "damaged")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM"])
def test_flipped_bytes_give_a_picture_or_a_reason_and_nothing_else(kind):
    whole = encoded(SMOOTH, kind)
    random = np.random.default_rng(0)
    for _ in range(60):
        content = bytearray(whole)
        for at in random.integers(0, len(content), 3):
            content[at] = random.integers(0, 256)
        try:
            read(bytes(content))
        except Unreadable as error:
            assert "\n" not in str(error)
