# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Arrays in an .npz file: images, series, tables or sequences of words, with a class each."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from etils import epath

from snas_tf.data.images.framing import Framing
from snas_tf.data.source import Origin, Recognize, Source
from snas_tf.data.splits import ArraySplit
from snas_tf.errors import InvalidInput

_PARTS = {"train": "", "validation": "_validation", "test": "_test"}
"""What the names of the arrays of each part end with."""

_NAMES = "class_names"

_UNREADABLE = (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error)
"""What NumPy raises of files that are missing, damaged or of another kind."""

_GOES_ON = "do write it by numpy.savez(file, x=x, y=y)"


def read(path: str, framing: Framing, keep_originals: bool, recognize: Recognize) -> Source:
    """Reads examples `x` with their classes `y` from a file.

    The file may hold an own validation split, `x_validation` and `y_validation`, an own test split,
    `x_test` and `y_test`, and `class_names`, the names of the classes 0, 1, ... Without those the
    classes are the different values of `y`, in ascending order.

    What `x` holds says what it means: uint8 of three axes an example are images, which may be
    framed and varied as those of every source; floating-point numbers and truth values are
    measurements, held as float32; other whole numbers are names, such as the words of a vocabulary,
    held as int32.

    Args:
        path: The file, "~" allowed.
        framing: How images are brought to the size that a network expects.
        keep_originals: Whether that is done in the pipeline, not once and for all.
        recognize: Is told what the data set consists of.

    Returns:
        Splits in memory.

    Raises:
        InvalidInput: The file is missing, no .npz file, or has no such arrays; or the settings are
            for images, and it holds none.
    """
    file = epath.Path(path).expanduser()
    arrays = _arrays(file)
    parts = [part for part, end in _PARTS.items() if f"x{end}" in arrays or f"y{end}" in arrays]
    labels = {part: _labels(arrays, part, file) for part in {"train": 0, **dict.fromkeys(parts)}}
    examples = {part: _examples(arrays, part, len(of), file) for part, of in labels.items()}
    names, labels = _numbered(labels, arrays, file)
    known = {f"{letter}{_PARTS[part]}" for part in labels for letter in "xy"} | {_NAMES}
    origin = Origin(
        class_names=names,
        root=file.parent,
        paths=(file.name,),
        facts={
            name: f"{array.dtype} {array.shape}"
            for name, array in arrays.items()
            if name in known - {_NAMES}
        },
    )
    recognize(origin)
    splits = {
        part: _split(examples[part], of, framing, keep_originals) for part, of in labels.items()
    }
    unread = tuple(f"the array {name!r}" for name in arrays if name not in known)
    return Source(name=file.stem, origin=origin, unread=unread, **splits)


def rows(path: str, shape: Sequence[int], dtype: str) -> np.ndarray:
    """Examples without classes, for a network that learnt from others like them.

    Args:
        path: A file with an array `x`.
        shape: The shape that an example must have.
        dtype: What examples are held as, one of `splits.HELD`.

    Returns:
        (examples, ...) of that dtype.

    Raises:
        InvalidInput: It holds no such examples.
    """
    file = epath.Path(path).expanduser()
    try:
        arrays = _arrays(file)
        if "x" not in arrays:
            raise _refused(file, ", ".join(arrays) or "nothing", "an array 'x'")
        x = _examples(arrays, "train", len(np.atleast_1d(arrays["x"])), file)
        if x.shape[1:] != tuple(shape) or x.dtype != dtype:
            told = f"x {arrays['x'].dtype} {x.shape}"
            raise _refused(file, told, f"x of {dtype} and shape {('examples', *shape)}")
    except InvalidInput as error:
        raise InvalidInput(str(error).replace("`data.source`", "what is predicted")) from error
    return x


def _arrays(file: epath.Path) -> Mapping[str, np.ndarray]:
    try:
        with file.open("rb") as opened:
            found = np.load(opened, allow_pickle=False)
            if not isinstance(found, np.lib.npyio.NpzFile):
                raise _refused(file, "one array", "several arrays with names")
            return {name: found[name] for name in found.files}
    except _UNREADABLE as error:
        if isinstance(error, InvalidInput):
            raise
        cause = getattr(error, "strerror", None) or "it is damaged, or of another format"
        raise InvalidInput(
            "`data.source` must be `npz:<path>` of a file of plain arrays: given "
            f"'{file}' ({cause}); {_GOES_ON}"
        ) from error


