# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What every step of a search tells of its distribution of architectures."""

from __future__ import annotations

import tensorflow as tf

from snas_tf.distribution import ArchitectureDistribution
from snas_tf.search.cost.resource_cost import ResourceCost


def architecture_metrics(
    architecture: ArchitectureDistribution, resource_cost: ResourceCost, temperature: tf.Tensor
) -> dict[str, tf.Tensor]:
    """Scalars that tell how far a search has come.

    Args:
        architecture: The distribution.
        resource_cost: The cost of the search.
        temperature: float32 scalar lambda.

    Returns:
        The temperature, the entropy of every decision that has a part in the network, the expected
        costs that are told to people, and the penalty.
    """
    probabilities, entropy = architecture.probabilities(), architecture.entropy()
    expected, costs = resource_cost.expectation(probabilities), resource_cost.costs
    return {
        "temperature": temperature,
        **{f"entropy_{name}": entropy[name] for name in costs.uses},
        **{f"expected_{name}": expected[name] for name in costs.names if name in costs.units},
        "resource_cost": resource_cost.penalty(probabilities),
    }
