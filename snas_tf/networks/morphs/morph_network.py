# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The network of a layer graph, as programs train, measure and serve it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras

from snas_tf import space
from snas_tf.networks.default_policy import default_policy
from snas_tf.networks.image_network import ImageNetwork
from snas_tf.networks.morphs.building import input_of, made_of, outputs_of
from snas_tf.networks.morphs.inheriting import take_inherited
from snas_tf.networks.recalibration import normalizations
from snas_tf.space.morphs import layer_kinds

if TYPE_CHECKING:
    from snas_tf.networks.plain_operations import PlainOperations


@keras.saving.register_keras_serializable(package="snas_tf")
class MorphNetwork(ImageNetwork):
    """The network of a layer graph of images: an ordinary functional Keras model.

    Its layers are Keras's own; what it has more than what `build` makes is what it knows of itself.

    Args:
        genotype: The graph, whose output are logits.
        skeleton: The sizes of its data set.
        synchronized_batch_norm: Whether batch normalisation takes its statistics from the images of
            all replicas, as on one device.

    Raises:
        InvalidInput: The graph has other sizes.
    """

    architecture_class = space.LayerGraph
    skeleton_class = space.MorphPlan

    def __init__(
        self,
        genotype: space.LayerGraph,
        skeleton: space.MorphPlan,
        *,
        synchronized_batch_norm: bool = False,
        **kwargs: Any,
    ) -> None:
        skeleton.check(genotype)
        dtype = keras.dtype_policies.get(kwargs.pop("dtype", None) or default_policy())
        images = input_of(genotype)
        logits = outputs_of(genotype, images, dtype)
        super().__init__(inputs=images, outputs=logits, **{"name": "child", **kwargs})
        self.dtype_policy = dtype
        self.genotype = genotype
        self.skeleton = skeleton
        self.synchronized_batch_norm = synchronized_batch_norm
        for layer in normalizations(self):
            layer.synchronized = synchronized_batch_norm

    @property
    def cost(self) -> space.Cost:
        """Its exact cost."""
        return space.layer_graph_cost(self.genotype)

    def take_weights(self, other: ImageNetwork) -> None:
        """Inherits from the same network or one that this one grew from; see `inherit`.

        Raises:
            InvalidInput: It did not grow from that one.
        """
        take_inherited(self, self.genotype, other, other.genotype)

    def plain_outputs(
        self,
        operations: PlainOperations,
        inputs: keras.KerasTensor,
        activation: str | None,
    ) -> keras.KerasTensor:
        """See `ImageNetwork`: the layers are plain already."""
        tensors = {self.genotype.layers[0].name: inputs}
        for record in self.genotype.layers[1:]:
            last = record is self.genotype.output
            layer = made_of(record, "float32" if last else operations.dtype)
            read = [tensors[name] for name in record.inputs]
            tensors[record.name] = layer(read if record.kind in layer_kinds.MERGES else read[0])
            own = self.get_layer(record.name)
            layer.set_weights(own.get_weights())
            layer.trainable = own.trainable
        logits = tensors[self.genotype.output.name]
        if activation is None:
            return logits
        return keras.layers.Activation(activation, name="activation", dtype="float32")(logits)
