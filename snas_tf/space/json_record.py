# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is kept as JSON, read again: one way to say that a text or a file is not it."""

from __future__ import annotations

import json
from typing import Any

from etils import epath

from snas_tf.errors import InvalidInput

VERSION = "schema_version"
"""The field that says how the others are to be read."""


def parse(text: str, what: str) -> Any:
    """The plain data of a JSON text.

    Args:
        text: JSON.
        what: What it should be, such as "a genotype".

    Raises:
        InvalidInput: The text is no JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{what} must be JSON: {error}") from error


def read(text: str, what: str, version: int) -> dict[str, Any]:
    """The fields of a JSON object of a schema.

    Args:
        text: JSON.
        what: What it should be, such as "a genotype".
        version: That of its schema.

    Returns:
        Its fields, without the version.

    Raises:
        InvalidInput: The text is no JSON, no object, or of another schema.
    """
    data = parse(text, what)
    found = data.get(VERSION) if isinstance(data, dict) else None
    if found != version or isinstance(found, bool):
        raise InvalidInput(
            f"{what} must be a JSON object with {VERSION} {version}: given {found!r}"
        )
    return {name: value for name, value in data.items() if name != VERSION}


def load(path: epath.PathLike, what: str) -> str:
    """The text of a JSON file.

    Args:
        path: The file.
        what: As for `read`.

    Raises:
        InvalidInput: The file cannot be read.
    """
    try:
        return epath.Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        cause = getattr(error, "strerror", None) or "it is not a text"
        raise InvalidInput(f"{what} must be a JSON file: given {path} ({cause})") from error
