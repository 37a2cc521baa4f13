# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The resource constraint that a config asks for."""

from __future__ import annotations

from ml_collections import ConfigDict

from snas_tf import space
from snas_tf.search import ResourceCost

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


def target_sentence(
    search: ConfigDict, genotype: space.Genotype, cells: space.CellSpace, cost: ResourceCost
) -> tuple[str, bool]:
    """Whether a network keeps to the targets, in words.

    Args:
        search: The config's section.
        genotype: What was found.
        cells: The cell space.
        cost: From `resource_cost`.

    Returns:
        A sentence, "" without a target, and whether a target is missed.
    """
    del search
    words, missed = [], False
    units = {"parameters": "parameters", "multiply_adds": "multiply-adds", "latency": "ms"}
    for limit in cost.limits:
        value = limit.cost(genotype, cells)
        missed |= value > limit.most
        relation = "MISSED: more than" if value > limit.most else "within"
        words.append(
            f"{_number(value)} {units[limit.name]}, {relation} the target of {_number(limit.most)}"
        )
    return "; ".join(words), missed


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _this_device() -> str:
    from snas_tf.networks import device_name

    return device_name()
