# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Formats other than SavedModel: one self-contained file each, for runtimes other than TF-Serving.

All take `image`, uint8 pixels (batch, height, width, channels), and answer `class_id`,
`probabilities` and `logits`, as the SavedModel's `serving_default` does; the preprocessing is
inside.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pathlib
import textwrap
from collections.abc import Callable, Iterable, Iterator

import keras
import numpy as np

from snas_tf.errors import Failure, InvalidInput
from snas_tf.held_back_stderr import held_back_stderr
from snas_tf.networks import ImageNetwork
from snas_tf.serving.formats import litert, onnx_format

FILES = {"litert": "model.tflite", "litert_int8": "model_int8.tflite", "onnx": "model.onnx"}
"""The file of each format."""

FORMATS = tuple(FILES)
"""float32 for LiteRT, int8 for LiteRT, float32 for ONNX runtimes."""

_PACKAGES = {"onnx": ("onnx", "tf2onnx", "onnxruntime")}
_LOG_LEVEL = "TF_CPP_MIN_LOG_LEVEL"


def check(names: Iterable[str]) -> None:
    """Refuses formats that cannot be written here.

    Args:
        names: Formats, some of `FORMATS`.

    Raises:
        InvalidInput: A format is unknown, or a package that it needs cannot be imported.
    """
    for name in names:
        if name not in FORMATS:
            raise InvalidInput(
                f"`export.formats` must be some of {', '.join(FORMATS)}: given {name!r}"
            )
        for package in _PACKAGES.get(name, ()):
            try:
                with held_back_stderr(), _same_log_level():
                    importlib.import_module(package)
            except ImportError as error:
                raise InvalidInput(
                    f"`export.formats` with {name!r} needs the package {package}, which cannot be "
                    f'imported ({error}); do `pip install "snas-tf[{name}]"`, or leave it out'
                ) from error


@contextlib.contextmanager
def _same_log_level() -> Iterator[None]:
    """tf2onnx sets the level for the whole process, as if the user had asked for it."""
    level = os.environ.get(_LOG_LEVEL)
    try:
        yield
    finally:
        if level is None:
            os.environ.pop(_LOG_LEVEL, None)


def convert(
    name: str,
    network: ImageNetwork,
    normalization: keras.layers.Layer,
    folder: pathlib.Path,
    examples: np.ndarray,
) -> pathlib.Path:
    """Writes a network in one of the formats.

    Args:
        name: The format, one of `FORMATS`.
        network: The network, of any dtype policy; an auxiliary head is left out.
        normalization: The built layer from uint8 images to the network's input, float32.
        folder: Where the file goes; it exists.
        examples: uint8 (size, height, width, channels), real images, by which int8 finds its
            ranges; a hundred or more. Examples of another kind are in their own dtype, in which the
            file takes them.

    Returns:
        The file, which is on the disk; there is none unless it is whole.

    Raises:
        InvalidInput: As `check` does.
        Failure: The converter gave up.
        ValueError: `examples` are no images for this network.
    """
    check([name])
    shape = network.skeleton.image_shape
    if examples.shape[1:] != shape or not len(examples):
        raise ValueError(
            f"`examples` must be (size, {', '.join(map(str, shape))}), one at least. "
            f"Received: {examples.dtype} {examples.shape}."
        )
    if name == "litert_int8" and (examples.dtype != np.uint8 or len(shape) != 3):
        raise InvalidInput(
            "`export.formats` with 'litert_int8' needs images, whose range is known: given "
            f"examples of {examples.dtype} {shape}; do leave it out"
        )
    try:
        with held_back_stderr(), _same_log_level():
            content = _content(name, network, normalization, examples)
    except Exception as error:  # whatever a converter raises, it is the format that fails
        raise Failure(
            f"the network could not be converted to {name!r}: {_line(error)}; do leave it out of "
            "`export.formats`, or report it"
        ) from error
    path = folder / FILES[name]
    _write(path, content)
    return path


def predictor(path: pathlib.Path) -> Callable[[np.ndarray], np.ndarray]:
    """The probabilities that a converted file answers, by the format's own runtime.

    Args:
        path: What `convert` returned.

    Returns:
        A function of images, uint8 (batch, height, width, channels), to probabilities, float32
        (batch, classes), for one thread at a time.

    Raises:
        Failure: The runtime cannot run the file.
    """
    return (onnx_format if path.suffix == ".onnx" else litert).predictor(path)


def _content(
    name: str, network: ImageNetwork, normalization: keras.layers.Layer, examples: np.ndarray
) -> bytes:
    match name:
        case "litert":
            return litert.convert_float(network, normalization, examples.dtype)
        case "litert_int8":
            return litert.convert_int8(network, normalization, examples)
        case "onnx":
            return onnx_format.convert(network, normalization, examples.dtype)
    raise AssertionError(name)


def _line(error: Exception) -> str:
    """An error's class and the first lines of what it says, as one."""
    return textwrap.shorten(f"{type(error).__name__}: {error}", 300, placeholder=" ...")


def _write(path: pathlib.Path, content: bytes) -> None:
    """Flushes the content to the disk before it gets its name."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
