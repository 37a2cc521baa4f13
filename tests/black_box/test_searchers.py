# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Searchers are pure in the trials; each keeps to its own rule."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf import black_box, space
from snas_tf.black_box import local
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


def first_digits(architecture):
    return float(toy.digits(architecture)[0])


SEARCHERS = [
    black_box.Random(),
    black_box.RegularizedEvolution(5, 3),
    black_box.LocalSearch(3),
    black_box.Area(first_digits, pool=8, population=4),
]


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
    few = space.ProductSpace((space.Decision("only", ("a",), ("0", "1", "2")),))
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
        black_box.search(SEARCHERS[2], toy.SPACE, toy.evaluate, 9, objective=several)
    for searcher in (SEARCHERS[0], SEARCHERS[1], SEARCHERS[3], black_box.Optuna("tpe")):
        found = black_box.search(searcher, toy.SPACE, toy.evaluate, 9, objective=several)
        assert len(found.trials) == 9 and found.front


def test_of_several_rewards_evolution_mutates_what_is_in_the_foremost_front():
    rewards = [(2.0, 0.0), (0.0, 2.0), (1.0, 0.0), (0.0, 1.0), (-1.0, -1.0)]
    trials = [
        Trial(n, toy.SPACE.sample(generator(0, n)), metrics={"a": 1.0}, rewards=pair)
        for n, pair in enumerate(rewards)
    ]
    searcher = black_box.RegularizedEvolution(population=5, tournament=60)
    parents = set()
    for seed in range(20):
        child = searcher.propose(trials, generator(seed, 5), toy.SPACE)
        parents |= {t.number for t in trials if differences(child, t.architecture) == 1}
    assert parents == {0, 1}


def test_neighbours_differ_in_one_place_and_all_are_there():
    architecture = toy.SPACE.sample(generator(0, 0))
    found = local.neighbours(architecture, toy.SPACE)
    assert len({*found}) == len(found) == 5 * 3
    assert {differences(architecture, each) for each in found} == {1}


def test_cells_whose_edges_say_the_same_are_one_neighbour():
    cells = space.nas_bench_201_cells()
    found = local.neighbours(cells.sample(generator(0, 0)), cells)
    assert len({*found}) == len(found) == 6 * 4


def test_local_search_tries_all_neighbours_of_the_best_then_those_of_the_next_best():
    architectures = [toy.SPACE.sample(generator(7, number)) for number in range(3)]
    rewards = [1.0, 3.0, 2.0]
    trials = [trial(n, *pair) for n, pair in enumerate(zip(architectures, rewards, strict=True))]
    searcher = black_box.LocalSearch(starts=3)
    for parent in (1, 2, 0):
        expected = {*local.neighbours(architectures[parent], toy.SPACE)}
        expected -= {each.architecture for each in trials}
        proposed = set()
        while expected - proposed:
            number = len(trials)
            child = searcher.propose(trials, generator(0, number), toy.SPACE)
            assert child in expected - proposed
            proposed.add(child)
            trials.append(trial(number, child, 0.0))


def test_local_search_moves_to_a_better_neighbour_at_once_and_finds_the_best_of_a_hill():
    result = black_box.search(black_box.LocalSearch(starts=1), toy.SPACE, toy.evaluate, 80, 0)
    assert result.best.reward == toy.GREATEST
    assert len({each.architecture for each in result.trials}) == 80


def test_local_search_of_a_space_that_is_used_up_goes_on_at_random():
    few = space.ProductSpace((space.Decision("only", ("a",), ("0", "1", "2")),))
    searcher = black_box.LocalSearch(starts=1)
    found = black_box.search(searcher, few, lambda _: {"accuracy": 1.0}, 5, 0).trials
    assert len(found) == 5 and len({each.architecture for each in found[:3]}) == 3


def test_local_search_remembers_nothing_of_another_space():
    small, large = (
        space.ProductSpace((space.Decision("only", ("a",), tuple("0123456")[:count]),))
        for count in (2, 7)
    )
    searcher = black_box.LocalSearch(starts=1)
    trials = [trial(0, small.sample(generator(0, 0)), 1.0)]
    for each, count in ((small, 1), (large, 6)):
        found = {searcher.propose(trials, generator(seed, 1), each) for seed in range(80)}
        assert len(found) == count


def test_local_search_needs_decisions():
    class Open:
        sample = mutate = from_json = None

    with pytest.raises(InvalidInput, match="LocalSearch must have a space of decisions"):
        black_box.LocalSearch().propose([], generator(0, 0), Open())


def test_area_evaluates_the_best_of_its_pool_first_whatever_comes_of_them():
    asked = []

    def score(architecture):
        asked.append(architecture)
        return first_digits(architecture)

    searcher = black_box.Area(score, pool=30, population=10)
    first = black_box.search(searcher, toy.SPACE, toy.evaluate, 10, 5).trials
    assert len(asked) == len({*asked}) == 30, "every one of the pool is scored once"
    assert [first_digits(each.architecture) for each in first] == sorted(
        map(first_digits, asked), reverse=True
    )[:10]
    failing = black_box.search(searcher, toy.SPACE, toy.fails_on_threes, 10, 5).trials
    assert [each.architecture for each in failing] == [each.architecture for each in first]
    assert len(asked) == 30
    other = black_box.search(searcher, toy.SPACE, toy.evaluate, 10, 6).trials
    assert other[0].architecture not in asked[:30] or other[1].architecture not in asked[:30]


def test_area_goes_on_as_evolution_of_its_population():
    trials = history(3, 20)
    area = black_box.Area(first_digits, pool=20, population=5, tournament=4)
    evolution = black_box.RegularizedEvolution(population=5, tournament=4)
    for number in range(20, 30):
        rng = [generator(0, number) for _ in range(2)]
        expected = evolution.propose(trials, rng[0], toy.SPACE)
        assert area.propose(trials, rng[1], toy.SPACE) == expected


def test_a_score_that_is_no_number_is_the_least():
    searcher = black_box.Area(lambda each: float("nan") if first_digits(each) > 0 else 0.0, 40, 5)
    found = black_box.search(searcher, toy.SPACE, toy.evaluate, 5, 0).trials
    assert [first_digits(each.architecture) for each in found] == [0.0] * 5


def test_a_pool_smaller_than_the_population_is_told():
    with pytest.raises(InvalidInput, match="`pool` must be at least `population`, 10"):
        black_box.Area(first_digits, pool=9)
