# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Networks as files of a run directory, on a disk or in an object store."""

from __future__ import annotations

import contextlib
import pathlib
import tempfile
from collections.abc import Iterator

import keras
from etils import epath

from snas_tf.runs.files import is_on_disk, replacing


def save(network: keras.Model, path: epath.Path) -> None:
    """Writes a network whole or not at all.

    Args:
        network: The network.
        path: A .keras file; its folder exists.
    """
    with replacing(path, suffix=".keras") as draft, to_write(draft) as file:
        network.save(file)


def load(path: epath.Path) -> keras.Model:
    """Reads a network that `save` wrote, not compiled."""
    with to_read(path) as file:
        return keras.saving.load_model(file, compile=False)


@contextlib.contextmanager
def to_write(path: epath.Path) -> Iterator[pathlib.Path]:
    """A file for Keras and HDF5, which know no object store, that gets to `path` in the end.

    Args:
        path: Where it shall be.

    Yields:
        The path itself, or one on this machine.
    """
    if is_on_disk(path):
        yield pathlib.Path(path)
        return
    with tempfile.TemporaryDirectory(prefix="snas_tf-") as folder:
        file = pathlib.Path(folder) / path.name
        yield file
        epath.Path(file).copy(path, overwrite=True)


@contextlib.contextmanager
def to_read(path: epath.Path) -> Iterator[pathlib.Path]:
    """A file for Keras and HDF5 with the content of `path`.

    Args:
        path: Where it is.

    Yields:
        The path itself, or that of a copy on this machine.
    """
    if is_on_disk(path):
        yield pathlib.Path(path)
        return
    with tempfile.TemporaryDirectory(prefix="snas_tf-") as folder:
        file = epath.Path(folder) / path.name
        path.copy(file)
        yield pathlib.Path(file)
