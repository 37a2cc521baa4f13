# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Sequential search: one decision after another, each with those before it settled.

A joint search asks for an option of every decision at once; where they differ in kind, such as a
resolution, kernel sizes and depths, they can be decided in turn ("Bag of tricks for neural
architecture search", arXiv 2107.03719). While one is learnt, those that come later are drawn as
their logits say, which at the start is uniformly, and those before are what was found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.search.snas import Snas

_SURE = 40.0  # of a logit over the others: e^-40 is less than float32 tells from nothing


def fit_in_sequence(
    search: Snas, groups: Sequence[str | Sequence[str]], x: Any, *args: Any, **kwargs: Any
) -> list[keras.callbacks.History]:
    """Calls `search.fit` once for every group of decisions, and settles each before the next.

    The weights learn all the time. What the search keeps by steps, such as its temperature, goes
    on from group to group: give it a schedule that begins anew, or none.

    Args:
        search: The search, compiled with all of its logits trainable.
        groups: The decisions in their order, each by its name or several together; all that have a
            part in the network, each once.
        x: As for `fit`.
        *args: As for `fit`.
        **kwargs: As for `fit`, of every group; `epochs` are those of a group.

    Returns:
        What every `fit` returned. Afterwards all logits can learn again, and each row is settled.

    Raises:
        InvalidInput: A decision is missing, unknown or named twice.
    """
    order = [[group] if isinstance(group, str) else [*group] for group in groups]
    _check(order, search)
    logits, histories = search.architecture.logits, []
    try:
        for names in order:
            for name, variable in logits.items():
                variable.trainable = name in names
            histories.append(search.fit(x, *args, **kwargs))
            for name, rows in _found(search, names):
                logits[name].assign(_SURE * rows)
    finally:
        for variable in logits.values():
            variable.trainable = True
    return histories


def _check(order: Sequence[Sequence[str]], search: Snas) -> None:
    there = search.supernet.costs.uses
    given = [name for names in order for name in names]
    if sorted(given) != sorted(there):
        told = ", ".join(given) or "none"
        raise InvalidInput(f"`groups` must name each of {', '.join(there)} once: given {told}")


def _found(search: Snas, names: Sequence[str]) -> Iterator[tuple[str, np.ndarray]]:
    """The rows of some decisions, one-hot; within a budget, with what the others may still be."""
    rows = {name: value.numpy() for name, value in search.architecture.probabilities().items()}
    bounds = search.resource_cost.limits
    found = search.supernet.space.encode(space.derive(rows, search.supernet.space, bounds=bounds))
    yield from ((name, found[name]) for name in names)
