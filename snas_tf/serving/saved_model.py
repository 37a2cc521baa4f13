# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A child network with its preprocessing as the next version of a SavedModel."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import importlib.metadata
import json
import os
import pathlib
import platform
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from snas_tf import keras_internals
from snas_tf.errors import Failure
from snas_tf.networks import ImageNetwork
from snas_tf.serving import formats, verification, warm_up
from snas_tf.serving.publication import next_version, remove_old
from snas_tf.serving.servable import Servable
from snas_tf.serving.signatures import Frame, Served
from snas_tf.serving.verification import Verification
from snas_tf.version import __version__

MODEL = "snas"
"""The name under which the deployment kit serves the model."""

METADATA = "metadata.json"
LABELS = "labels.txt"

_SOFTWARE = ("tensorflow", "keras", "numpy", "tensorflow-serving-api", "tf2onnx", "onnx")


@dataclasses.dataclass(frozen=True, slots=True)
class Exported:
    """A version that was written.

    Attributes:
        place: Its folder.
        version: Its number.
        verification: What was found when it was verified.
        formats: {name of an extra format: its file}.
        metadata: What metadata.json says.
        removed: Versions that were removed, as too old.
    """

    place: pathlib.Path
    version: int
    verification: Verification
    formats: Mapping[str, pathlib.Path]
    metadata: Mapping[str, Any]
    removed: Sequence[int]


Describe = Callable[[pathlib.Path, Mapping[str, pathlib.Path]], Mapping[str, Any]]
"""From the folder of a verified draft and the files of its extra formats to more metadata."""


def export(
    network: ImageNetwork,
    folder: str | os.PathLike[str],
    *,
    normalization: keras.layers.Layer,
    frame: Frame | None,
    class_names: Sequence[str],
    examples: np.ndarray,
    most_images: int = 256,
    extra_formats: Sequence[str] = (),
    keep: int = 0,
    describe: Describe | None = None,
) -> Exported:
    """Writes the next version of a network and verifies it before a server can see it.

    Args:
        network: The network to serve; with an auxiliary head, without it.
        folder: Where the versions lie; created if need be.
        normalization: From uint8 images (batch, height, width, channels) to the network's input; a
            layer that has weights is built.
        frame: What brings decoded images, uint8 (any height, any width, channels), to the size that
            the network expects; None where examples are no images.
        class_names: Name of each class, in the order of the logits.
        examples: uint8 (size, height, width, channels), real images, or examples of another kind
            in their own dtype, which is then what is served: 32 of them are compared and become the
            warm-up requests, by all of them int8 finds its ranges; a hundred or more.
        most_images: Images that a request may hold; a larger one is refused.
        extra_formats: Some of `formats.FORMATS`, to be written besides.
        keep: How many versions stay, with the new one; 0 keeps all.
        describe: Called once all is written and verified; what it returns, plain data, is added to
            the metadata. If it raises, nothing is published.

    Returns:
        What was written.

    Raises:
        TypeError: The network is not a derived one: a supernet answers at random.
        ValueError: Names or examples do not fit the network.
        InvalidInput: An extra format is unknown, or its packages are missing.
        Failure: What was written does not pass; nothing of it is left.
    """
    dtype = np.asarray(examples).dtype.name
    served = _served(network, normalization, frame, class_names, most_images, dtype)
    formats.check(extra_formats)
    return publish(
        served,
        pathlib.Path(folder),
        verification.requests(served, MODEL, examples),
        convert=lambda draft: _converted(served, draft, extra_formats, examples),
        keep=keep,
        describe=describe,
    )


def publish(
    served: Servable,
    folder: pathlib.Path,
    expected: Sequence[warm_up.Request],
    *,
    convert: Callable[[pathlib.Path], Mapping[str, pathlib.Path]] = lambda draft: {},
    keep: int = 0,
    describe: Describe | None = None,
) -> Exported:
    """Writes the next version of what is served, and verifies it.

    Args:
        served: What is served.
        folder: Where the versions lie; created if need be.
        expected: Requests with the network's own answers.
        convert: From the folder of the verified draft to the files of extra formats.
        keep: As for `export`.
        describe: As for `export`.

    Raises:
        Failure: What was written does not pass; nothing of it is left.
    """
    with next_version(folder) as (version, draft):
        _write(served, draft, expected, folder)
        verified = verification.verify(draft, served, expected)
        files = convert(draft)
        more = describe(draft, files) if describe else {}
        metadata = {**_metadata(served, version, verified), **more}
        _write_json(draft / warm_up.EXTRA_ASSETS / METADATA, metadata)
    place = folder / str(version)
    return Exported(
        place=place,
        version=version,
        verification=verified,
        formats={name: place / file.relative_to(draft) for name, file in files.items()},
        metadata=metadata,
        removed=remove_old(folder, keep),
    )


@contextlib.contextmanager
def _told_if_full(folder: pathlib.Path) -> Iterator[None]:
    """TensorFlow's own words for a full disk are those for a full memory."""
    try:
        yield
    except tf.errors.ResourceExhaustedError as error:
        raise Failure(
            f"{folder} cannot be written: {error.message}; nothing was exported; do make room, "
            "then run the same command"
        ) from error


def _served(
    network: ImageNetwork,
    normalization: keras.layers.Layer,
    frame: Frame | None,
    class_names: Sequence[str],
    most_images: int,
    dtype: str,
) -> Served:
    """What is served of the arguments of `export`."""
    if isinstance(network, ImageNetwork) and network.auxiliary:
        network = network.without_auxiliary()
    return Served(
        network=network,
        normalization=normalization,
        frame=frame,
        class_names=class_names,
        most_images=most_images,
        dtype=dtype,
    )


def _converted(
    served: Served, draft: pathlib.Path, names: Sequence[str], examples: np.ndarray
) -> dict[str, pathlib.Path]:
    """The file of each extra format, written beside the SavedModel."""
    folder = draft / warm_up.EXTRA_ASSETS
    return {
        name: formats.convert(name, served.network, served.normalization, folder, examples)
        for name in names
    }


def _write(
    served: Servable,
    draft: pathlib.Path,
    expected: Sequence[warm_up.Request],
    folder: pathlib.Path,
) -> None:
    """The SavedModel and its warm-up requests; where there is no room it says that of `folder`."""
    with _told_if_full(folder), tempfile.TemporaryDirectory() as scratch:
        archive = keras.export.ExportArchive()
        for name, function in served.signatures().items():
            archive.add_endpoint(name, function)
        labels = pathlib.Path(scratch, LABELS)
        text = "".join(f"{name}\n" for name in served.class_names)
        labels.write_text(text, encoding="utf-8")
        keras_internals.attach_asset(archive, "labels", labels)
        archive.write_out(str(draft), verbose=False)
        warm_up.write(draft, expected)


def _write_json(path: pathlib.Path, plain: Mapping[str, Any]) -> None:
    text = json.dumps(plain, indent=2, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")


def _metadata(served: Servable, version: int, verified: Verification) -> dict[str, Any]:
    """What is known of a version without knowing the run that it comes from."""
    network = served.network
    return {
        "schema_version": 1,
        "model": MODEL,
        "version": version,
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "genotype": json.loads(network.genotype.to_json()),
        "skeleton": dataclasses.asdict(network.skeleton),
        "dtype_policy": network.dtype_policy.name,
        "class_names": [*served.class_names],
        "most_images": served.most_images,
        "verification": verified.describe(),
        "software": {
            "snas_tf": __version__,
            "python": platform.python_version(),
            **{name: found for name in _SOFTWARE if (found := _version(name))},
        },
    }


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
