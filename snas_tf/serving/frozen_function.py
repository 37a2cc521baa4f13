# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A network with its preprocessing as one TensorFlow function of constants.

A server answers sooner by it, and converters of other formats want a graph without variables.
Left to themselves, TensorFlow's keeps the stacked weights of `snas_tf.layers` as variables that
nobody initialises, and tf2onnx makes inputs of the mean and the variance of the normalisation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from snas_tf.networks import ImageNetwork
from snas_tf.tensorflow_internals import with_constants

Function = tf.types.experimental.PolymorphicFunction


def frozen_function(
    network: ImageNetwork,
    normalization: Callable[[tf.Tensor], tf.Tensor],
    dtype: tf.DType = tf.uint8,
) -> Function:
    """What a converted network computes, in float32, with everything inside as constants.

    Args:
        network: The network, of any dtype policy; an auxiliary head is left out.
        normalization: From pixels to the network's input, float32.
        dtype: Type in which the pixels, 0 to 255, come in.

    Returns:
        A function of `image`, (batch, height, width, channels), any batch size, to
        {"class_id": int64 (batch,), "probabilities": float32 (batch, classes), "logits": the same}.
    """
    shape = (None, *network.skeleton.image_shape)
    network = _convertible(network)
    pixels = tf.TensorSpec(shape, dtype, name="image")

    @tf.function(input_signature=[pixels])
    def answer(image: tf.Tensor) -> dict[str, tf.Tensor]:
        logits = network(normalization(image), training=False)
        return {
            "class_id": tf.argmax(logits, axis=-1),
            "probabilities": tf.nn.softmax(logits),
            "logits": logits,
        }

    return frozen(answer)


def frozen(function: Function) -> Function:
    """The same function, with the variables that it reads as constants.

    TensorFlow then folds batch normalisation into the convolutions before it, and has nothing to
    read or to divide at every call: an answer takes about 0.6 of the time.

    Args:
        function: A function with an input signature of tensors.
    """
    specs = function.input_signature
    concrete = function.get_concrete_function()
    constant = with_constants(concrete)

    # Freezing forgets the names and the structure of the outputs.
    @tf.function(input_signature=specs)
    def answer(*tensors: tf.Tensor) -> Any:
        return tf.nest.pack_sequence_as(concrete.structured_outputs, constant(*tensors))

    return answer


def _convertible(network: ImageNetwork) -> keras.Model:
    """A copy of the network that computes the same in float32, in operations that all formats have.

    A layer that needs others for that says so by a method `convertible`, which gives them.

    Args:
        network: The network, which stays as it is.
    """
    copy = network.alike(dtype="float32")
    copy.take_weights(network)

    def same_or_convertible(layer: keras.layers.Layer) -> keras.layers.Layer:
        return layer.convertible() if hasattr(layer, "convertible") else layer

    convertible = keras.models.clone_model(copy, clone_function=same_or_convertible)
    for layer in convertible.layers:  # the layers of the copy are in it, and replaced ones
        layer.set_weights(copy.get_layer(layer.name).get_weights())
    return convertible
