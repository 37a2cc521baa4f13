# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How many blocks follow each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras

from snas_tf.errors import InvalidInput
from snas_tf.layers.choices.choice import check_closed
from snas_tf.layers.choices.open_layer import Copy, OpenLayer


@keras.saving.register_keras_serializable(package="snas_tf")
class Repeat(OpenLayer):
    """The first so many of some blocks, one after the other; see `OpenLayer`.

    The options are the numbers of blocks, the greatest first: as it stands, a model has all blocks.
    The answer of each block must have the shape of its input.

    Args:
        blocks: The blocks, different layers; or one layer, of which `times` copies are made.
        times: The number of copies, of one layer.
        least: The least number of blocks.
        decision: As for `Choice`.

    Raises:
        InvalidInput: A block is no layer, holds another open layer, or stands twice; or the
            numbers do not fit.
    """

    def __init__(
        self,
        blocks: keras.layers.Layer | Sequence[keras.layers.Layer],
        times: int | None = None,
        *,
        least: int = 0,
        decision: str | None = None,
        **kwargs: Any,
    ) -> None:
        if isinstance(blocks, keras.layers.Layer) != (times is not None):
            raise InvalidInput("`times` must be given with one layer, and not with several blocks")
        count = len(blocks) if times is None else times
        if not 0 <= least <= count or not count:
            raise InvalidInput(f"`least` must be 0 to {count}, the number of blocks: given {least}")
        numbers = range(count, least - 1, -1)
        super().__init__(tuple(map(str, numbers)), decision, **kwargs)
        given = [blocks] if times is not None else [*blocks]
        for block in given:
            check_closed(block, f"a block of {self.name!r}")
        if len({*map(id, given)}) < len(given):
            raise InvalidInput(f"the blocks of {self.name!r} must be different layers")
        if times is not None:
            given = [_copied(blocks, place) for place in range(count)]
        self.blocks, self.least = given, least
        self.supports_masking = not self.without_masks()

    def number(self, position: int) -> int:
        """The number of blocks of the option at a position."""
        return int(self.options[position])

    def compute(self, position: int, inputs: Any, *others: Any, **kwargs: Any) -> Any:
        """The answer of the last of so many blocks."""
        for block in self.blocks[: self.number(position)]:
            inputs = block(inputs, *others, **kwargs)
        return inputs

    def compute_all(self, inputs: Any, *others: Any, **kwargs: Any) -> list[Any]:
        """The answers after each number of blocks; each block is computed once."""
        answers = [inputs]
        for block in self.blocks:
            answers.append(block(answers[-1], *others, **kwargs))
        return [answers[self.number(position)] for position in range(len(self.options))]

    def kept(self, position: int) -> list[keras.layers.Layer]:
        """So many first blocks."""
        return self.blocks[: self.number(position)]

    def closed(self, position: int, copy: Copy) -> Callable[..., Any]:
        """Copies of so many first blocks, of the layer's name and their places."""
        copies = [
            copy(block, f"{self.name}_{place}") for place, block in enumerate(self.kept(position))
        ]

        def run(inputs: Any, *others: Any, **kwargs: Any) -> Any:
            for block in copies:
                inputs = block(inputs, *others, **kwargs)
            return inputs

        return run

    def without_masks(self) -> list[str]:
        """The blocks that take no mask."""
        return [block.name for block in self.blocks if not block.supports_masking]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        blocks = [keras.saving.serialize_keras_object(block) for block in self.blocks]
        return {**super().get_config(), "blocks": blocks, "least": self.least}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Repeat:
        """Restores the layer from `get_config`."""
        blocks = [keras.saving.deserialize_keras_object(block) for block in config["blocks"]]
        return cls(**{**config, "blocks": blocks})


def _copied(layer: keras.layers.Layer, place: int) -> keras.layers.Layer:
    config = {**layer.get_config(), "name": f"{layer.name}_{place}"}
    return type(layer).from_config(config)
