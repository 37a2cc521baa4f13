# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""LiteRT (once TensorFlow Lite): a network for phones and small devices, in float32 or in int8."""

from __future__ import annotations

import pathlib
import warnings
from collections.abc import Callable, Iterator

import keras
import numpy as np
import tensorflow as tf

from snas_tf.errors import Failure
from snas_tf.held_back_stderr import held_back_stderr
from snas_tf.networks import ImageNetwork
from snas_tf.serving.frozen_function import Function, frozen_function

_SIGNATURE = "serving_default"


def convert_float(
    network: ImageNetwork, normalization: keras.layers.Layer, dtype: np.dtype | type = np.uint8
) -> bytes:
    """A network as a LiteRT file that computes in float32.

    Args:
        network: The network.
        normalization: The built layer from uint8 images to the network's input.
        dtype: What an example holds.

    Returns:
        The content of the file: signature `serving_default`, `image` uint8 (batch, height, width,
        channels) to `class_id`, `probabilities` and `logits`, any batch size.
    """
    return _converter(frozen_function(network, normalization, tf.as_dtype(dtype))).convert()


def convert_int8(
    network: ImageNetwork, normalization: keras.layers.Layer, examples: np.ndarray
) -> bytes:
    """A network as a LiteRT file whose weights and activations are int8.

    Full-integer quantisation after training (Jacob et al., "Quantization and training of neural
    networks for efficient integer-arithmetic-only inference", arXiv 1712.05877): weights by one
    scale a channel, activations by the range that they have on the examples.

    Args:
        network: The network.
        normalization: The built layer from uint8 images to the network's input.
        examples: uint8 (size, height, width, channels), images as the network will see them; a
            hundred or more. Values beyond their range saturate.

    Returns:
        The content of the file: as of `convert_float`. The pixels go in as they are (scale 1, zero
        point 0); `logits` and `probabilities` come out as float32, in 256 steps each.
    """
    # The range of the input is that of pixels, whatever the examples lack: one image with a black
    # and one with a white corner see to it. A range that is told by fake quantisation leaves a
    # conversion to float32 and back in the file.
    corners = np.repeat(examples[:1], 2, axis=0)
    corners[:, 0, 0] = ((0,), (255,))

    def representative_dataset() -> Iterator[dict[str, np.ndarray]]:
        for image in (*examples, *corners):
            yield {"image": image[np.newaxis].astype(np.float32)}

    converter = _converter(frozen_function(network, normalization, tf.float32))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = representative_dataset
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.uint8
    converter.inference_output_type = tf.float32
    with warnings.catch_warnings():
        _ignore_deprecation()
        return converter.convert()


def predictor(path: pathlib.Path) -> Callable[[np.ndarray], np.ndarray]:
    """The probabilities that a LiteRT file answers, by TensorFlow's own interpreter.

    Args:
        path: A file that this module's functions made.

    Returns:
        A function of uint8 (batch, height, width, channels) to float32 (batch, classes).

    Raises:
        Failure: The interpreter cannot run the file.
    """
    try:
        with held_back_stderr(), warnings.catch_warnings():
            _ignore_deprecation()
            interpreter = tf.lite.Interpreter(str(path))
            interpreter.allocate_tensors()
            (entry,) = interpreter.get_input_details()
            run = interpreter.get_signature_runner(_SIGNATURE)
    except (RuntimeError, ValueError) as error:
        raise Failure(f"{path} cannot be run by LiteRT: {error}") from error
    shape = tuple(entry["shape_signature"][1:].tolist())

    def predict(images: np.ndarray) -> np.ndarray:
        # The interpreter would take on any size of images, and answer.
        if images.shape[1:] != shape or not len(images):
            raise ValueError(
                f"`images` must be (batch, {', '.join(map(str, shape))}), one at least. "
                f"Received: {images.shape}."
            )
        return run(image=images)["probabilities"]

    return predict


def _converter(function: Function) -> tf.lite.TFLiteConverter:
    return tf.lite.TFLiteConverter.from_concrete_functions(
        [function.get_concrete_function()], tf.Module()
    )


def _ignore_deprecation() -> None:
    """TensorFlow's interpreter moves to the package ai-edge-litert; the format stays the same."""
    warnings.filterwarnings("ignore", message=r"\s*Warning: tf.lite.Interpreter is deprecated")
