# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""--mode=predict: the class of image files, of rows in files of arrays, of graphs, by a network."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence

import keras
import numpy as np
import tensorflow as tf
from etils import epath
from ml_collections import ConfigDict

from snas_tf.data import npz_source
from snas_tf.data.images import shown_pixels
from snas_tf.data.images.image_decoding import Unreadable, decode
from snas_tf.data.splits import GRAPHS
from snas_tf.errors import InvalidInput
from snas_tf.programs import found_network, graph_predictions, plain_network
from snas_tf.programs.datasets import dataset, recorded_dataset
from snas_tf.runs.run_directory import RunDirectory

_BATCH = 32

Reader = Callable[[str], np.ndarray]
"""From the path of an image file to what a network takes, uint8 (height, width, channels)."""


def run(
    config: ConfigDict, directory: RunDirectory, *, images: Sequence[str], as_json: bool = False
) -> None:
    """Prints a line for each image: file, class and probability, between tabs.

    Images are read and brought to size as those that the run learnt from. Of a run that learnt from
    examples of another kind each file is one of arrays, and its row stands beside its name,
    "table.npz[3]"; of graphs see `graph_predictions`. Where numbers were learnt, one stands in
    place of class and probability. Nothing is written, and whoever may read a run may ask it, also
    while it is being trained.

    Args:
        config: Reads `export.network` and `export.allow_chance`; everything else is what the run
            recorded.
        directory: The run directory.
        images: Paths of image files; or of .npz files with an array `x`; or of graphs.
        as_json: Whether a line is a JSON object instead: "file", "class", "probability", and
            "probabilities" of all classes by their names; or "file" and "value".

    Raises:
        InvalidInput: The directory holds no network that is better than chance; or, once all others
            are answered, some images could not be read, each of which was named in a line on the
            standard error.
    """
    found = found_network.choose(directory, config.export.network)
    if not config.export.allow_chance:
        found_network.refuse_chance(directory, found)
    known = recorded_dataset.load(directory)
    if known.dtype == GRAPHS:
        both = directory.recorded(found.stage)["data"].get("both_directions", False)
        for names, logits in graph_predictions.answers(images, found.load(), known, both):
            _print(names, logits, known.class_names, as_json)
        return
    network = plain_network.load(directory, found)
    count = 0
    if known.holds_images:
        framing = dataset.framing(ConfigDict(directory.recorded(found.stage)).data)
        read = _reader(framing.fitting(known.image_shape), known.image_shape[-1])
        batches = _batches(images, read)
    else:
        batches = _rows(images, known)
        images = ()
    for files, pixels in batches:
        count += len(files)
        # Not `predict`, for which a network of hundreds of layers is traced before its first image.
        logits = keras.ops.convert_to_numpy(network(pixels, training=False))
        _print(files, logits, known.class_names, as_json)
    if count < len(images):
        raise InvalidInput(
            f"{len(images) - count} of {len(images)} images could not be read; the others are "
            "answered"
        )


def _reader(frame: Callable[[tf.Tensor], tf.Tensor], channels: int) -> Reader:
    def read(path: str) -> np.ndarray:
        image = decode(epath.Path(path).read_bytes())
        return frame(shown_pixels.grey(image) if channels == 1 else image).numpy()

    return read


def _batches(images: Sequence[str], read: Reader) -> Iterator[tuple[list[str], np.ndarray]]:
    """What can be read, in order: names and uint8 (<= batch, height, width, channels)."""
    for start in range(0, len(images), _BATCH):
        files, pixels = [], []
        for path in images[start : start + _BATCH]:
            try:
                pixels.append(read(path))
            except (OSError, Unreadable) as error:
                cause = getattr(error, "strerror", None) or error
                print(f"snas_tf: cannot read {_name(path)!r} ({cause})", file=sys.stderr)
            else:
                files.append(_name(path))
        if files:
            yield files, np.stack(pixels)


def _rows(
    paths: Sequence[str], known: recorded_dataset.RecordedDataset
) -> Iterator[tuple[list[str], np.ndarray]]:
    """The rows of all files, in order: "table.npz[0]" and what a network takes of it.

    Raises:
        InvalidInput: A file cannot be read, or has other rows than the run learnt from.
    """
    given = [npz_source.rows(path, known.image_shape, known.dtype) for path in paths]
    for path, rows in zip(paths, given, strict=True):
        for start in range(0, len(rows), _BATCH):
            part = rows[start : start + _BATCH]
            yield [f"{_name(path)}[{start + place}]" for place in range(len(part))], part


def _name(path: str) -> str:
    """A path as it can be printed, whatever bytes it has."""
    return os.fsencode(path).decode("utf-8", "replace")


def _print(
    files: Sequence[str], logits: np.ndarray, class_names: Sequence[str], as_json: bool
) -> None:
    """A line a file; logits are (files, classes), or (files, 1) where numbers are told."""
    if not class_names:
        for file, (value,) in zip(files, logits.tolist(), strict=True):
            line = json.dumps({"file": file, "value": value}, ensure_ascii=False)
            print(line if as_json else f"{file}\t{value:.6g}", flush=True)
        return
    answers = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
    for file, probabilities in zip(files, answers, strict=True):
        print(_told(file, class_names, probabilities, as_json), flush=True)


def _told(file: str, names: Sequence[str], probabilities: np.ndarray, as_json: bool) -> str:
    best = int(probabilities.argmax())
    if not as_json:
        return f"{file}\t{names[best]}\t{probabilities[best]:.4f}"
    rounded = [round(float(value), 6) for value in probabilities]
    told = {
        "file": file,
        "class": names[best],
        "probability": rounded[best],
        "probabilities": dict(zip(names, rounded, strict=True)),
    }
    return json.dumps(told, ensure_ascii=False)
