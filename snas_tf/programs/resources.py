# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The resource constraint that a config asks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ml_collections import ConfigDict

from snas_tf import space
from snas_tf.programs.problems import Problem
from snas_tf.search import ResourceCost, Snas

DEFAULT_TARGET_WEIGHT = 1.0
"""eta where a target is set and no weight: what the excess over the target costs."""


def budget(search: ConfigDict) -> space.Budget:
    """The targets of a config's section `search`; false where there is none."""
    return space.Budget(
        parameters=search.target_parameters,
        multiply_adds=search.target_multiply_adds,
        latency=search.target_latency,
    )


def resource_weight(search: ConfigDict) -> float:
    """eta of a config's section `search`."""
    if budget(search) and not search.resource_weight:
        return DEFAULT_TARGET_WEIGHT
    return search.resource_weight


def resource_cost(search: ConfigDict, problem: Problem) -> ResourceCost:
    """The cost of a config's section `search`.

    Args:
        search: The section, checked.
        problem: What is searched.

    Returns:
        The cost.

    Raises:
        InvalidInput: The latency table is missing, of another device or another skeleton; or no
            network of the space keeps to the targets.
    """
    costs = problem.costs(search.latency_table, search.latency_device)
    return ResourceCost(
        costs,
        {name: search[f"{name}_weight"] for name in costs.names},
        form=search.resource_form,
        gradient=search.resource_gradient,
        budget=budget(search),
    )


def describe(model: Snas, genotype: space.Architecture, told: str = "") -> dict[str, Any]:
    """What became of the constraint, as plain JSON data for the report.

    Args:
        model: The model at the end of its search.
        genotype: What it found.
        told: Why it was chosen, where it was not for its probability.

    Returns:
        gradient_norms: {decision: pairs (loss, cost) a row}, {} without a constraint; target: the
        targets in words, "" without one; target_missed: whether the genotype keeps to them; and
        what `limits_of` gives.
    """
    norms = {kind: values.numpy().tolist() for kind, values in model.gradient_norms.norms.items()}
    sentence, missed = _targets(model, genotype, told)
    return {
        "gradient_norms": norms if model.resource_weight else {},
        "target": sentence,
        "target_missed": missed,
        **limits_of(model),
    }


def limits_of(model: Snas) -> dict[str, Any]:
    """The limits of a search as plain JSON data, by which a report finds what the search would."""
    return {"limits": [limit.get_config() for limit in model.resource_cost.limits]}


def in_words(limits: Iterable[space.Limit]) -> str:
    """Limits such as "40,000 parameters and 2.5 ms"; "" for none."""
    return " and ".join(_told(limit.most, limit) for limit in limits)


def _targets(model: Snas, genotype: space.Architecture, told: str) -> tuple[str, bool]:
    searched, limits = model.supernet.space, model.resource_cost.limits
    if not limits:
        return "", False
    sentence = (
        f"at most {in_words(limits)}; the network that was found has {_costs(genotype, model)}."
    )
    mode = model.architecture.genotype()
    if mode != genotype:
        changed = _changed(mode, genotype, model)
        sentence += (
            f" The most probable operations alone would have had {_costs(mode, model)}; "
            f"{told or 'the most probable network'} within the target was taken instead, {changed} "
            "choices away."
        )
    return sentence, not all(limit.keeps(limit.cost(genotype, searched)) for limit in limits)


def _changed(one: space.Architecture, other: space.Architecture, model: Snas) -> int:
    """In how many rows two architectures differ."""
    rows, others = map(model.supernet.space.encode, (one, other))
    return sum(int((rows[name] != others[name]).any(axis=1).sum()) for name in rows)


def _costs(genotype: space.Architecture, model: Snas) -> str:
    return " and ".join(
        _told(limit.cost(genotype, model.supernet.space), limit)
        for limit in model.resource_cost.limits
    )


def _told(value: float, limit: space.Limit) -> str:
    return f"{_number(value)} {limit.unit or limit.name}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
