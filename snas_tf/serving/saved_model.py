# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A child network with its preprocessing as a versioned SavedModel.

TF-Serving watches a folder and loads the subfolder with the greatest number. So a version is
written under a name that is no number, loaded again and compared, and only then renamed.
"""

from __future__ import annotations

import os
import pathlib
import shutil

import keras
import numpy as np
import tensorflow as tf

from snas_tf.networks import ChildNetwork

SIGNATURE = "serving_default"
TOLERANCE = 1e-5
"""Greatest difference of a probability between the network and what was written."""


def served(network: ChildNetwork, normalization: keras.layers.Layer) -> tf.types.experimental.Func:
    """The function that is served: uint8 images in, classes, probabilities and logits out.

    Args:
        network: The network; an auxiliary head is left out.
        normalization: The layer from uint8 images to the network's input.

    Returns:
        A `tf.function` of `image`, uint8 (batch, height, width, channels), any batch size, to
        {"class_id": int64 (batch,), "probabilities": float32 (batch, classes), "logits": the same}.
    """
    shape = (None, *network.skeleton.image_shape)

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.uint8, name="image")])
    def serve(image: tf.Tensor) -> dict[str, tf.Tensor]:
        # Without this check one request of another rank aborts the server in a oneDNN kernel.
        image = tf.ensure_shape(image, shape)
        logits = network(normalization(image), training=False)
        return {
            "class_id": tf.argmax(logits, axis=-1),
            "probabilities": tf.nn.softmax(logits),
            "logits": logits,
        }

    return serve


def versions(folder: pathlib.Path) -> list[int]:
    """The versions in a folder, ascending."""
    if not folder.is_dir():
        return []
    return sorted(int(entry.name) for entry in folder.iterdir() if entry.name.isdecimal())


def export(
    network: ChildNetwork,
    normalization: keras.layers.Layer,
    folder: pathlib.Path,
    examples: np.ndarray,
) -> tuple[pathlib.Path, float]:
    """Writes the next version of a network and checks it before it can be seen.

    Args:
        network: The network to serve; with an auxiliary head, without it.
        normalization: The layer from uint8 images to the network's input.
        folder: Where the versions lie; created if need be.
        examples: uint8 (size, height, width, channels), real images on which what was written is
            compared with the network.

    Returns:
        The folder of the new version, and the greatest difference of a probability.

    Raises:
        TypeError: The network is not a derived one: a supernet answers at random.
        RuntimeError: What was written does not answer as the network does; nothing is left.
    """
    if not isinstance(network, ChildNetwork):
        raise TypeError(
            "Only a child network can be exported: a supernet draws its architecture anew for "
            f"every answer. Received: {type(network).__name__}. Use `supernet.child(genotype)`."
        )
    network = network.without_auxiliary() if network.auxiliary else network
    serve = served(network, normalization)
    folder.mkdir(parents=True, exist_ok=True)
    version = max(versions(folder), default=0) + 1
    draft = folder / f".{version}.{os.getpid()}"
    try:
        archive = keras.export.ExportArchive()
        archive.track(network)
        archive.track(normalization)
        archive.add_endpoint(SIGNATURE, serve)
        archive.write_out(str(draft), verbose=False)
        difference = _difference(draft, serve, examples)
        place = folder / str(version)
        draft.rename(place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return place, difference


def _difference(
    folder: pathlib.Path, serve: tf.types.experimental.Func, examples: np.ndarray
) -> float:
    """Loads what was written and compares it with the network, batch sizes 1 and all."""
    signature = tf.saved_model.load(str(folder)).signatures[SIGNATURE]
    worst = 0.0
    for images in (examples[:1], examples):
        written, expected = signature(image=tf.constant(images)), serve(tf.constant(images))
        gaps = np.abs(written["probabilities"].numpy() - expected["probabilities"].numpy())
        worst = max(worst, float(gaps.max(initial=0.0)))
        if np.isnan(gaps).any() or worst > TOLERANCE:
            raise RuntimeError(
                "the written SavedModel does not answer as the network does: probabilities differ "
                f"by {worst:.2e}, more than {TOLERANCE:.0e}; nothing was exported"
            )
    return worst
