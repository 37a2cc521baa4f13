# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What open sizes cost, as a sum over decisions.

A weight has the product of the lengths of its axes. Where two decisions have a say in it, as the
widths before and after a convolution have, the product is no sum over them, and a budget could not
be kept by a table. In its place stands the least bound of its kind that treats them alike, the mean
of powers: with each factor x_i as a part of its greatest,

    prod_i x_i <= (1/n) sum_i x_i^n.

It is exact where all have the same part of their greatest, so also where one decision alone has a
say, and never too small: what is found keeps to a budget in any case.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import keras
import numpy as np

from snas_tf.errors import InvalidInput
from snas_tf.networks.choices.size_plan import Cut, SizePlan

_Counts = tuple[int, dict[str, np.ndarray]]


def size_costs(plan: SizePlan, added: dict[str, np.ndarray], cost: str) -> float:
    """Adds what the options of open sizes cost to what options add.

    Layers within options of a `Choice` are left at their greatest.

    Args:
        plan: Where the sizes reach.
        added: {decision: float64 (options,)}, which is changed.
        cost: "parameters" or "multiply_adds".

    Returns:
        How much less all networks share than where everything is counted at its greatest: at most
        zero.

    Raises:
        InvalidInput: A shape is not known in advance.
    """
    shared = 0.0
    for positions, lengths in _products(plan, cost):
        shared -= positions * math.prod(fixed + _most(open_) for fixed, open_ in lengths)
        for coefficient, factors in _terms(lengths):
            if not factors:
                shared += positions * coefficient
                continue
            most = {decision: float(factor.max()) for decision, factor in factors.items()}
            whole = positions * coefficient * math.prod(most.values()) / len(factors)
            for decision, factor in factors.items():
                added[decision] += whole * (factor / most[decision]) ** len(factors)
    return shared


def _products(plan: SizePlan, cost: str) -> Iterator[tuple[int, list[_Counts]]]:
    """(how often, lengths of the axes) of what is counted."""
    if cost == "parameters":
        cuts = {id(cut): cut for cut, _ in plan.calls}.values()
        for cut in cuts:
            for name in (*cut.rule.kernels, *cut.rule.others):
                variable = getattr(cut.layer, name, None)
                if isinstance(variable, keras.Variable) and variable.trainable:
                    yield 1, cut.sizes(name)
        return
    for cut, shape in plan.calls:
        for name in cut.rule.kernels:
            yield _positions(cut, shape), cut.sizes(name)


def _positions(cut: Cut, shape: tuple[int | None, ...]) -> int:
    """At how many positions of its answer a layer multiplies with its kernels."""
    if None in shape[1:]:
        raise InvalidInput(
            f"the shape that {cut.layer.name!r} answers must be known: given {shape}"
        )
    return math.prod(shape[1:-1])


def _most(open_: dict[str, np.ndarray]) -> int:
    return sum(int(count.max()) for count in open_.values())


def _terms(lengths: list[_Counts]) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
    """A product of sums as a sum of products: (coefficient, {decision: its factor}) of each."""
    parts = [[(fixed, None), *((1, item) for item in open_.items())] for fixed, open_ in lengths]
    for term in itertools.product(*parts):
        coefficient = math.prod(number for number, _ in term)
        factors: dict[str, np.ndarray] = {}
        for item in (item for _, item in term if item is not None):
            decision, count = item
            factors[decision] = factors.get(decision, 1) * count.astype(float)
        if coefficient:
            yield coefficient, factors
