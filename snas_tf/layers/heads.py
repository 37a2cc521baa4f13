# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What stands behind the cells: the classifier, and the auxiliary classifier of the training."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from snas_tf.errors import InvalidInput
from snas_tf.layers.normalization.batch_normalization import BatchNormalization
from snas_tf.layers.shape import Shape


@keras.saving.register_keras_serializable(package="snas_tf")
class Classifier(keras.layers.Layer):
    """Global average pooling and a dense layer; the logits are float32 under every policy.

    Args:
        num_classes: Number of classes.
    """

    def __init__(self, num_classes: int, **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.num_classes = num_classes
        self.dense = keras.layers.Dense(
            num_classes, dtype="float32", trainable=self.trainable, name="dense"
        )

    def build(self, input_shape: Shape) -> None:
        """Creates the dense layer's kernel and bias."""
        self.dense.build((input_shape[0], input_shape[-1]))
        self.built = True

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """(batch, height, width, channels) to float32 (batch, classes)."""
        return self.dense(tf.reduce_mean(tf.cast(inputs, tf.float32), axis=(1, 2)))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(batch, classes)."""
        return (input_shape[0], self.num_classes)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "num_classes": self.num_classes}


@keras.saving.register_keras_serializable(package="snas_tf")
class BNReLU(keras.layers.Layer):
    """[BN, ReLU], which stands before the classifier behind cells that end in a sum."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.normalization = BatchNormalization(
            dtype=self.dtype_policy, trainable=self.trainable, name="normalization"
        )

    def build(self, input_shape: Shape) -> None:
        """Builds the batch normalisation, which always has scale and shift."""
        self.normalization.build([input_shape])
        self.built = True

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """(batch, height, width, channels) to the same shape."""
        tensor = tf.cast(inputs, self.compute_dtype)
        return tf.nn.relu(self.normalization([tensor], training=training)[0])

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The input's shape."""
        return input_shape


@keras.saving.register_keras_serializable(package="snas_tf")
class AuxiliaryHead(keras.layers.Layer):
    """A second classifier two thirds up the network, whose loss helps to train the lower cells.

    [ReLU, 5x5 average pooling, 1x1 convolution to 128, BN, ReLU, 2x2 convolution to 768, BN, ReLU,
    dense], as in DARTS, which SNAS follows. The ImageNet form pools with stride 2 and has no second
    BN, the CIFAR form with stride 3.

    Args:
        num_classes: Number of classes.
        stem: "cifar" or "imagenet".
    """

    def __init__(self, num_classes: int, stem: str = "cifar", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.num_classes = num_classes
        self.stem = stem
        common = {"dtype": self.dtype_policy, "trainable": self.trainable}
        # All have names: Keras's own would count what the process made before.
        first, second = (
            keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name, **common)
            for name in ("normalization_0", "normalization_1")
        )
        # What sees pixels is told their order, for ~/.keras/keras.json may name another.
        pixels = {"data_format": "channels_last", **common}
        self.stages = [
            keras.layers.ReLU(name="relu_0", **common),
            keras.layers.AveragePooling2D(
                5, strides=2 if stem == "imagenet" else 3, name="pooling", **pixels
            ),
            keras.layers.Conv2D(128, 1, use_bias=False, name="convolution_0", **pixels),
            first,
            keras.layers.ReLU(name="relu_1", **common),
            keras.layers.Conv2D(768, 2, use_bias=False, name="convolution_1", **pixels),
            *([] if stem == "imagenet" else [second]),
            keras.layers.ReLU(name="relu_2", **common),
        ]
        self.classifier = Classifier(num_classes, trainable=self.trainable, name="classifier")

    def build(self, input_shape: Shape) -> None:
        """Builds the stages; refuses images that the pooling would swallow."""
        stride = self.stages[1].strides[0]
        if min(input_shape[1:3]) < 5 + stride:
            raise InvalidInput(
                f"The auxiliary head needs at least {5 + stride}x{5 + stride} pixels where it "
                f"stands. Received: {input_shape[1]}x{input_shape[2]}. Use larger images or no "
                "auxiliary head."
            )
        for stage in self.stages:
            stage.build(input_shape)
            input_shape = stage.compute_output_shape(input_shape)
        self.classifier.build(input_shape)
        self.built = True

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """(batch, height, width, channels) to float32 (batch, classes)."""
        for stage in self.stages:
            normalizes = isinstance(stage, keras.layers.BatchNormalization)
            inputs = stage(inputs, training=training) if normalizes else stage(inputs)
        return self.classifier(inputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(batch, classes)."""
        return (input_shape[0], self.num_classes)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "num_classes": self.num_classes, "stem": self.stem}
