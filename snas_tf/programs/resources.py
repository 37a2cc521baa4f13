# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The resource constraint that a config asks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ml_collections import ConfigDict

from snas_tf import space
from snas_tf.search import ResourceCost, Snas

_UNITS = {"parameters": "parameters", "multiply_adds": "multiply-adds", "latency": "ms"}
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


def resource_cost(
    search: ConfigDict, cells: space.CellSpace, skeleton: space.Skeleton
) -> ResourceCost:
    """The cost of a config's section `search`.

    Args:
        search: The section, checked.
        cells: The cell space.
        skeleton: The plan of the supernet, which the child shares.

    Returns:
        The cost.

    Raises:
        InvalidInput: The latency table is missing, of another device or another skeleton; or no
            network of the space keeps to the targets.
    """
    weights = (
        search.parameters_weight,
        search.multiply_adds_weight,
        search.memory_access_weight,
        search.latency_weight,
    )
    settings = {
        "form": search.resource_form,
        "gradient": search.resource_gradient,
        "budget": budget(search),
    }
    if not search.latency_table:
        return ResourceCost(cells, skeleton, weights[:3], **settings)
    table = space.LatencyTable.load(search.latency_table)
    table.check_device(search.latency_device or _this_device())
    return ResourceCost.from_latency_table(cells, skeleton, table, weights, **settings)


def describe(model: Snas, genotype: space.Genotype) -> dict[str, Any]:
    """What became of the constraint, as plain JSON data for the report.

    Args:
        model: The model at the end of its search.
        genotype: What it found.

    Returns:
        gradient_norms: {kind: rows (loss, cost) an edge}, {} without a constraint; target: the
        targets in words, "" without one; target_missed: whether the genotype keeps to them; and
        what `limits_of` gives.
    """
    norms = {kind: values.numpy().tolist() for kind, values in model.gradient_norms.norms.items()}
    sentence, missed = _targets(model, genotype)
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
    return " and ".join(f"{_number(limit.most)} {_UNITS[limit.name]}" for limit in limits)


def _targets(model: Snas, genotype: space.Genotype) -> tuple[str, bool]:
    cells, limits = model.supernet.cells, model.resource_cost.limits
    if not limits:
        return "", False
    sentence = (
        f"at most {in_words(limits)}; the network that was found has {_costs(genotype, model)}."
    )
    mode = model.architecture.genotype()
    if mode != genotype:
        changed = sum(
            len({*mode.connections(kind)} ^ {*genotype.connections(kind)}) for kind in space.KINDS
        )
        sentence += (
            f" The most probable operations alone would have had {_costs(mode, model)}; the most "
            f"probable network within the target was taken instead, {changed} connections away."
        )
    return sentence, not all(limit.keeps(limit.cost(genotype, cells)) for limit in limits)


def _costs(genotype: space.Genotype, model: Snas) -> str:
    return " and ".join(
        f"{_number(limit.cost(genotype, model.supernet.cells))} {_UNITS[limit.name]}"
        for limit in model.resource_cost.limits
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _this_device() -> str:
    from snas_tf.networks import device_name

    return device_name()
