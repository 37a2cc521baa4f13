# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How long the options of a model with choices take on one device, as it was measured there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from snas_tf.errors import InvalidInput
from snas_tf.space.decision import DecisionSpace
from snas_tf.space.latency_record import LatencyRecord, is_of, refuse_twice
from snas_tf.space.product_space import Selection

_ENTRY = {"decision": str, "option": str, "milliseconds": float}


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionLatencies(LatencyRecord):
    """Measured latencies of options, beyond the quickest of their decision, in milliseconds.

    Attributes:
        fixed: What a network of all the quickest takes.
        milliseconds: {(decision, option): how much longer it takes}.

    Raises:
        InvalidInput: A value is out of range.
    """

    fields: ClassVar[Mapping[str, type]] = {"fixed": float}

    fixed: float
    milliseconds: Mapping[tuple[str, str], float]

    def measured(self) -> Iterable[tuple[Any, float]]:
        """See `LatencyRecord`."""
        return (("fixed", self.fixed), *self.milliseconds.items())

    def added(self, space: DecisionSpace) -> dict[str, np.ndarray]:
        """What each option of a space adds.

        Args:
            space: The space, of decisions of one place.

        Returns:
            {decision: float64 (options,)}.

        Raises:
            InvalidInput: The table was measured for other choices.
        """
        wanted = [(each.name, option) for each in space.decisions for option in each.options]
        if {*wanted} != {*self.milliseconds}:
            decision, option = sorted({*wanted} ^ {*self.milliseconds})[0]
            raise InvalidInput(
                f"the latency table must be of the options of the model: {decision!r} with "
                f"{option!r} stands in one of both alone; do measure this model: --mode=latency "
                "with the same --config and keys"
            )
        return {
            each.name: np.array([self.milliseconds[each.name, option] for option in each.options])
            for each in space.decisions
        }

    def predict(self, architecture: Selection) -> float:
        """The latency of a network: the sum of what its options take.

        Args:
            architecture: Of the space that the table is of.

        Returns:
            Milliseconds for one batch of `batch_size` examples.
        """
        return self.fixed + sum(
            self.milliseconds[decision, options[0]] for decision, options in architecture.chosen
        )

    def entries(self) -> list[dict[str, Any]]:
        """See `LatencyRecord`: a record an option."""
        return [
            {"decision": decision, "option": option, "milliseconds": value}
            for (decision, option), value in self.milliseconds.items()
        ]

    @classmethod
    def of_entries(cls, data: dict[str, Any], entries: list[Any]) -> OptionLatencies:
        """See `LatencyRecord`."""
        for record in entries:
            if (
                not isinstance(record, dict)
                or {*record} != {*_ENTRY}
                or not all(is_of(record[name], kind) for name, kind in _ENTRY.items())
            ):
                raise InvalidInput(
                    f"an entry of a latency table of options must have {', '.join(_ENTRY)}: given "
                    f"{record!r}"
                )
        found = [((each["decision"], each["option"]), each["milliseconds"]) for each in entries]
        refuse_twice(found)
        return cls(**data, milliseconds=dict(found))
