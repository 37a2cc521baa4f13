# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the networks of all families have in common that are trained, measured and served."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

import keras

from snas_tf import keras_internals
from snas_tf.networks import plain, trainability
from snas_tf.networks.float32 import Float32ByDefault
from snas_tf.networks.recalibration import recalibrate
from snas_tf.networks.unsupported import Unsupported

if TYPE_CHECKING:
    from snas_tf.networks.plain_operations import PlainOperations


class ImageNetwork(Unsupported, Float32ByDefault, keras.Model):
    """The network of an architecture: a functional model of images to float32 logits.

    A network of a family says by `plain_features`, or `plain_outputs`, how it is written in Keras's
    own layers. Its constructor takes `genotype`, `skeleton`, `name`, `dtype` and what `options`
    names, all of which it keeps; and `searched`, which it keeps as `space`, where there is a
    `space_class`. One that is made otherwise has an `alike`, a `get_config` and a `from_config` of
    its own.

    Attributes:
        architecture_class: Of the architecture; it has `from_json`.
        skeleton_class: Of the plan; it has `from_config`.
        space_class: Of the space, where an architecture alone does not tell it; likewise.
        options: The further arguments of the constructor.
        genotype: The architecture.
        skeleton: The plan, with `image_shape`, which is the shape of an example of any kind, and
            `num_classes`; a dataclass with `get_config`.
        auxiliary: Whether it answers {"logits": ..., "auxiliary": ...}.
        drop_path: Greatest probability to drop a path in training.
        synchronized_batch_norm: Whether replicas share statistics.
        in_keras_layers: Whether `to_keras` can write it in Keras's own layers.
    """

    architecture_class: ClassVar[type]
    skeleton_class: ClassVar[type]
    space_class: ClassVar[type | None] = None
    options: ClassVar[tuple[str, ...]] = ("synchronized_batch_norm",)
    in_keras_layers = True
    auxiliary = False
    drop_path = 0.0
    synchronized_batch_norm = False

    def plain_features(
        self, operations: PlainOperations, images: keras.KerasTensor
    ) -> keras.KerasTensor:
        """What the classifier looks at, in Keras's own layers, the weights inside.

        Args:
            operations: Writes the layers.
            images: As the network takes them.
        """
        raise NotImplementedError

    def alike(self, dtype: Any = None) -> ImageNetwork:
        """A new network of the same architecture and plan, without what only training needs.

        Args:
            dtype: Its dtype policy; None for the same.
        """
        searched = {"searched": self.space} if self.space_class else {}
        shared = {"synchronized_batch_norm": self.synchronized_batch_norm}
        return type(self)(
            genotype=self.genotype,
            skeleton=self.skeleton,
            **searched,
            **{name: value for name, value in shared.items() if name in self.options},
            name=self.name,
            dtype=dtype or self.dtype_policy,
        )

    def without_auxiliary(self) -> ImageNetwork:
        """The same network, weights included, without auxiliary head and drop path.

        What is frozen here is frozen there.
        """
        other = self.alike()
        other.take_weights(self)
        trainability.restore(other, trainability.flags(self), missing=True)
        return other

    def take_weights(self, other: ImageNetwork) -> None:
        """Copies the weights of every layer that another network of the same genotype has too."""
        theirs = {layer.name: layer for layer in other.layers}
        for layer in self.layers:
            if layer.name in theirs:
                layer.set_weights(theirs[layer.name].get_weights())

    def refresh_statistics(self, images: Iterable[Any]) -> None:
        """Replaces the running statistics of batch normalisation by those of some images.

        The weights stay, and so do the statistics of layers that are frozen. They are exact, with
        the same weight for every image; see `snas_tf.networks.recalibration`. In a search the
        running statistics are those of sampled architectures: a child found by a method that did
        not sample needs this before it is judged. In a training of few steps they lag behind.

        Args:
            images: Batches (batch, height, width, channels), of any sizes, each once.
        """
        distributed = self.synchronized_batch_norm or keras_internals.under_strategy(self)
        if not (self.auxiliary or self.drop_path or distributed):
            recalibrate(self, lambda batch, number: self(batch, training=True), images)
            return
        other = self.without_auxiliary()  # without drop path, whose step counter it would move
        recalibrate(other, lambda batch, number: other(batch, training=True), images)
        self.take_weights(other)

    def plain_outputs(
        self, operations: PlainOperations, inputs: keras.KerasTensor, activation: str | None
    ) -> keras.KerasTensor:
        """What the network answers, written in Keras's own layers.

        Args:
            operations: How layers of this package are written.
            inputs: What the network takes.
            activation: Of the answers; None for logits.

        Returns:
            float32 (batch, classes).
        """
        features = self.plain_features(operations, inputs)
        return operations.classifier(self.get_layer("classifier"), features, activation)

    to_keras = plain.to_keras

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, and what is frozen."""
        searched = {"searched": self.space.get_config()} if self.space_class else {}
        return {
            "name": self.name,
            "dtype": keras.saving.serialize_keras_object(self.dtype_policy),
            "genotype": self.genotype.to_json(),
            **searched,
            "skeleton": self.skeleton.get_config(),
            **{option: getattr(self, option) for option in self.options},
            "trainability": trainability.flags(self),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: object = None) -> ImageNetwork:
        """Restores the network from `get_config`, and what is frozen of it."""
        config = dict(config)
        frozen = config.pop("trainability", {})
        if cls.space_class:
            config["searched"] = cls.space_class.from_config(config["searched"])
        network = cls(
            **{
                **config,
                "genotype": cls.architecture_class.from_json(config["genotype"]),
                "skeleton": cls.skeleton_class.from_config(config["skeleton"]),
                "dtype": keras.saving.deserialize_keras_object(config["dtype"]),
            }
        )
        trainability.restore(network, frozen)
        return network
