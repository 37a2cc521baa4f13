# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What PNG and JPEG files say of their image before its pixels: size, bits, how it is turned.

The server finds the orientation by the same rules in its graph, see `serving.orientation`: any
bytes must give the same answer, so numbers that lie behind the end of a file are zeros in both.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator

MOST_SEGMENTS = 256
"""Segments of a JPEG file among which its EXIF data is looked for; a photograph has some twenty."""

MOST_ENTRIES = 1024
"""Entries of EXIF data among which the orientation is looked for; a photograph has some fifty."""

ORIENTATION = 0x0112
BYTE, SHORT, LONG = 1, 3, 4
SIZES = {BYTE: 1, SHORT: 2, LONG: 4}
"""Bytes of the types of number that an orientation may have."""

PNG_DEPTH_AT, PNG_COLOR_AT = 24, 25
PNG_ALPHA = (4, 6)
"""The kinds of colour with an alpha channel."""

MOST_CHUNKS = 1024
"""Chunks of a PNG file among which its EXIF data and transparent colours are looked for; most files
have some ten, some that hold 8 MB a thousand."""

PNG_TRANSPARENCY, PNG_PIXELS, PNG_EXIF, PNG_END = b"tRNS", b"IDAT", b"eXIf", b"IEND"
"""The names of chunks."""

PNG_FIRST_CHUNK_AT, PNG_CHUNK_START, PNG_CHUNK_FRAME = 8, 8, 12
"""Where the chunks begin; bytes of one before what it holds, and with what follows it."""

EXIF = b"Exif\0\0"
FILL, APPLICATION_1, SCAN, END = 0xFF, 0xE1, 0xDA, 0xD9
"""Markers of a JPEG file."""

ENTRY = 12
"""Bytes of an entry of EXIF data."""

_FRAME_BYTES = 6  # bits a sample, two sides, number of components
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ARITHMETIC = frozenset(range(0xC9, 0xD0))
_LOSSLESS = frozenset({0xC3, 0xC7, 0xCB, 0xCF})


@dataclasses.dataclass(frozen=True, slots=True)
class Frame:
    """The frame header of a JPEG file.

    Attributes:
        marker: 0xC0 to 0xCF, how it is compressed.
        bits: Bits a sample.
        height: Pixels.
        width: Pixels.
        components: Samples a pixel.
    """

    marker: int
    bits: int
    height: int
    width: int
    components: int

    def peculiarity(self) -> str:
        """What few decoders read: arithmetic coding and the like; "" if there is nothing."""
        found = []
        if self.bits != 8:
            found.append(f"{self.bits} bits a sample")
        if self.marker in _LOSSLESS:
            found.append("lossless compression")
        if self.marker in _ARITHMETIC:
            found.append("arithmetic coding")
        if self.components not in (1, 3, 4):
            found.append(f"{self.components} colour components")
        return " and ".join(found)


def jpeg_frame(content: bytes) -> Frame | None:
    """The frame header of a JPEG file; None where there is no whole one before the pixels."""
    for marker, start, _ in _segments(content):
        if marker in _FRAMES and start + _FRAME_BYTES <= len(content):
            sides = (_number(content, start + at, 2) for at in (1, 3))
            return Frame(marker, _number(content, start, 1), *sides, _number(content, start + 5, 1))
    return None


def jpeg_orientation(content: bytes) -> int:
    """The orientation in the EXIF data of a JPEG file, 1 to 8; 1 where it says nothing."""
    for marker, start, end in itertools.islice(_segments(content), MOST_SEGMENTS):
        if marker == APPLICATION_1 and content[start : start + len(EXIF)] == EXIF:
            return _orientation(content, start + len(EXIF), end)
    return 1


def png_header(content: bytes) -> tuple[int, int, int]:
    """(height, width, bits a sample) as the header of a PNG file says."""
    return _number(content, 20, 4), _number(content, 16, 4), _number(content, PNG_DEPTH_AT, 1)


def png_transparent(content: bytes) -> bool:
    """Whether a PNG file has an alpha channel, or names transparent colours before its pixels."""
    if _number(content, PNG_COLOR_AT, 1) in PNG_ALPHA:
        return True
    names = (name for name, _, _ in _chunks(content))
    return PNG_TRANSPARENCY in itertools.takewhile(lambda name: name != PNG_PIXELS, names)


def png_orientation(content: bytes) -> int:
    """The orientation in the EXIF data of a PNG file, 1 to 8; 1 where it says nothing."""
    for name, start, end in _chunks(content):
        if name == PNG_EXIF:
            return _orientation(content, start, end)
    return 1


def _chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of what the first chunks of a PNG file hold."""
    at = PNG_FIRST_CHUNK_AT
    for _ in range(MOST_CHUNKS):
        start = at + PNG_CHUNK_START
        name = content[start - 4 : start]
        if start > len(content) or name == PNG_END:
            return
        size = _number(content, at, 4)
        yield name, start, start + size
        at += PNG_CHUNK_FRAME + size


def _segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of what the segments of a JPEG file hold, up to its pixels.

    A byte that only fills up counts as a segment, of marker 0xFF.
    """
    at = 2
    while at + 4 <= len(content) and content[at] == FILL:
        marker = content[at + 1]
        if marker in (SCAN, END):
            return
        if marker == FILL:
            yield marker, at, at
            at += 1
            continue
        end = at + 2 + _number(content, at + 2, 2)
        yield marker, at + 4, end
        at = end


def _orientation(content: bytes, start: int, end: int) -> int:
    """The orientation in EXIF data, which is a TIFF file, from `start` to `end`."""
    order = "little" if content[start : start + 1] == b"I" else "big"
    first = start + _number(content, start + 4, 4, order)
    entries = min(_number(content, first, 2, order), (end - first - 2) // ENTRY, MOST_ENTRIES)
    for number in range(entries):
        entry = first + 2 + ENTRY * number
        if _number(content, entry, 2, order) == ORIENTATION:
            size = SIZES.get(_number(content, entry + 2, 2, order), 0)
            value = _number(content, entry + 8, size, order)
            return value if 1 <= value <= 8 else 1
    return 1


def _number(content: bytes, at: int, size: int, order: str = "big") -> int:
    """An unsigned number of `size` bytes; those behind the end of the file are zeros."""
    return int.from_bytes(content[at : at + size].ljust(size, b"\0"), order)
