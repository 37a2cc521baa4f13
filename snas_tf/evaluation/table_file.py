# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Reads the file of a table: arrays in an .npz, or columns of a .csv with a header."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from etils import epath

from snas_tf.errors import InvalidInput

ARCHITECTURE = "architecture"
EXPECTED = (
    f"an .npz of the arrays `{ARCHITECTURE}` (texts) and metrics by name (numbers, a row an "
    f"architecture), or a .csv whose header names the column {ARCHITECTURE} and metrics"
)


class Content(NamedTuple):
    """What a file holds.

    Attributes:
        architectures: A text a row, not yet looked at.
        metrics: {name: float64 (rows,)}.
    """

    architectures: tuple[str, ...]
    metrics: Mapping[str, np.ndarray]


def read(path: epath.PathLike) -> Content:
    """Reads a file; never a pickle, which could run anything.

    Args:
        path: The file, its name ending in .npz or .csv.

    Returns:
        Its rows.

    Raises:
        InvalidInput: It cannot be read, or is not what it should be.
    """
    path = epath.Path(path)
    suffix = path.suffix.lower()
    if suffix not in (".npz", ".csv"):
        raise _wrong(path, "its name ends otherwise")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _wrong(path, error.strerror or "it cannot be read") from error
    try:
        found = _arrays(content) if suffix == ".npz" else _columns(content)
    except InvalidInput as error:
        raise _wrong(path, str(error)) from error
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, csv.Error) as error:
        raise _wrong(path, f"it is no {suffix} file, or holds Python objects") from error
    if not found.architectures:
        raise _wrong(path, "it has no rows")
    if not found.metrics:
        raise _wrong(path, "it has no metric")
    for name, values in found.metrics.items():
        if not np.isfinite(values).all():
            row = int(np.flatnonzero(~np.isfinite(values))[0])
            raise _wrong(path, f"{name} of row {row} is {values[row]}, no finite number")
    return found


def _wrong(path: epath.Path, what: str) -> InvalidInput:
    return InvalidInput(f"a table must be {EXPECTED}: given {path} ({what})")


def _arrays(content: bytes) -> Content:
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        if not isinstance(file, np.lib.npyio.NpzFile):
            raise InvalidInput("it is a single array")
        arrays = {name: file[name] for name in file.files}
    if ARCHITECTURE not in arrays:
        raise InvalidInput(f"it has no array `{ARCHITECTURE}`, but {', '.join(arrays) or 'none'}")
    texts = arrays.pop(ARCHITECTURE)
    if texts.dtype.kind not in "SU" or texts.ndim != 1:
        raise InvalidInput(
            f"`{ARCHITECTURE}` is of {texts.dtype} {texts.shape}, not texts in one row"
        )
    metrics: dict[str, np.ndarray] = {}
    for name, values in arrays.items():
        if values.dtype.kind in "iufb" and values.ndim and len(values) == len(texts):
            metrics.update(_metrics(name, values, arrays))
        elif values.dtype.kind not in "SU":
            raise InvalidInput(
                f"`{name}` is of {values.dtype} {values.shape}, `{ARCHITECTURE}` has {len(texts)} "
                "rows"
            )
    return Content(tuple(map(_text, texts)), metrics)


def _metrics(
    name: str, values: np.ndarray, arrays: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """A column is a metric; one of several is named by the texts that there are as many of."""
    if values.ndim == 1:
        return {name: values.astype(np.float64)}
    columns = values.reshape(len(values), -1).astype(np.float64).T
    names = next(
        (
            [*map(_text, texts)]
            for texts in arrays.values()
            if texts.dtype.kind in "SU" and texts.shape == (len(columns),)
        ),
        range(len(columns)),
    )
    return {f"{name}/{label}": column for label, column in zip(names, columns, strict=True)}


def _columns(content: bytes) -> Content:
    reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
    header = [heading.strip() for heading in next(reader, [])]
    if ARCHITECTURE not in header or len(set(header)) < len(header):
        raise InvalidInput(
            f"its header must name {ARCHITECTURE} and other columns once each, and is "
            f"{','.join(header)[:60]!r}"
        )
    rows = [row for row in reader if row]
    for number, row in enumerate(rows):
        if len(row) != len(header):
            raise InvalidInput(f"row {number} has {len(row)} values, the header {len(header)}")
    columns = dict(zip(header, zip(*rows, strict=True), strict=False))
    texts = columns.pop(ARCHITECTURE, ())
    return Content(tuple(texts), {name: _numbers(name, each) for name, each in columns.items()})


def _numbers(name: str, texts: Sequence[str]) -> np.ndarray:
    values = np.empty(len(texts))
    for row, text in enumerate(texts):
        try:
            values[row] = float(text)
        except ValueError as error:
            raise InvalidInput(f"{name} of row {row} is {text[:60]!r}, no number") from error
    return values


def _text(value: bytes | str) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)
