# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The best of some candidates is chosen, each judged once, within the limits."""

import math

import pytest

from snas_tf import evaluation, space
from snas_tf.errors import Failure, InvalidInput
from snas_tf.evaluation import derivation
from tests.planted import COSTS, SPACE, Planted, batches, misled


def searched(bounds=(), seed=0):
    return derivation.Searched(
        probabilities=misled(0.5), supernet=Planted(), bounds=bounds, seed=seed
    )


class Given:
    """An evaluator that says what it is told to of the first place's option."""

    def __init__(self, **values):
        self.values = values
        self.asked = []

    def evaluate(self, architecture, *, seed, parent=None):
        self.asked.append((architecture, seed))
        found = self.values[architecture["first"][0]]
        if found is None:
            raise Failure("it cannot tell the images apart")
        return found


def test_samples_are_judged_by_the_supernet_itself():
    state = searched()
    choice = derivation.Best(
        derivation.drawn, evaluation.WeightSharing(state.supernet, batches()), count=18
    )
    found = choice.derive(state)
    assert isinstance(choice, derivation.Derivation)
    assert "useful" in found.architecture["first"]
    worth = [one.metrics["accuracy"] for one in found.candidates]
    assert worth == sorted(worth, reverse=True) and worth[0] == 1.0 > worth[-1]
    assert {one.architecture for one in found.candidates} == {*derivation.drawn(state, 18)}
    assert choice.derive(state) == found
    assert found.told == f"the best of {len(worth)} by accuracy"


def test_another_seed_draws_others():
    assert derivation.drawn(searched(), 4) == derivation.drawn(searched(), 4)
    assert derivation.drawn(searched(), 4) != derivation.drawn(searched(seed=1), 4)


def test_candidates_keep_to_the_limits():
    bounds = space.limits(space.Budget(operations=4), COSTS)
    state = searched(bounds)
    for choose in (derivation.drawn, derivation.most_probable):
        choice = derivation.Best(
            choose, evaluation.WeightSharing(state.supernet, batches()), count=99
        )
        found = choice.derive(state)
        assert 3 < len(found.candidates) < 18
        for one in found.candidates:
            assert all(limit.keeps(limit.cost(one.architecture, SPACE)) for limit in bounds)


def test_of_equals_the_more_probable_is_taken():
    evaluator = Given(idle={"accuracy": 0.5}, useful={"accuracy": 0.5}, harmful={"accuracy": 0.4})
    found = derivation.Best(derivation.most_probable, evaluator, count=6).derive(searched(seed=7))
    assert found.architecture == space.derive(misled(0.5), SPACE)
    assert {seed for _, seed in evaluator.asked} == {7}
    assert len(evaluator.asked) == len({one for one, _ in evaluator.asked}) == 6


def test_several_metrics_count_by_their_ranks():
    evaluator = Given(
        idle={"naswot": 1.0, "synflow": 1.0},
        useful={"naswot": 2.0, "synflow": 3e9},
        harmful={"naswot": 3.0, "synflow": -math.inf},
    )
    choice = derivation.Best(
        derivation.most_probable, evaluator, count=18, metrics=("naswot", "synflow")
    )
    found = choice.derive(searched())
    assert found.architecture["first"][0] == "useful"
    assert found.told == "the best of 18 by naswot and synflow"


def test_what_cannot_be_judged_is_worth_less_than_all_others():
    evaluator = Given(idle=None, useful={"accuracy": 0.1}, harmful=None)
    found = derivation.Best(derivation.most_probable, evaluator, count=18).derive(searched())
    assert found.architecture["first"][0] == "useful"
    assert found.candidates[-1].metrics == {"accuracy": -math.inf}


def test_progress_is_told():
    told = []
    evaluator = Given(**dict.fromkeys(("idle", "useful", "harmful"), {"accuracy": 0.1}))
    derivation.Best(
        derivation.most_probable, evaluator, count=2, tell=lambda *n: told.append(n)
    ).derive(searched())
    assert told == [(1, 2), (2, 2)]


def test_what_reads_the_probabilities_judges_nothing():
    found = derivation.Read().derive(searched())
    assert (found.architecture, found.candidates) == (space.derive(misled(0.5), SPACE), ())
    bounds = space.limits(space.Budget(operations=1), COSTS)
    within = derivation.Read().derive(searched(bounds)).architecture
    assert within == space.derive(misled(0.5), SPACE, bounds=bounds)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"count": 0}, "`count` .* at least 1: given 0"),
        ({"count": 1.5}, "`count` .* whole number"),
        ({"metrics": ()}, "`metrics` must name at least one"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(InvalidInput, match=message):
        derivation.Best(derivation.drawn, Given(), **arguments)


def test_a_metric_that_is_not_measured_is_refused_by_those_that_are():
    evaluator = Given(**dict.fromkeys(("idle", "useful", "harmful"), {"accuracy": 0.1}))
    choice = derivation.Best(derivation.drawn, evaluator, metrics=("loss",))
    with pytest.raises(InvalidInput, match="some of accuracy: given loss"):
        choice.derive(searched())
