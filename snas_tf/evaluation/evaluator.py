# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What judges architectures for a search by trials."""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

from snas_tf.space import Architecture


class Parent(NamedTuple):
    """An evaluation that ended before, whose weights another one may start from.

    Attributes:
        architecture: What was evaluated.
        seed: The seed that it was evaluated with. No other trial of the search has it, so that
            weights can be kept by it.
    """

    architecture: Architecture
    seed: int


@runtime_checkable
class Evaluator(Protocol):
    """Judges architectures. Where it has a true attribute `inherits`, it is given parents.

    Where it has a true attribute `keeps_time`, and the search is to end at some time, `evaluate` is
    given a further argument `seconds`, how much of that is left when it begins, at least 0.

    An evaluator that goes to other processes must pickle; what it keeps there, such as weights, it
    keeps in files. One of the user's own is any object with this method; nothing is inherited.
    """

    def evaluate(
        self, architecture: Architecture, *, seed: int, parent: Parent | None = None
    ) -> dict[str, float]:
        """The metrics of an architecture.

        Args:
            architecture: What is to be judged.
            seed: Of all chance in it, in [0, 2^31): the same one gives the same metrics.
            parent: Where to start from; None for a fresh start, always without `inherits`.

        Returns:
            {metric: finite number}, each in its own unit; at least one.

        Raises:
            Exception: The evaluation failed; a search tells it, tries once more and goes on.
        """
        ...
