# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Bayesian optimisation proposes the least bound of a tree of changes, purely by the trials."""

import math

import numpy as np
import pytest

from snas_tf import black_box, space
from snas_tf.black_box import bayesian
from snas_tf.black_box.searcher import generator
from snas_tf.black_box.trial import Trial
from snas_tf.errors import InvalidInput
from tests.black_box import growing, toy

BOTH = black_box.Pareto({"accuracy": 1, "size": -1})


def rewarded(number, architecture, *rewards):
    return Trial(number, architecture, metrics={"accuracy": 1.0}, rewards=rewards)


@pytest.mark.parametrize("objective", ["accuracy", BOTH], ids=["one", "two"])
def test_a_search_replays_to_what_it_was(objective):
    """A fresh searcher has to learn all of it again, failures and trials that run included."""
    searcher = black_box.Bayesian(starts=4)
    result = black_box.search(searcher, toy.SPACE, toy.fails_on_threes, 18, 1, objective=objective)
    assert result.failed and len(result.trials) == 18
    for count in (0, 3, 4, 17):
        proposed = black_box.Bayesian(starts=4).propose(
            result.trials[:count], generator(1, count), toy.SPACE
        )
        assert proposed == result.trials[count].architecture
    running = [Trial(each.number, each.architecture) for each in result.trials[-3:]]
    known = [*result.trials[:12], *running]
    proposed = {
        one.propose(known, generator(1, 15), toy.SPACE)
        for one in (searcher, black_box.Bayesian(starts=4))
    }
    assert len(proposed) == 1


def test_nothing_is_proposed_twice_while_there_is_anything_else():
    few = space.ProductSpace((space.Decision("only", ("a", "b"), ("0", "1", "2")),))
    found = black_box.search(
        black_box.Bayesian(starts=2), few, lambda each: {"accuracy": float(each["only"][0])}, 10, 0
    ).trials
    assert len({each.architecture for each in found[:9]}) == 9 and len(found) == 10


def test_it_finds_the_best_of_a_hill_that_chance_does_not():
    result = black_box.search(black_box.Bayesian(starts=5), toy.SPACE, toy.evaluate, 20, 0)
    assert result.best.reward == toy.GREATEST
    by_chance = black_box.search(black_box.Random(), toy.SPACE, toy.evaluate, 20, 0)
    assert by_chance.best.reward < toy.GREATEST


def test_several_rewards_lead_to_their_front():
    """Every digit of the front is 0 or 3; of chance, half are."""

    def extremes(searcher):
        found = black_box.search(searcher, toy.SPACE, toy.evaluate, 30, 0, objective=BOTH).trials
        return np.mean(
            [digit in (0, 3) for each in found[10:] for digit in toy.digits(each.architecture)]
        )

    assert extremes(black_box.Bayesian(starts=5)) > extremes(black_box.Random()) + 0.15


def test_a_space_that_grows_begins_with_its_root_and_goes_on_from_what_was_tried():
    searched = growing.Words()
    found = black_box.search(black_box.Bayesian(changes=3), searched, growing.evaluate, 10, 0)
    architectures = [trial.architecture for trial in found.trials]
    assert architectures[0] == searched.root and len({*architectures}) == 10
    for number, each in enumerate(architectures[1:], 1):
        origins = [one for one in architectures[:number] if searched.descends(one, each)]
        assert min(len(each.letters) - len(one.letters) for one in origins) <= 3
    assert found.best.reward > growing.evaluate(searched.root)["accuracy"] + 1


def test_the_bound_is_the_mean_less_the_deviations():
    """At beta 0 it stays beside the best; at a great beta it goes where nothing is known."""
    trials = [
        rewarded(number, toy.SPACE.sample(generator(3, number)), float(number))
        for number in range(8)
    ]
    best = toy.digits(trials[-1].architecture)

    def apart(beta):
        proposed = [
            black_box.Bayesian(beta, 4).propose(trials, generator(seed, 8), toy.SPACE)
            for seed in range(4)
        ]
        return np.mean(
            [sum(a != b for a, b in zip(best, toy.digits(one), strict=True)) for one in proposed]
        )

    assert apart(0.0) < 3 < apart(100.0)


def test_annealing_finds_the_least_bound_and_pops_no_more_than_88():
    target = np.array([3, 3, 3, 3, 3])
    popped = []

    class Counting:
        def mutate(self, architecture, rng):
            popped.append(architecture)
            return toy.SPACE.mutate(architecture, rng)

    def bound(architectures):
        return np.array([np.abs(target - toy.digits(each)).sum() / 5 for each in architectures])

    start = toy.SPACE.decode({d.name: np.eye(4)[[0] * len(d.places)] for d in toy.SPACE.decisions})
    found = bayesian.anneal([(3.0, start)], {start}, bound, Counting(), generator(0, 0), 20)
    assert toy.digits(found) == [3] * 5, "fifteen changes away"
    assert len(popped) <= 88 * 8
    near = bayesian.anneal([(3.0, start)], {start}, bound, toy.SPACE, generator(0, 0), 2)
    assert sorted(toy.digits(near)) == [0, 0, 0, 3, 3], "two changes away"
    known = {start, found}
    other = bayesian.anneal([(3.0, start)], known, bound, toy.SPACE, generator(0, 0), 20)
    assert other not in known


def test_annealing_where_all_is_known_finds_nothing():
    only = space.ProductSpace((space.Decision("only", ("a",), ("0",)),))
    one = only.sample(generator(0, 0))
    found = bayesian.anneal(
        [(0.0, one)], {one}, lambda each: np.zeros(len(each)), only, generator(0, 0), 4
    )
    assert found is None


def test_failures_and_endless_penalties_cost_as_much_as_the_worst():
    words = [growing.Word(letter) for letter in "abcd"]
    trials = [
        rewarded(0, words[0], 2.0),
        Trial(1, words[1], failure="OSError"),
        rewarded(2, words[2], -math.inf),
        rewarded(3, words[3], 5.0),
    ]
    assert bayesian.costs(trials, generator(0, 0)).tolist() == [-2.0, -2.0, -2.0, -5.0]


def test_weights_of_several_rewards_are_drawn_and_the_better_in_all_costs_less():
    words = [growing.Word(letter) for letter in "abc"]
    trials = [
        rewarded(n, word, *pair)
        for n, (word, pair) in enumerate(zip(words, [(0, 0), (1, 9), (2, 10)], strict=True))
    ]
    drawn = [bayesian.costs(trials, generator(seed, 0)) for seed in range(5)]
    assert len({each[1] for each in drawn}) == 5
    assert all(each[2] < each[1] < each[0] for each in drawn)


def test_predictions_follow_what_was_observed():
    found = black_box.search(black_box.Random(), toy.SPACE, toy.evaluate, 60, 0).trials
    told = black_box.Bayesian().predictions(found, toy.SPACE)
    assert [each.number for each in told] == [*range(60)]
    assert np.corrcoef([each.mean for each in told], [each.observed for each in told])[0, 1] > 0.8
    assert all(each.deviation > 0 for each in told)
    assert black_box.Bayesian().predictions(found[:2], toy.SPACE) == []


def test_what_it_cannot_search_is_told():
    class Open:
        sample = mutate = from_json = None

    with pytest.raises(InvalidInput, match="must have `distance"):
        black_box.Bayesian().propose([], generator(0, 0), Open())
    with pytest.raises(InvalidInput, match="`beta` must be a number, at least 0: given -1"):
        black_box.Bayesian(beta=-1)
    with pytest.raises(InvalidInput, match="`starts` must be a whole number"):
        black_box.Bayesian(starts=0)
