# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What hurts most when it is missing is found, whatever the probabilities say, within limits."""

import numpy as np
import pytest

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.evaluation import derivation
from snas_tf.search.estimators import named
from tests.planted import COSTS, OPTIONS, SPACE, Planted, batches, misled

ESTIMATORS = {
    "the mixture": {},
    "concrete": {"draw": named("concrete").draw, "temperature": 0.3},
    "one-hot": {"draw": named("score_function").draw, "one_hot": True},
}


def searched(bounds=(), seed=0, **arguments):
    return derivation.Searched(
        probabilities=misled(**arguments), supernet=Planted(), bounds=bounds, seed=seed
    )


@pytest.mark.parametrize("name", ESTIMATORS)
def test_the_useful_option_is_found_though_the_probabilities_speak_against_it(name):
    strength = 0.9 if name == "the mixture" else 0.6
    assert space.derive(misled(strength), SPACE)["first"] == ("idle", "idle")
    told = []
    choice = derivation.Perturbation(
        batches(12), tell=lambda *n: told.append(n), **ESTIMATORS[name]
    )
    assert isinstance(choice, derivation.Derivation)
    found = choice.derive(searched(strength=strength)).architecture
    assert found["first"] == ("useful", "useful")
    assert found["unused"] == ("harmful",)  # by its probability: no data can tell
    assert told == [(number, 3) for number in (1, 2, 3)]


def test_what_is_found_keeps_to_the_limits():
    bounds = space.limits(space.Budget(operations=6), COSTS)
    found = derivation.Perturbation(batches()).derive(searched(bounds)).architecture
    assert sorted(found["first"]).count("useful") == 1  # two of them cost 10
    assert all(limit.keeps(limit.cost(found, SPACE)) for limit in bounds)


def test_limits_that_exclude_each_other_are_refused_before_anything_is_computed():
    tables = {d.name: np.zeros(d.shape) for d in SPACE.decisions}
    impossible = (space.Limit("operations", 1.0, 2.0, tables),)
    with pytest.raises(InvalidInput, match="No network"):
        derivation.Perturbation(None).derive(searched(impossible))


def test_the_supernet_learns_between_two_decisions_under_what_is_decided():
    seen = []

    def tune(supernet, architecture):
        supernet.scale.assign_add(1.0)
        seen.append(architecture.probabilities()["first"].numpy())

    state = searched()
    derivation.Perturbation(batches(), tune=tune).derive(state)
    assert float(state.supernet.scale) == 3.0  # for `first` alone: the other has no part
    useful = np.eye(3)[OPTIONS.index("useful")]
    assert sum(np.allclose(row, useful) for row in seen[0]) == 1
    np.testing.assert_allclose(seen[1], [useful] * 2)


def test_the_order_of_the_places_follows_from_the_seed():
    def first_decided(seed):
        order = []
        note = lambda supernet, architecture: order.append(  # noqa: E731
            architecture.probabilities()["first"].numpy().max(axis=1).argmax()
        )
        derivation.Perturbation(batches(1), tune=note).derive(searched(seed=seed))
        return order[0]

    orders = [first_decided(seed) for seed in (0, 0, 1, 2, 3, 4)]
    assert orders[0] == orders[1] and len({*orders}) == 2
