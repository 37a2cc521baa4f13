# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Records of a file, a line of JSON each, whose last field is a checksum of the others."""

from __future__ import annotations

import json
import zlib
from typing import Any

_CHECKSUM = b',"crc32":"%08x"}'
_LENGTH = len(_CHECKSUM % 0)


def line(record: dict[str, Any]) -> bytes:
    """A record as a line, its end included.

    Args:
        record: Plain data with one field at least; its numbers are finite.
    """
    text = json.dumps(record, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    body = text.encode("utf-8")
    return body[:-1] + _CHECKSUM % zlib.crc32(body) + b"\n"


def record(text: bytes) -> dict[str, Any] | None:
    """The record of a line, without its checksum; None where that is not the record's.

    Args:
        text: The line, without its end.
    """
    body = text[:-_LENGTH] + b"}"
    if text[-_LENGTH:] != _CHECKSUM % zlib.crc32(body):
        return None
    return json.loads(body)
