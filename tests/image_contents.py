# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The bytes of image files of every kind, with the pixels that a viewer shows of them.

Written here by hand, or by Pillow, which is the reference for all that it reads right.
"""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps

PHOTOGRAPH = np.random.default_rng(0).integers(0, 256, (9, 14, 3), dtype=np.uint8)
"""Noise: every pixel that is moved or changed is seen."""

_ROWS, _COLUMNS = np.indices((23, 35))
SMOOTH = np.stack([10 + 10 * _ROWS, 10 + 7 * _COLUMNS, 128 + 0 * _ROWS], -1).astype(np.uint8)
"""As photographs are: what JPEG and WebP lose of it is little."""


def encoded(image: Image.Image | np.ndarray, kind: str, **options) -> bytes:
    """An image as Pillow writes it."""
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def shown(content: bytes) -> np.ndarray:
    """The reference: turned, before white, RGB, as Pillow has it; int (height, width, 3)."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    if image.has_transparency_data:
        page = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(page, image.convert("RGBA"))
    return np.asarray(image.convert("RGB")).astype(int)


def exif(orientation: int, *, order: str = "<", kind: int = 3) -> bytes:
    """EXIF data that says how an image is turned: a TIFF file of three entries."""
    mark = b"II" if order == "<" else b"MM"
    value = {1: "B3x", 3: "H2x", 4: "L"}[kind]
    entries = [
        struct.pack(order + "HHL4s", 0x010F, 2, 4, b"abc\0"),
        struct.pack(order + "HHL" + value, 0x0112, kind, 1, orientation),
        struct.pack(order + "HHLL", 0x011A, 4, 1, 72),
    ]
    return mark + struct.pack(order + "HLH", 42, 8, len(entries)) + b"".join(entries) + bytes(4)


def jpeg_with_exif(content: bytes, data: bytes) -> bytes:
    """A JPEG file with EXIF data behind what it has before its first table."""
    segment = b"\xff\xe1" + struct.pack(">H", len(data) + 8) + b"Exif\0\0" + data
    at = content.index(b"\xff\xdb")
    return content[:at] + segment + content[at:]


def chunk(name: bytes, data: bytes) -> bytes:
    """A chunk of a PNG file."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_with_chunk(content: bytes, name: bytes, data: bytes, before: bytes = b"IDAT") -> bytes:
    """A PNG file with one chunk more."""
    at = content.index(before) - 4
    return content[:at] + chunk(name, data) + content[at:]


def png(samples: np.ndarray, bit_depth: int, *, palette: np.ndarray | None = None) -> bytes:
    """A PNG file of samples (height, width, channels) of 1, 2, 4, 8 or 16 bits.

    Grey for one channel (or indices into a palette, uint8 [colours, 3]), grey and alpha for two,
    RGB for three, RGBA for four.
    """
    height, width, channels = samples.shape
    color = 3 if palette is not None else {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = []
    for row in samples.reshape(height, -1):
        bits = (row[:, np.newaxis].astype(int) >> np.arange(bit_depth)[::-1]) & 1
        rows.append(b"\0" + np.packbits(bits.ravel()).tobytes())
    chunks = [chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bit_depth, color, 0, 0, 0))]
    if palette is not None:
        chunks.append(chunk(b"PLTE", palette.tobytes()))
    chunks += [chunk(b"IDAT", zlib.compress(b"".join(rows))), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def bmp(rows: list[bytes], width: int, bits: int, *, palette: bytes = b"", compression=0) -> bytes:
    """A BMP file of rows from the top, each padded to 4 bytes as the format wants it."""
    pixels = b"".join(row.ljust(-(-len(row) // 4) * 4, b"\0") for row in reversed(rows))
    start = 54 + len(palette)
    header = struct.pack(
        "<IiiHHIIiiII", 40, width, len(rows), 1, bits, compression, len(pixels), 0, 0, 0, 0
    )
    name = b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start)
    return name + header + palette + pixels
