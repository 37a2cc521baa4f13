# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Searchers are pure in the trials; each keeps to its own rule."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf import black_box
from snas_tf.black_box.searcher import generator
from snas_tf.black_box.trial import Trial
from snas_tf.errors import InvalidInput
from tests.black_box import toy


def trial(number, architecture, reward):
    return Trial(number, architecture, metrics={"accuracy": reward}, rewards=(reward,))


def history(seed, count):
    """Trials of random architectures; every fourth failed, the last two still run."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        architecture = toy.SPACE.sample(rng)
        one = trial(number, architecture, sum(toy.digits(architecture)))
        if number % 4 == 3:
            one = Trial(number, architecture, failure="OSError")
        found.append(one if number < count - 2 else Trial(number, architecture))
    return found


def differences(one, other):
    return sum(a != b for a, b in zip(toy.digits(one), toy.digits(other), strict=True))


SEARCHERS = [black_box.Random(), black_box.RegularizedEvolution(5, 3)]


@pytest.mark.parametrize("searcher", SEARCHERS, ids=lambda each: type(each).__name__)
@settings(max_examples=20)
@given(seed=st.integers(0, 1000), count=st.integers(0, 12))
def test_a_proposal_is_of_the_space_and_follows_from_the_trials_alone(searcher, seed, count):
    trials = history(seed, count)
    used = [searcher.propose(trials, generator(seed, count), toy.SPACE) for _ in range(2)]
    fresh = dataclasses.replace(searcher).propose(trials, generator(seed, count), toy.SPACE)
    assert used == [fresh, fresh]
    toy.SPACE.encode(fresh)


def test_random_search_proposes_nothing_twice_until_the_space_is_used_up():
    result = black_box.search(black_box.Random(), toy.SPACE, toy.evaluate, 200, 0)
    assert len({each.architecture for each in result.trials}) == 200
    few = type(toy.SPACE)((type(toy.SPACE.decisions[0])("only", ("a",), ("0", "1", "2")),))
    found = black_box.search(black_box.Random(), few, lambda _: {"accuracy": 1.0}, 6, 0).trials
    assert len({each.architecture for each in found[:3]}) == 3 and len(found) == 6


def test_evolution_begins_at_random_and_then_mutates_the_best_of_the_living():
    trials = history(0, 30)
    for seed in range(20):
        searcher = black_box.RegularizedEvolution(population=6, tournament=50)
        child = searcher.propose(trials, generator(seed, 30), toy.SPACE)
        living = [each for each in trials if each.metrics][-6:]
        best = max(each.reward for each in living)
        assert any(
            differences(child, each.architecture) == 1 and each.reward == best for each in living
        )
        early = searcher.propose(trials[:5], generator(seed, 5), toy.SPACE)
        assert early == toy.SPACE.sample(generator(seed, 5))


def test_evolution_lets_the_oldest_die_even_if_it_is_the_best():
    great = trial(
        0,
        toy.SPACE.decode({d.name: np.eye(4)[[3] * len(d.places)] for d in toy.SPACE.decisions}),
        99.0,
    )
    poor = history(1, 11)[:9]
    assert sum(bool(each.metrics) for each in poor) >= 5
    searcher = black_box.RegularizedEvolution(population=5, tournament=40)
    children = [
        searcher.propose([great, *poor], generator(seed, 10), toy.SPACE) for seed in range(20)
    ]
    assert not any(differences(child, great.architecture) == 1 for child in children)


def test_a_tournament_of_one_takes_any_of_the_living():
    trials = [trial(n, toy.SPACE.sample(generator(9, n)), float(n)) for n in range(4)]
    searcher = black_box.RegularizedEvolution(population=4, tournament=1)
    winners = {
        number
        for seed in range(60)
        for number, each in enumerate(trials)
        if differences(searcher.propose(trials, generator(seed, 4), toy.SPACE), each.architecture)
        == 1
    }
    assert winners == {0, 1, 2, 3}


def test_where_all_trials_fail_evolution_goes_on_at_random():
    trials = [Trial(n, toy.SPACE.sample(generator(0, n)), failure="OSError") for n in range(8)]
    searcher = black_box.RegularizedEvolution(population=5)
    assert searcher.propose(trials, generator(3, 8), toy.SPACE) == toy.SPACE.sample(generator(3, 8))


@pytest.mark.parametrize("name", ["population", "tournament"])
def test_counts_out_of_range_are_told(name):
    with pytest.raises(InvalidInput, match=f"`{name}` must be a whole number, at least 1: given 0"):
        black_box.RegularizedEvolution(**{name: 0})


def test_searchers_for_one_reward_say_so():
    several = black_box.Pareto({"accuracy": 1, "size": -1})
    with pytest.raises(InvalidInput, match="must have an objective with one: this one gives 2"):
        black_box.search(SEARCHERS[1], toy.SPACE, toy.evaluate, 9, objective=several)
    black_box.search(SEARCHERS[0], toy.SPACE, toy.evaluate, 9, objective=several)
