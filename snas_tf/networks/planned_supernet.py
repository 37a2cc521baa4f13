# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the supernets have in common that are built from a space and a plan of the network."""

from __future__ import annotations

from typing import Any, ClassVar

import keras

from snas_tf.layers import synchronize
from snas_tf.layers.chosen_operation import ChosenOperation
from snas_tf.networks import trainability
from snas_tf.networks.default_policy import default_policy
from snas_tf.networks.unsupported import Unsupported
from snas_tf.space import CostTable, DecisionSpace


class PlannedSupernet(Unsupported, keras.Model):
    """The network of a search, a `Searchable`. It draws nothing itself.

    A family says by `make_layers` and `build` what it consists of, and what it computes by `call`.
    Its constructor takes the space, the plan, `name`, `dtype` and what `options` names.

    Args:
        searched: The space.
        skeleton: The plan of the network.
        costs: What its children cost.
        synchronized_batch_norm: Whether batch normalisation takes its statistics from the examples
            of all replicas, as on one device; otherwise each replica has its own.
        settings: Further arguments of the family's constructor, which are kept.
        **kwargs: As for Keras, and `trainable`.

    Attributes:
        space_class: Of the space; it has `from_config`.
        skeleton_class: Of the plan; likewise.
        space_argument: What the constructor calls the space.
        examples: What it is called with, such as "images".
        options: The further arguments of the constructor.
    """

    space_class: ClassVar[type]
    skeleton_class: ClassVar[type]
    space_argument: ClassVar[str] = "searched"
    examples: ClassVar[str]
    options: ClassVar[tuple[str, ...]] = ("synchronized_batch_norm",)

    def __init__(
        self,
        searched: DecisionSpace,
        skeleton: Any,
        costs: CostTable,
        *,
        synchronized_batch_norm: bool = False,
        settings: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        trainable = kwargs.pop("trainable", True)
        dtype = kwargs.pop("dtype", None) or default_policy()
        super().__init__(**{"name": "supernet", "dtype": dtype, **kwargs})
        self.autocast = False
        self.space = searched
        self.skeleton = skeleton
        self.costs = costs
        self.synchronized_batch_norm = synchronized_batch_norm
        for name, value in (settings or {}).items():
            setattr(self, name, value)
        self._chosen = ChosenOperation()
        self.make_layers()
        self.build()
        if synchronized_batch_norm:
            synchronize(self)
        if not trainable:
            self.trainable = False  # and all parts, which are there only now

    def make_layers(self) -> None:
        """Makes the layers of the plan, in the order of their weights."""
        raise NotImplementedError

    def export(self, *args: Any, **kwargs: Any) -> None:
        """Refused: what a server runs takes examples alone.

        Raises:
            ValueError: Always; says what to export.
        """
        raise ValueError(
            f"A supernet takes an architecture with its {self.examples}, so it cannot be exported. "
            "Export a child network: `supernet.child(architecture).export(...)`, or "
            "`Snas.export(...)`."
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, and what is frozen."""
        return {
            "name": self.name,
            "dtype": keras.saving.serialize_keras_object(self.dtype_policy),
            self.space_argument: self.space.get_config(),
            "skeleton": self.skeleton.get_config(),
            **{option: getattr(self, option) for option in self.options},
            "trainability": trainability.flags(self),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: object = None) -> PlannedSupernet:
        """Restores the network from `get_config`, and what is frozen of it."""
        config = dict(config)
        frozen = config.pop("trainability", {})
        network = cls(
            **{
                **config,
                cls.space_argument: cls.space_class.from_config(config[cls.space_argument]),
                "skeleton": cls.skeleton_class.from_config(config["skeleton"]),
                "dtype": keras.saving.deserialize_keras_object(config["dtype"]),
            }
        )
        trainability.restore(network, frozen)
        return network
