# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What open sizes cost: exact, and as a sum over decisions.

A weight has the product of the lengths of its axes. Where two decisions have a say in it, as the
widths before and after a convolution have, the product is no sum over them: it is counted for all
ways to take both (`CostTable.joint`), up to `joint_costs.MOST_WAYS` of decisions that so hang
together, of the largest weights first. What is beyond that, and a penalty, which is a sum, have the
least bound of its kind that treats them alike, the mean of powers: with each factor x_i as a part
of its greatest,

    prod_i x_i <= (1/n) sum_i x_i^n.

It is exact where all have the same part of their greatest, so also where one decision alone has a
say, and never too small: what is found keeps to a budget in any case.
"""

from __future__ import annotations

import collections
import dataclasses
import functools
import itertools
import math
from collections.abc import Iterator, Mapping

import keras
import numpy as np

from snas_tf.errors import InvalidInput
from snas_tf.networks.choices.size_plan import Cut, SizePlan
from snas_tf.space.joint_costs import Names, Ties

_Counts = tuple[int, dict[str, np.ndarray]]
_Factors = dict[str, np.ndarray]


@dataclasses.dataclass(frozen=True)
class SizeCosts:
    """One cost of the options of open sizes, beside what everything has at its greatest.

    Attributes:
        fixed: How much less all networks share than that, at most zero.
        own: {decision: float64 (options,)}, what options add by themselves.
        joint: {decisions: float64 (options, ...)}, what the ways to take some add together.
        bound: {decision: float64 (options,)}, in place of both: a sum that is never too small.
    """

    fixed: float
    own: Mapping[str, np.ndarray]
    joint: Mapping[Names, np.ndarray]
    bound: Mapping[str, np.ndarray]


def size_costs(plan: SizePlan, cost: str, ties: Ties) -> SizeCosts:
    """What the options of open sizes cost.

    Layers within options of a `Choice` are left at their greatest.

    Args:
        plan: Where the sizes reach.
        cost: "parameters" or "multiply_adds".
        ties: The decisions that are counted together, more of them where there is room.

    Raises:
        InvalidInput: A shape is not known in advance.
    """
    fixed = 0.0
    products: dict[Names, list[_Factors]] = collections.defaultdict(list)
    for positions, lengths in _products(plan, cost):
        fixed -= positions * math.prod(of_all + _most(open_) for of_all, open_ in lengths)
        for coefficient, factors in _terms(lengths):
            if not factors:
                fixed += positions * coefficient
                continue
            names = tuple(sorted(factors))
            factors[names[0]] = factors[names[0]] * positions * coefficient
            products[names].append(factors)
    own: dict[str, np.ndarray] = collections.defaultdict(float)
    bound: dict[str, np.ndarray] = collections.defaultdict(float)
    joint = {}
    for names, terms in sorted(products.items(), key=lambda item: -_greatest(item[1])):
        for name, values in _bound(terms).items():
            bound[name] = bound[name] + values
        if len(names) > 1 and ties.tie(names):
            joint[names] = sum(_outer([factors[name] for name in names]) for factors in terms)
            continue
        for name, values in _bound(terms).items():
            own[name] = own[name] + values
    return SizeCosts(fixed, own, joint, bound)


def _outer(factors: list[np.ndarray]) -> np.ndarray:
    return functools.reduce(np.multiply.outer, factors)


def _greatest(terms: list[_Factors]) -> float:
    return sum(math.prod(float(factor.max()) for factor in factors.values()) for factors in terms)


def _bound(terms: list[_Factors]) -> dict[str, np.ndarray]:
    """The mean of powers of each product, added up; exact of one decision alone."""
    found: dict[str, np.ndarray] = collections.defaultdict(float)
    for factors in terms:
        count = len(factors)
        most = {name: float(factor.max()) for name, factor in factors.items()}
        whole = math.prod(most.values()) / count
        for name, factor in factors.items():
            found[name] = found[name] + whole * (factor / most[name]) ** count
    return found


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


def _terms(lengths: list[_Counts]) -> Iterator[tuple[int, _Factors]]:
    """A product of sums as a sum of products: (coefficient, {decision: its factor}) of each."""
    parts = [[(fixed, None), *((1, item) for item in open_.items())] for fixed, open_ in lengths]
    for term in itertools.product(*parts):
        coefficient = math.prod(number for number, _ in term)
        factors: _Factors = {}
        for item in (item for _, item in term if item is not None):
            decision, count = item
            factors[decision] = factors.get(decision, 1) * count.astype(float)
        if coefficient:
            yield coefficient, factors
