# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Which of several inputs goes on, or which few of them."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import keras

from snas_tf.errors import InvalidInput
from snas_tf.layers.choices.open_layer import Copy, OpenLayer

JOINS = {"add": keras.layers.Add, "average": keras.layers.Average}
"""How several inputs are joined."""


@keras.saving.register_keras_serializable(package="snas_tf")
class InputChoice(OpenLayer):
    """Which of several inputs goes on; see `OpenLayer`. It is called with a list of them.

    Layers that only inputs lead to which were not chosen are not in the network that is found. The
    table of costs counts them as if they were, so that a budget is kept in any case.

    Args:
        inputs: The names of the inputs, or their number, for the names "0", "1", ...
        take: How many of them go on; an option is then such as "0+2".
        join: How several are joined, a key of `JOINS`.
        decision: As for `Choice`.

    Raises:
        InvalidInput: There are fewer inputs than shall go on, or the join is unknown.
    """

    def __init__(
        self,
        inputs: Sequence[str] | int,
        *,
        take: int = 1,
        join: str = "add",
        decision: str | None = None,
        **kwargs: Any,
    ) -> None:
        names = tuple(map(str, range(inputs)) if isinstance(inputs, int) else inputs)
        if join not in JOINS or not 1 <= take <= len(names):
            raise InvalidInput(
                f"`take` must be 1 to {len(names)}, the number of inputs, and `join` one of "
                f"{', '.join(JOINS)}: given take={take!r}, join={join!r}"
            )
        self._chosen = list(itertools.combinations(range(len(names)), take))
        options = ["+".join(names[place] for place in places) for places in self._chosen]
        super().__init__(options, decision, **kwargs)
        self.input_names, self.take, self.join = names, take, join

    def compute(self, position: int, inputs: Any, *others: Any, **kwargs: Any) -> Any:
        """The inputs that an option takes, joined."""
        if len(inputs) != len(self.input_names):
            raise InvalidInput(
                f"{self.name!r} must be called with a list of its {len(self.input_names)} inputs "
                f"{', '.join(self.input_names)}: given {len(inputs)}"
            )
        taken = [inputs[place] for place in self._chosen[position]]
        total = functools.reduce(keras.ops.add, taken)
        return total / len(taken) if self.join == "average" else total

    def kept(self, position: int) -> list[keras.layers.Layer]:
        """None: there are no weights in it."""
        return []

    def closed(self, position: int, copy: Copy) -> Callable[..., Any]:
        """The input that was chosen, or a layer of the choice's name that joins them."""
        places = self._chosen[position]
        if len(places) == 1:
            return lambda inputs: inputs[places[0]]
        layer = JOINS[self.join](name=self.name, dtype=self.dtype_policy)
        return lambda inputs: layer([inputs[place] for place in places])

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "inputs": list(self.input_names),
            "take": self.take,
            "join": self.join,
        }
