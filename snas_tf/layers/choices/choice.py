# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""One of several layers, where the author of a model hesitates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

from snas_tf import keras_internals
from snas_tf.errors import InvalidInput
from snas_tf.layers.choices.open_layer import Copy, OpenLayer
from snas_tf.layers.choices.open_sizes import open_sizes


@keras.saving.register_keras_serializable(package="snas_tf")
class Choice(OpenLayer):
    """One of several layers; see `OpenLayer` for how it is called.

    Args:
        options: {name: layer}, or layers, whose names are then such as "conv2d_0": the class and
            the position. All take what the choice is called with and answer one shape.
        decision: Name of what is decided: choices of the same name, which must have options of the
            same names, decide together. None is the choice's own name.
        name: Name of the layer, which in the network that is found is that of the option chosen.

    Raises:
        InvalidInput: There is no option, one is no layer, or one is or holds another open layer.
    """

    def __init__(
        self,
        options: Mapping[str, keras.layers.Layer] | Sequence[keras.layers.Layer],
        *,
        decision: str | None = None,
        **kwargs: Any,
    ) -> None:
        if not isinstance(options, Mapping):
            options = {
                f"{type(layer).__name__.lower()}_{position}": layer
                for position, layer in enumerate(options)
            }
        super().__init__(tuple(options), decision, **kwargs)
        for name, layer in options.items():
            check_closed(layer, f"the option {name!r} of {self.name!r}")
        self.option_layers = list(options.values())
        self.supports_masking = not self.without_masks()

    def compute(self, position: int, inputs: Any, *others: Any, **kwargs: Any) -> Any:
        """The answer of one option.

        Keras's attention takes the masks off the tensors that it is called with: what another
        option is called with has them again.
        """
        masked = [
            (part, keras_internals.mask(part)) for part in keras.tree.flatten((inputs, others))
        ]
        try:
            return self.option_layers[position](inputs, *others, **kwargs)
        finally:
            for part, mask in masked:
                if mask is not None:
                    keras_internals.set_mask(part, mask)

    def kept(self, position: int) -> list[keras.layers.Layer]:
        """The option's layer."""
        return [self.option_layers[position]]

    def closed(self, position: int, copy: Copy) -> Callable[..., Any]:
        """A copy of the option, of the choice's name."""
        return copy(self.option_layers[position], self.name)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """The mask that the options answer."""
        return self.option_layers[0].compute_mask(inputs, previous_mask)

    def without_masks(self) -> list[str]:
        """The options that take no mask."""
        return [
            name
            for name, layer in zip(self.options, self.option_layers, strict=True)
            if not layer.supports_masking
        ]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        serialize = keras.saving.serialize_keras_object
        options = [
            [name, serialize(layer)]
            for name, layer in zip(self.options, self.option_layers, strict=True)
        ]
        return {**super().get_config(), "options": options}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Choice:
        """Restores the layer from `get_config`."""
        deserialize = keras.saving.deserialize_keras_object
        options = {name: deserialize(layer) for name, layer in config["options"]}
        return cls(**{**config, "options": options})


def check_closed(layer: Any, what: str) -> None:
    """Refuses what cannot be an option, or a block of several.

    Args:
        layer: What was given.
        what: What it was to be, for the message.

    Raises:
        InvalidInput: It is no layer, or leaves something open itself.
    """
    if not isinstance(layer, keras.layers.Layer):
        raise InvalidInput(
            f"{what} must be a Keras layer or model: given {layer!r:.80}; of a function make a "
            "layer, as keras.layers.Activation('relu') is"
        )
    for part in [layer, *keras_internals.all_sublayers(layer)]:
        if isinstance(part, OpenLayer) or open_sizes(part):
            raise InvalidInput(
                f"{what} must leave nothing open itself: given {part.name!r} within it; do put it "
                "before or after, or spell out the combinations as options"
            )
