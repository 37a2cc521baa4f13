# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A table of what architectures are worth, measured by others once and for all.

NAS-Bench-201 (Dong and Yang, ICLR 2020; arXiv 2001.00326) trained every cell of its space, so that
what a search finds there needs no training to be judged. Nothing of the table reaches a search: it
is looked into for people, after the fact.
"""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from etils import epath

from snas_tf.errors import InvalidInput
from snas_tf.evaluation import architecture_keys, table_file
from snas_tf.evaluation.evaluator import Parent
from snas_tf.space import Architecture

_ACCURACY = "accuracy"
_FIRST = ("test_accuracy", "validation_accuracy")


class Table:
    """Metrics by architecture; call it with an architecture to get its own.

    Attributes:
        name: What to call it, the file's name.
        metrics: The names of the metrics.

    Args:
        architectures: A row each: architectures, their JSON, or cell strings of NAS-Bench-201.
        metrics: {name: (rows,) finite numbers}.
        name: What to call it.

    Raises:
        InvalidInput: A row is no architecture, or one stands twice.
    """

    def __init__(
        self,
        architectures: Sequence[Architecture | str | bytes],
        metrics: Mapping[str, np.ndarray],
        *,
        name: str = "the table",
    ) -> None:
        self.name = name
        self.metrics = tuple(metrics)
        self._values = {
            metric: np.asarray(values, np.float64) for metric, values in metrics.items()
        }
        self._rows: dict[str, int] = {}
        for row, architecture in enumerate(architectures):
            try:
                key = architecture_keys.key(architecture)
            except InvalidInput as error:
                raise InvalidInput(f"row {row} of {name}: {error}") from error
            if self._rows.setdefault(key, row) != row:
                raise InvalidInput(
                    f"{name} must have every architecture once: {key} stands in rows "
                    f"{self._rows[key]} and {row}"
                )
        self._keys = tuple(self._rows)

    @classmethod
    def load(cls, path: epath.PathLike) -> Table:
        """Reads a file.

        Args:
            path: An .npz of the arrays `architecture` (texts) and metrics by name (numbers, a row
                an architecture; of several columns each is a metric of its own), or a .csv with
                such columns and a header. Arrays of other texts name the columns.

        Returns:
            The table.

        Raises:
            InvalidInput: It is no such file; the message says what is expected.
        """
        content = table_file.read(path)
        return cls(content.architectures, content.metrics, name=pathlib.PurePath(path).name)

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        """The canonical texts of the architectures, in the order of the rows."""
        return iter(self._keys)

    def __contains__(self, architecture: Architecture | str | bytes) -> bool:
        return self._row(architecture) is not None

    def __call__(self, architecture: Architecture | str | bytes) -> dict[str, float]:
        """The metrics of an architecture.

        Args:
            architecture: Itself, its JSON, or its cell string of NAS-Bench-201.

        Returns:
            {metric: value}.

        Raises:
            InvalidInput: The table lacks it.
        """
        row = self._known_row(architecture)
        return {metric: float(values[row]) for metric, values in self._values.items()}

    def evaluate(
        self, architecture: Architecture, *, seed: int = 0, parent: Parent | None = None
    ) -> dict[str, float]:
        """The metrics of an architecture, as an `Evaluator` gives them.

        Args:
            architecture: As for a call.
            seed: Changes nothing.
            parent: Changes nothing.

        Raises:
            InvalidInput: The table lacks it.
        """
        del seed, parent
        return self(architecture)

    def column(self, metric: str) -> np.ndarray:
        """A metric of all architectures.

        Args:
            metric: One of `metrics`.

        Returns:
            float64 (rows,), in the order of iteration; a copy.

        Raises:
            InvalidInput: The table has no such metric.
        """
        if metric not in self._values:
            raise InvalidInput(
                f"{self.name} has no metric {metric!r}: it has {', '.join(self.metrics)}"
            )
        return self._values[metric].copy()

    @property
    def accuracies(self) -> tuple[str, ...]:
        """The metrics that are accuracies, that of test images first if there is one.

        They are those with "accuracy" in their names; the first is what ranks are by, unless said
        otherwise.
        """
        found = [metric for metric in self.metrics if _ACCURACY in metric]
        return tuple(
            sorted(found, key=lambda metric: _FIRST.index(metric) if metric in _FIRST else 2)
        )

    def rank(self, architecture: Architecture | str | bytes, metric: str | None = None) -> int:
        """The place of an architecture, 1 for the greatest value; equal values share the better.

        Args:
            architecture: As for a call.
            metric: What to rank by; None for the first of `accuracies`.

        Raises:
            InvalidInput: The table lacks the architecture or the metric.
        """
        row, values = self._known_row(architecture), self.column(self._or_first(metric))
        return 1 + int(np.count_nonzero(values > values[row]))

    def best(
        self,
        metric: str | None = None,
        *,
        within: Mapping[str, float] | None = None,
        keeps: Callable[[str], bool] | None = None,
    ) -> str | None:
        """The architecture with the greatest value, within a budget if one is given.

        Args:
            metric: What is to be great; None for the first of `accuracies`.
            within: {metric: upper limit}, of the table's own metrics.
            keeps: Whether an architecture, given by its canonical text, keeps to a budget that the
                table knows nothing of; asked from the greatest value downwards.

        Returns:
            Its canonical text; the first of equals. None if no architecture keeps to the budget.

        Raises:
            InvalidInput: The table lacks a metric.
        """
        values = self.column(self._or_first(metric))
        allowed = np.ones(len(self), bool)
        for name, limit in (within or {}).items():
            allowed &= self.column(name) <= limit
        for row in np.argsort(-values, kind="stable"):
            if allowed[row] and (keeps is None or keeps(self._keys[row])):
                return self._keys[row]
        return None

    def _or_first(self, metric: str | None) -> str:
        if metric is not None:
            return metric
        if not self.accuracies:
            raise InvalidInput(
                f"{self.name} must have an accuracy, a metric with that word in its name: it has "
                f"{', '.join(self.metrics)}"
            )
        return self.accuracies[0]

    def _row(self, architecture: Architecture | str | bytes) -> int | None:
        return self._rows.get(architecture_keys.key(architecture))

    def _known_row(self, architecture: Architecture | str | bytes) -> int:
        row = self._row(architecture)
        if row is None:
            raise InvalidInput(
                f"{self.name} lacks the architecture {architecture_keys.key(architecture)}: it has "
                f"{len(self):,} others"
            )
        return row
