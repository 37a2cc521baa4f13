# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The formats of image files: how they begin and end, and what is truly the matter with a file."""

from __future__ import annotations

import codecs
import dataclasses

EXTENSIONS = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".gif", ".bmp", ".dib"),
    *(".tif", ".tiff", ".avif", ".ppm", ".pgm", ".pbm", ".pnm"),
)
"""Files of these names, in any case, count as images. What they are is seen by how they begin."""

FORMATS = "PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF or PPM"
"""The formats that are read, in words."""

HEAD, TAIL = 64, 16
"""Bytes at the beginning and at the end of a file by which it is known and found whole."""


@dataclasses.dataclass(frozen=True, slots=True)
class Format:
    """A format of image files.

    Attributes:
        name: As people call it.
        start: The first bytes of every file.
        end: The last bytes of a whole file; None where they say nothing.
        size: Where a file tells its own size: the position of this number of 4 bytes, and the bytes
            that it does not count.
        pillow: The name of Pillow's decoder; "" where TensorFlow decodes.
    """

    name: str
    start: bytes
    end: bytes | None = None
    size: tuple[int, int] | None = None
    pillow: str = ""


JPEG = Format("JPEG", b"\xff\xd8\xff", b"\xff\xd9")
PNG = Format("PNG", b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82")
_WEBP = Format("WebP", b"RIFF", size=(4, 8), pillow="WEBP")
_AVIF = Format("AVIF", b"", pillow="AVIF")
_BY_START = (
    JPEG,
    PNG,
    Format("GIF", b"GIF8", b"\0;", pillow="GIF"),
    Format("BMP", b"BM", size=(2, 0), pillow="BMP"),
    *(Format("TIFF", start, pillow="TIFF") for start in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
    *(Format("TIFF", start, pillow="TIFF") for start in (b"II+\0", b"MM\0+")),  # of 64 bits
    *(
        Format("PPM", b"P%d%c" % (number, space), pillow="PPM")
        for number in range(1, 7)
        for space in b" \t\r\n"
    ),
)
_AVIF_BRANDS = (b"avif", b"avis")
_OTHERS = {
    b"\0\0\0\x0cJXL ": "JPEG XL",
    b"\xff\x0a": "JPEG XL",
    b"\0\0\0\x0cjP  ": "JPEG 2000",
    b"\xff\x4f\xff\x51": "JPEG 2000",
    b"8BPS": "Photoshop",
    b"%PDF": "PDF",
    b"PK\x03\x04": "ZIP",
    b"\x1f\x8b": "gzip",
    b"\0\0\x01\0": "icon",
    b"qoif": "QOI",
    b"\x93NUMPY": "NumPy",
    b"SIMPLE  =": "FITS",
    b"version https://git-lfs": "a Git LFS pointer",
}
"""What people have instead, by its first bytes."""


def recognized(head: bytes) -> Format | None:
    """The format of a file by its first `HEAD` bytes; None if it is none of those that are read."""
    if head[:4] == _WEBP.start and head[8:12] == b"WEBP":
        return _WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _AVIF_BRANDS:
        return _AVIF
    return next((each for each in _BY_START if head.startswith(each.start)), None)


def ends_well(head: bytes, tail: bytes, size: int) -> bool | None:
    """Whether a file begins and ends as one of its format does.

    Args:
        head: Its first `HEAD` bytes.
        tail: Its last `TAIL` bytes.
        size: All its bytes.

    Returns:
        None where its format says nothing of how it ends.
    """
    known = recognized(head)
    if known is None:
        return False
    if known.end is not None:
        return tail.endswith(known.end)
    if known.size is not None:
        position, uncounted = known.size
        return int.from_bytes(head[position : position + 4], "little") + uncounted == size
    return None


def strangeness(head: bytes) -> str:
    """What a file is that is no image of a format that is read, as the end of "cannot read"."""
    if not head:
        return "it is empty, 0 bytes"
    if head[4:8] == b"ftyp":
        brand = head[8:12].decode("ascii", "replace")
        kind = "HEIC" if brand[:3] in ("hei", "hev", "mif", "msf") else f"a film, '{brand}'"
        return f"{kind}, which is not read: only {FORMATS}"
    for start, name in _OTHERS.items():
        if head.startswith(start):
            return f"{name}, which is not read: only {FORMATS}"
    if not any(head):
        return "it begins with zeros, as no image does"
    if _is_text(head):
        return "it is a text"
    return f"it begins as no image of a format that is read: {FORMATS}"


def damage(known: Format, whole: bool | None) -> str:
    """What is the matter with a file of a known format that cannot be decoded."""
    if whole:
        return f"damaged within, or a rare kind of {known.name}"
    if whole is None:
        return f"damaged, broken off, or a rare kind of {known.name}"
    return f"damaged, or broken off: it does not end as a {known.name} image does"


def _is_text(head: bytes) -> bool:
    """Whether bytes are UTF-8, but for a last letter that is cut."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return text != "" and all(letter.isprintable() or letter.isspace() for letter in text)
