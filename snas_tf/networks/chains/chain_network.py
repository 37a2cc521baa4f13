# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The network of a chain: convolutions one after the other, pooling between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras

from snas_tf import space
from snas_tf.layers import BNReLU, Classifier, synchronize
from snas_tf.networks.default_policy import default_policy
from snas_tf.networks.image_network import ImageNetwork

if TYPE_CHECKING:
    from snas_tf.networks.plain_operations import PlainOperations


@keras.saving.register_keras_serializable(package="snas_tf")
class ChainNetwork(ImageNetwork):
    """The network of an architecture of `space.chain_space`: an ordinary functional Keras model.

    Each layer is [convolution, BN, ReLU], with 2x2 max pooling behind it where the plan has it;
    global average pooling and a dense layer give float32 logits (batch, classes).

    Args:
        genotype: The architecture.
        skeleton: The plan around it.
        synchronized_batch_norm: Whether batch normalisation takes its statistics from the images of
            all replicas, as on one device.
    """

    architecture_class = space.Selection
    skeleton_class = space.ChainPlan

    def __init__(
        self,
        genotype: space.Selection,
        skeleton: space.ChainPlan,
        *,
        synchronized_batch_norm: bool = False,
        **kwargs: Any,
    ) -> None:
        dtype = keras.dtype_policies.get(kwargs.pop("dtype", None) or default_policy())
        images = keras.Input(skeleton.image_shape, dtype="float32", name="images")
        tensor = images
        for number, layer in enumerate(skeleton.layers(genotype), start=1):
            convolution = keras.layers.Conv2D(
                layer.filters,
                layer.kernel_size,
                padding="same",
                use_bias=False,
                data_format="channels_last",
                kernel_initializer="he_normal",
                dtype=dtype,
                name=_convolution(number),
            )
            tensor = BNReLU(dtype=dtype, name=_layer(number))(convolution(tensor))
            if layer.pooled:
                tensor = _pooling(number, dtype)(tensor)
        logits = Classifier(skeleton.num_classes, name="classifier")(tensor)
        super().__init__(inputs=images, outputs=logits, **{"name": "child", **kwargs})
        self.dtype_policy = dtype
        self.genotype = genotype
        self.skeleton = skeleton
        self.synchronized_batch_norm = synchronized_batch_norm
        if synchronized_batch_norm:
            synchronize(self)

    @property
    def cost(self) -> space.Cost:
        """Its exact cost."""
        return space.chain_cost(self.genotype, self.skeleton)

    def plain_features(
        self, operations: PlainOperations, images: keras.KerasTensor
    ) -> keras.KerasTensor:
        """See `ImageNetwork`."""
        tensor = images
        for number, layer in enumerate(self.skeleton.layers(self.genotype), start=1):
            convolution = self.get_layer(_convolution(number))
            tensor = operations.convolution(
                convolution, convolution.name, tensor, convolution.kernel
            )
            tensor = operations.bn_relu(self.get_layer(_layer(number)), tensor)
            if layer.pooled:
                tensor = _pooling(number, operations.dtype)(tensor)
        return tensor


def _layer(number: int) -> str:
    return f"layer_{number}"


def _convolution(number: int) -> str:
    return f"{_layer(number)}_convolution"


def _pooling(number: int, dtype: Any) -> keras.layers.Layer:
    return keras.layers.MaxPooling2D(
        2, data_format="channels_last", dtype=dtype, name=f"{_layer(number)}_pooling"
    )
