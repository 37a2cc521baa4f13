# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a `Snas` may not be made of is refused with what was given and what may be."""

import pytest

from snas_tf import ArchitectureDistribution, ResourceCost, Snas, Supernet, space
from tests.search.small_models import CELLS, SKELETON, TINY, build, build_compiled


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"temperature": 0.0}, "`temperature` must be positive. Received: 0.0"),
        ({"temperature": -1}, "`temperature` must be positive"),
        ({"temperature": float("nan")}, "`temperature` must be positive"),
        (
            {"resource_weight": -0.1},
            "`resource_weight` must be finite and not negative. Received: -0.1",
        ),
        (
            {"estimator": "hard"},
            "`estimator` must be one of concrete, softmax, .* Received: 'hard'",
        ),
        (
            {"resource_cost": ResourceCost(space.cell_cost_table(space.CellSpace(2), SKELETON))},
            "`resource_cost` must be over the space of `supernet`",
        ),
    ],
)
def test_refuses_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        build(**arguments)


def test_refuses_an_architecture_of_another_space():
    with pytest.raises(ValueError, match="`architecture` must be over the space"):
        Snas(Supernet(CELLS, SKELETON), ArchitectureDistribution(space.CellSpace(1)))


def test_refuses_a_score_function_without_samples():
    cost = ResourceCost(space.cell_cost_table(CELLS, SKELETON), gradient="score_function")
    with pytest.raises(
        ValueError, match="with the `estimator` 'softmax', .* given 'score_function'"
    ):
        build(resource_cost=cost, estimator="softmax")


def test_refuses_a_reparametrised_cost_without_a_reparametrised_sample():
    cost = ResourceCost(space.cell_cost_table(CELLS, SKELETON), gradient="reparameterized")
    with pytest.raises(ValueError, match="`estimator` 'score_function', .* given 'repara"):
        build(resource_cost=cost, estimator="score_function")
    build(resource_cost=cost, estimator="straight_through")


@pytest.mark.parametrize("estimator", ["straight_through", "score_function"])
def test_refuses_replicas_that_would_meet_along_a_path(estimator, two_replicas):
    settings = {"estimator": estimator, "network": {"synchronized_batch_norm": True}, **TINY}
    with two_replicas.scope(), pytest.raises(ValueError, match="on 2 devices"):
        build(**settings)
    build_compiled(**settings)  # alone there is nobody to meet
    with two_replicas.scope():
        build(**{**settings, "estimator": "concrete"})
