# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The space of all combinations of some decisions, where none rules out another."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from snas_tf.errors import InvalidInput
from snas_tf.space import json_record
from snas_tf.space.decision import Decision

SCHEMA_VERSION = 1


@dataclasses.dataclass(frozen=True, slots=True)
class Selection:
    """An architecture of a `ProductSpace`: the option that was chosen in every place.

    Attributes:
        chosen: (decision, its options place by place) pairs; given as {decision: options} too.
    """

    chosen: tuple[tuple[str, tuple[str, ...]], ...]

    if TYPE_CHECKING:  # what may be given, which is more than what is kept

        def __init__(
            self, chosen: Mapping[str, Iterable[str]] | Iterable[tuple[str, Iterable[str]]]
        ) -> None: ...

    def __post_init__(self) -> None:
        pairs = self.chosen.items() if isinstance(self.chosen, Mapping) else self.chosen
        object.__setattr__(self, "chosen", tuple((name, tuple(options)) for name, options in pairs))

    def __getitem__(self, decision: str) -> tuple[str, ...]:
        return dict(self.chosen)[decision]

    def to_json(self) -> str:
        """The selection as JSON: the schema's version, and the options of every decision."""
        data = {json_record.VERSION: SCHEMA_VERSION, "chosen": dict(self.chosen)}
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Selection:
        """Reads what `to_json` wrote, of whatever space.

        Args:
            text: JSON.

        Raises:
            InvalidInput: It is no selection.
        """
        chosen = json_record.read(text, "a selection", SCHEMA_VERSION).get("chosen")
        if not isinstance(chosen, dict):
            raise InvalidInput(f"a selection must have the object chosen: given {chosen!r:.80}")
        if not all(isinstance(options, list) for options in chosen.values()):
            raise InvalidInput(f"`chosen` must hold lists of options: given {chosen!r:.80}")
        return cls(chosen)


@dataclasses.dataclass(frozen=True, slots=True)
class ProductSpace:
    """A `DecisionSpace` whose architectures are `Selection`s.

    Attributes:
        decisions: The decisions, at least one, with different names.

    Raises:
        InvalidInput: There is no decision, or two have one name.
    """

    decisions: tuple[Decision, ...]

    if TYPE_CHECKING:  # what may be given, which is more than what is kept

        def __init__(self, decisions: Iterable[Decision]) -> None: ...

    def __post_init__(self) -> None:
        object.__setattr__(self, "decisions", tuple(self.decisions))
        names = [decision.name for decision in self.decisions]
        if not names or len({*names}) < len(names):
            raise InvalidInput(
                f"`decisions` must be at least one, with different names: given {names}"
            )

    def encode(self, architecture: Selection) -> dict[str, np.ndarray]:
        """The decisions of an architecture, what `decode` reads it off.

        Args:
            architecture: A selection of this space.

        Returns:
            {decision: float32 (places, options)}, one-hot rows.

        Raises:
            InvalidInput: The selection is of another space.
        """
        self._check(architecture)
        return {
            decision.name: np.eye(len(decision.options), dtype=np.float32)[
                [decision.options.index(option) for option in architecture[decision.name]]
            ]
            for decision in self.decisions
        }

    def decode(self, scores: Mapping[str, np.ndarray], rule: str = "argmax") -> Selection:
        """The option with the highest score in every place; ties go to the first.

        Args:
            scores: {decision: (places, options)}.
            rule: "argmax"; there is no other.

        Returns:
            The selection.

        Raises:
            InvalidInput: The rule is unknown, or an array has another shape or holds NaN.
        """
        if rule != "argmax":
            raise InvalidInput(f"`rule` must be argmax: given {rule!r}")
        chosen = {}
        for decision in self.decisions:
            values = np.asarray(scores[decision.name])
            if values.shape != decision.shape or np.isnan(values).any():
                raise InvalidInput(
                    f"`scores` of the decision {decision.name!r} must be {decision.shape} numbers "
                    f"(places, options): given {values.shape}"
                    + (" with NaN" if values.shape == decision.shape else "")
                )
            chosen[decision.name] = [decision.options[column] for column in values.argmax(axis=1)]
        return Selection(chosen)

    def sample(self, rng: np.random.Generator) -> Selection:
        """A selection with one of the options in every place, all as likely.

        Args:
            rng: Where the chance comes from.
        """
        return self.decode({d.name: rng.random(d.shape) for d in self.decisions})

    def mutate(self, architecture: Selection, rng: np.random.Generator) -> Selection:
        """A selection with another option in one place, all such places as likely.

        Args:
            architecture: A selection of this space.
            rng: Where the chance comes from.

        Returns:
            The selection; the same in a space that leaves nothing to choose.

        Raises:
            InvalidInput: The selection is of another space.
        """
        rows = self.encode(architecture)
        places = [
            (d.name, place)
            for d in self.decisions
            for place in range(len(d.places))
            if len(d.options) > 1
        ]
        if places:
            name, place = places[rng.integers(len(places))]
            scores = rng.random(rows[name].shape[1])
            scores[rows[name][place].argmax()] = -1.0
            rows[name][place] = scores
        return self.decode(rows)

    def from_json(self, text: str) -> Selection:
        """Reads what `Selection.to_json` wrote.

        Args:
            text: JSON.

        Raises:
            InvalidInput: It is no selection, or one of another space.
        """
        chosen = dict(Selection.from_json(text).chosen)
        selection = Selection({d.name: chosen.pop(d.name, ()) for d in self.decisions})
        if chosen:
            raise InvalidInput(f"the space must have the decisions {', '.join(chosen)}: it has not")
        self._check(selection)
        return selection

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain data."""
        return {
            "decisions": [[d.name, list(d.places), list(d.options)] for d in self.decisions],
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> ProductSpace:
        """Restores the space from `get_config`."""
        return cls(tuple(Decision(*fields) for fields in config["decisions"]))

    def _check(self, architecture: Selection) -> None:
        given = dict(architecture.chosen)
        for decision in self.decisions:
            options: Sequence[str] = given.pop(decision.name, ())
            known = all(option in decision.options for option in options)
            if len(options) != len(decision.places) or not known:
                raise InvalidInput(
                    f"the decision {decision.name!r} must choose, in each of "
                    f"{len(decision.places)} places, one of {', '.join(decision.options)}: given "
                    f"{', '.join(map(str, options)) or 'nothing'}"
                )
        if given:
            raise InvalidInput(f"the space must have the decisions {', '.join(given)}: it has not")
