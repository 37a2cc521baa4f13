# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a search may decide, whatever it builds: decisions, architectures and the spaces of both.

A space of the user's own is any object with these methods; nothing is inherited or registered. To
be saved within a model it needs `get_config` and `from_config` too, as Keras's objects have them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol, TypeVar, runtime_checkable

import numpy as np

from snas_tf.errors import InvalidInput

A = TypeVar("A", bound="Architecture")


@dataclasses.dataclass(frozen=True, slots=True)
class Decision:
    """Rows that share one list of options; one option is chosen in every row.

    Attributes:
        name: What samples are keyed by, such as "normal" or "block1".
        places: The rows, by name, such as "0->2"; a row of logits each.
        options: The columns, by name, such as "skip_connect".

    Raises:
        InvalidInput: A name is empty or stands twice, or there is no place or no option.
    """

    name: str
    places: tuple[str, ...]
    options: tuple[str, ...]

    if TYPE_CHECKING:  # what may be given, which is more than what is kept

        def __init__(self, name: str, places: Iterable[str], options: Iterable[str]) -> None: ...

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise InvalidInput(f"`name` of a decision must be a text: given {self.name!r}")
        for field in ("places", "options"):
            given = getattr(self, field)
            names = () if isinstance(given, str) else tuple(given)
            texts = all(isinstance(name, str) and name for name in names)
            if not names or not texts or len({*names}) < len(names):
                raise InvalidInput(
                    f"`{field}` of the decision {self.name!r} must be different names, at least "
                    f"one: given {given!r}"
                )
            object.__setattr__(self, field, names)

    @property
    def shape(self) -> tuple[int, int]:
        """Of its logits and samples: (places, options)."""
        return len(self.places), len(self.options)


class Architecture(Protocol):
    """What a space holds: immutable, hashable, equal where it is the same. `Genotype` is one."""

    def to_json(self) -> str:
        """The architecture as JSON, which `Space.from_json` reads."""
        ...


@runtime_checkable
class Space(Protocol[A]):
    """What searchers by trials need of a space."""

    def sample(self, rng: np.random.Generator) -> A:
        """An architecture, every decision uniform."""
        ...

    def mutate(self, architecture: A, rng: np.random.Generator) -> A:
        """Another architecture, one small change away."""
        ...

    def from_json(self, text: str) -> A:
        """Reads what an architecture's `to_json` wrote; raises `InvalidInput` for anything else."""
        ...


@runtime_checkable
class DecisionSpace(Space[A], Protocol[A]):
    """What a distribution needs of a space: a fixed number of choices, each among a few options.

    It may have more, of which warnings and reports make use:
        title(decision): What people call a decision, such as "normal cell"; see `title`.
        grid(decision): Where its places stand in charts, a `Grid`.
        defects(architecture, decision): What is wrong with a decision that a search has made, pairs
            of a name and of a sentence that says what to do.
    """

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """All decisions, in the order of their logits; names differ."""
        ...

    def encode(self, architecture: A) -> dict[str, np.ndarray]:
        """The decisions of an architecture, {name: float32 (places, options)}, one-hot rows."""
        ...

    def decode(self, scores: Mapping[str, np.ndarray], rule: str = "argmax") -> A:
        """The architecture that scores choose, {name: (places, options)}.

        Under "argmax" it is the option with the highest score in every row, the first of equals;
        a space may have further rules. Raises `InvalidInput` for other rules, shapes, and NaN.
        """
        ...


def title(space: DecisionSpace, decision: str) -> str:
    """What people call a decision: as its space does, else by its name."""
    if hasattr(space, "title"):
        return space.title(decision)
    return f"decision {decision}"
