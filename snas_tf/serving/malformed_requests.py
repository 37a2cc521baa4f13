# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Requests that a server must refuse: what clients send by mistake, others on purpose."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from snas_tf.serving.malformed_graphs import malformed_graphs
from snas_tf.serving.signature_names import BYTES_SIGNATURE, IMAGE_SIGNATURE
from snas_tf.serving.warm_up import Request

GRAPHS_MARK = "num_nodes"
"""The input that requests of graphs alone have."""


def malformed(
    requests: list[Request], most_images: int
) -> Iterator[tuple[str, str, dict[str, np.ndarray]]]:
    """Requests that no signature may answer, made from right ones.

    Args:
        requests: Right requests, to both signatures of images, or to that of graphs.
        most_images: Images, or graphs, that a request may hold.

    Yields:
        What is wrong, the name of a signature, and the inputs.
    """
    if GRAPHS_MARK in requests[0].inputs:
        largest = max(requests, key=lambda each: len(each.inputs[GRAPHS_MARK]))
        for what, inputs in malformed_graphs(largest.inputs, most_images):
            yield what, largest.signature, inputs
        return
    images, name = _input(requests, IMAGE_SIGNATURE)
    for what, value in _wrong_images(images, most_images):
        yield what, IMAGE_SIGNATURE, {name: value}
    yield "no input", IMAGE_SIGNATURE, {}
    if all(each.signature != BYTES_SIGNATURE for each in requests):
        return
    files, name = _input(requests, BYTES_SIGNATURE)
    file = files[0]
    huge = file[:16] + (2**30).to_bytes(4, "big") * 2 + file[24:]
    wrong_files = {
        "no batch": np.array(file, object),
        "an axis too many": files[np.newaxis],
        "no file": files[:0],
        "too many files": np.array([file] * (most_images + 1), object),
        "an empty file": np.array([b""], object),
        "a text": np.array([b"no image"], object),
        "a cut header": np.array([file[:20]], object),
        "a cut file": np.array([file[: len(file) // 2]], object),
        "a damaged file": np.array([file[:24] + bytes(len(file) - 24)], object),
        "a huge image": np.array([huge], object),
        "a right and a wrong file": np.array([file, b"no image"], object),
        "pixels": images,
    }
    for what, value in wrong_files.items():
        yield what, BYTES_SIGNATURE, {name: value}
    yield "no input", BYTES_SIGNATURE, {}


def _wrong_images(images: np.ndarray, most_images: int) -> Iterator[tuple[str, np.ndarray]]:
    """What is no batch of such images, or of such examples of another kind."""
    batch, *shape = images.shape
    axes = range(1, images.ndim)
    sizes = [np.eye(images.ndim, dtype=int)[axis] for axis in axes]
    more = {3: ("a row", "a column", "a channel")}.get(
        len(shape), [f"axis {axis}" for axis in axes]
    )
    wrong = {
        "no batch": images[0],
        "flat": images.reshape(batch, -1),
        "a list": images.reshape(-1),
        "a number": images.reshape(-1)[0],
        "two numbers": images.reshape(-1)[:2].reshape(1, -1),
        "an axis too many": images[np.newaxis],
        **{
            f"{what} less": np.delete(images, 0, axis)
            for axis, what in zip(axes, more, strict=True)
        },
        **{
            f"{what} more": np.pad(images, [(0, size) for size in one])
            for one, what in zip(sizes, more, strict=True)
        },
        "no image": images[:0],
        "too many images": np.zeros((most_images + 1, *shape), images.dtype),
        "other numbers": images.astype(np.float32 if images.dtype != np.float32 else np.uint8),
        "strings": np.array([b"image"] * batch, object),
    }
    for what, value in wrong.items():
        fits = value.dtype == images.dtype and value.shape[1:] == images.shape[1:]
        if not fits or not 0 < len(value) <= most_images:  # of one number "flat" is right
            yield what, value


def _input(requests: list[Request], signature: str) -> tuple[np.ndarray, str]:
    request = max(
        (each for each in requests if each.signature == signature),
        key=lambda each: len(next(iter(each.inputs.values()))),
    )
    ((name, value),) = request.inputs.items()
    return value, name
