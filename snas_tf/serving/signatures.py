# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The functions that a server calls: pixels or encoded images in, classes out.

TF-Serving feeds what a client sent to the graph unchecked. In TensorFlow 2.21 one request of the
wrong rank aborts the server in a oneDNN convolution (tensorflow#111453). So every function here
begins with the check of what it was given, by operations that answer INVALID_ARGUMENT.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from snas_tf.networks import ImageNetwork
from snas_tf.serving.frozen_function import frozen
from snas_tf.serving.image_decoding import decode_batch
from snas_tf.serving.signature_names import BYTES, BYTES_SIGNATURE, EXAMPLE, IMAGE, IMAGE_SIGNATURE

Frame = Callable[[tf.Tensor], tf.Tensor]
"""From a decoded image, uint8 (any height, any width, channels), to one of a network's size."""

Signature = tf.types.experimental.PolymorphicFunction


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A network with all that stands between it and a client.

    Attributes:
        network: The network, without an auxiliary head.
        normalization: The built layer from uint8 images to the network's input.
        frame: What brings decoded images to the network's size; None where examples are no images,
            and no files of them are served.
        class_names: Name of each class.
        most_images: Images that a request may hold.
        dtype: What an example holds.

    Raises:
        TypeError: The network is no derived one: a supernet answers at random.
        ValueError: The names are not one for each class, or a request may hold no image.
    """

    network: ImageNetwork
    normalization: keras.layers.Layer
    frame: Frame | None
    class_names: Sequence[str]
    most_images: int
    dtype: str = "uint8"

    def __post_init__(self) -> None:
        if not isinstance(self.network, ImageNetwork):
            raise TypeError(
                "Only a child network can be exported, which knows its genotype. Received: "
                f"{type(self.network).__name__}. A supernet draws its architecture anew for every "
                "answer: use `supernet.child(genotype)`. What `keras.models.clone_model` makes of "
                "a child network is a plain functional model: use `copy.deepcopy(child)`."
            )
        if self.network.auxiliary:
            raise ValueError(
                "A network is served without its auxiliary head. Received one with it. Use "
                "`network.without_auxiliary()`."
            )
        if len(self.class_names) != self.network.skeleton.num_classes:
            raise ValueError(
                f"`class_names` must hold a name for each of the "
                f"{self.network.skeleton.num_classes} classes. Received: {len(self.class_names)}."
            )
        if self.most_images < 1:
            raise ValueError(f"`most_images` must be at least 1. Received: {self.most_images}.")

    @property
    def input_name(self) -> str:
        """Name of what `IMAGE_SIGNATURE` takes."""
        return EXAMPLE if self.frame is None else IMAGE

    def signatures(self) -> dict[str, Signature]:
        """The functions that are served, by name, for any number of images up to `most_images`.

        Returns:
            `serving_default` of `image`, uint8 (batch, height, width, channels) of the network's
            size, and `image_bytes` of `image_bytes`, string (batch,), PNG or JPEG files of any
            size; examples that are no images, in their own dtype, are named `example` and have no
            other signature. All answer {"class_id": int64 (batch,), "class_name": string (batch,),
            "probabilities": float32 (batch, classes), "logits": the same}.
        """
        image_shape = self.network.skeleton.image_shape
        pixels = tf.TensorSpec((None, *image_shape), self.dtype, name=self.input_name)
        files = tf.TensorSpec((None,), tf.string, name=BYTES)

        @tf.function(input_signature=[pixels])
        def logits_of(images: tf.Tensor) -> tf.Tensor:
            return self.network(self.normalization(images), training=False)

        logits_of = frozen(logits_of)  # one for both, so that the weights are there once

        @tf.function(input_signature=[pixels])
        def of_pixels(image: tf.Tensor) -> dict[str, tf.Tensor]:
            return self._answer(logits_of(self._checked(image, pixels.shape, self.input_name)))

        @tf.function(input_signature=[files])
        def of_files(image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
            encoded = self._checked(image_bytes, files.shape, BYTES)
            return self._answer(logits_of(decode_batch(encoded, self.frame, image_shape)))

        if self.frame is None:
            return {IMAGE_SIGNATURE: of_pixels}
        return {IMAGE_SIGNATURE: of_pixels, BYTES_SIGNATURE: of_files}

    def _checked(self, batch: tf.Tensor, shape: tf.TensorShape, name: str) -> tf.Tensor:
        batch = tf.ensure_shape(batch, shape)
        size = tf.shape(batch)[0]
        fits = tf.debugging.Assert(
            (size > 0) & (size <= self.most_images),
            [f"{name} must hold 1 to {self.most_images} images: it holds", size],
        )
        with tf.control_dependencies([fits]):
            return tf.identity(batch)

    def _answer(self, logits: tf.Tensor) -> dict[str, tf.Tensor]:
        class_id = tf.argmax(logits, axis=-1)
        return {
            "class_id": class_id,
            "class_name": tf.gather(tf.constant([*self.class_names]), class_id),
            "probabilities": tf.nn.softmax(logits),
            "logits": logits,
        }