def _labels(arrays: Mapping[str, np.ndarray], part: str, file: epath.Path) -> np.ndarray:
    end = _PARTS[part]
    for name in (f"x{end}", f"y{end}"):
        if name not in arrays:
            there = ", ".join(arrays) or "nothing"
            raise _refused(file, there, f"an array {name!r}")
    labels = arrays[f"y{end}"]
    if labels.ndim == 2 and labels.shape[1] == 1:  # as Keras's own data sets have them
        labels = labels[:, 0]
    if labels.ndim != 1 or labels.dtype.kind not in "biuUS":
        given = f"y{end} {labels.dtype} {labels.shape}"
        raise _refused(file, given, "one class an example, a whole number or a text, in 'y'")
    return labels


def _examples(
    arrays: Mapping[str, np.ndarray], part: str, count: int, file: epath.Path
) -> np.ndarray:
    name = f"x{_PARTS[part]}"
    x, given = arrays[name], f"{name} {arrays[name].dtype} {arrays[name].shape}"
    if x.ndim < 2 or not x.size or x.dtype.kind not in "biuf":
        raise _refused(file, given, "numbers (examples, ...) in 'x', an example a row")
    if len(x) != count:
        raise _refused(file, f"{given} and {count} classes", "one class an example")
    first = arrays["x"]
    if x.shape[1:] != first.shape[1:] or x.dtype != first.dtype:
        told = f"{given} beside x {first.dtype} {first.shape}"
        raise _refused(file, told, "examples of one shape and dtype in all its splits")
    if x.dtype == np.uint8:
        return x
    held = np.float32 if x.dtype.kind in "bf" else np.int32
    with np.errstate(over="ignore"):
        kept = x.astype(held)
    if held == np.float32 and not np.isfinite(kept).all():
        row = int(np.argwhere(~np.isfinite(kept))[0, 0])
        raise _refused(file, f"{name}[{row}] with NaN or infinity", "finite numbers in float32")
    if held == np.int32 and (kept != x).any():
        raise _refused(file, given, "whole numbers that int32 can hold")
    return kept


def _numbered(
    labels: Mapping[str, np.ndarray], arrays: Mapping[str, np.ndarray], file: epath.Path
) -> tuple[tuple[str, ...], dict[str, np.ndarray]]:
    """The names of the classes, and the labels of each part as their numbers."""
    if _NAMES in arrays:
        names = tuple(map(_text, np.ravel(arrays[_NAMES])))
        values = np.arange(len(names))
    else:
        values = np.unique(labels["train"])
        names = tuple(map(_text, values))
    if len({*names}) < len(names) or len(names) < 2:
        raise _refused(file, f"classes {_few(names)}", "two different classes at least")
    numbered = {}
    for part, of in labels.items():
        if strange := sorted({*of.tolist()} - {*values.tolist()}):
            given = f"y{_PARTS[part]} with {_few(map(_text, strange))}"
            raise _refused(file, given, f"the classes {_few(map(_text, values))} in every split")
        numbered[part] = np.searchsorted(values, of).astype(np.int32)
    return names, numbered


def _split(
    examples: np.ndarray, labels: np.ndarray, framing: Framing, keep_originals: bool
) -> ArraySplit:
    split = ArraySplit(examples, labels)
    if not split.holds_images:
        if framing.image_size:
            raise InvalidInput(
                f"`data.image_size` must be 0 for data that are no images: given "
                f"{framing.image_size} for {split.dtype} {split.image_shape}"
            )
        return split
    if keep_originals:
        return ArraySplit(examples, labels, framing)
    return ArraySplit(np.asarray(framing(examples)), labels)


def _refused(file: epath.Path, given: str, expected: str) -> InvalidInput:
    return InvalidInput(
        f"`data.source` must be a file with {expected}: '{file}' has {given}; {_GOES_ON}"
    )


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _few(names: object) -> str:
    listed = [*names]
    return ", ".join(listed[:5]) + (", ..." if len(listed) > 5 else "")
