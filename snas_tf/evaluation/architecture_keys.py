# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The text by which an architecture is found in a table, however it was written there."""

from __future__ import annotations

import contextlib
import json

from snas_tf.errors import InvalidInput
from snas_tf.space import Architecture, Genotype, Space

_CELL_STRING = "|"  # how a cell of NAS-Bench-201 begins; JSON begins otherwise
_OF_GENOTYPES = {"schema_version", "num_nodes"}


def key(architecture: Architecture | str | bytes) -> str:
    """The canonical text of an architecture: two that are equal have the same one.

    Args:
        architecture: Itself, its JSON, or the string of a cell of NAS-Bench-201.

    Returns:
        The string of NAS-Bench-201 where it is such a cell, else compact JSON.

    Raises:
        InvalidInput: It is no architecture.
    """
    if isinstance(architecture, bytes):
        architecture = architecture.decode("utf-8", errors="replace")
    if isinstance(architecture, str):
        text = architecture.strip()
        if text.startswith(_CELL_STRING):
            return Genotype.from_nas_bench_201(text).to_nas_bench_201()
        data = _parsed(text)
        if not _OF_GENOTYPES <= data.keys():
            return _compact(data)
        architecture = Genotype.from_json(text)
    if isinstance(architecture, Genotype):
        with contextlib.suppress(InvalidInput):  # a cell of another space has no such string
            return architecture.to_nas_bench_201()
    return _compact(_parsed(architecture.to_json()))


def read(text: str, space: Space) -> Architecture:
    """The architecture of a canonical text.

    Args:
        text: From `key`.
        space: The space that it is of.

    Raises:
        InvalidInput: It is of another space.
    """
    if text.startswith(_CELL_STRING):
        return Genotype.from_nas_bench_201(text)
    return space.from_json(text)


def _compact(data: dict) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"))


def _parsed(text: str) -> dict:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        shown = text if len(text) <= 60 else f"{text[:57]}..."
        raise InvalidInput(
            "an architecture must be JSON or the string of a cell of NAS-Bench-201, such as "
            f"|nor_conv_3x3~0|+|...|: given {shown!r}"
        )
    return data
