# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The searchers that follow a policy gradient find what is good, and resume by replaying."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from snas_tf import black_box, space
from snas_tf.black_box.searcher import generator
from snas_tf.errors import InvalidInput

SPACE = space.ProductSpace(
    [
        space.Decision("kernel", ["first", "second"], ["1", "3", "5"]),
        space.Decision("pool", ["last"], ["no", "yes"]),
    ]
)
FAST = [
    black_box.Policy(learning_rate=0.3),
    black_box.Controller(units=8, learning_rate=0.1),
]
every_policy = pytest.mark.parametrize("searcher", FAST, ids=["Policy", "Controller"])


def one_large_kernel(architecture):
    """Best with a kernel of 5 in one place, whichever, and 1 in the other, without pooling."""
    kernels = {*architecture["kernel"]}
    accuracy = 0.5 * (kernels == {"1", "5"}) + 0.25 * (architecture["pool"] == ("no",))
    return {"accuracy": accuracy, "cost": 100 * float(kernels != {"1", "5"})}


@pytest.mark.slow
@every_policy
def test_it_learns_what_is_good_and_is_not_stuck(searcher):
    result = black_box.search(searcher, SPACE, one_large_kernel, 120, 0)
    rewards = [trial.reward for trial in result.trials]
    assert np.mean(rewards[:20]) < 0.5 < 0.65 < np.mean(rewards[-30:])
    assert len({trial.architecture for trial in result.trials[-30:]}) > 1


@pytest.mark.slow
@every_policy
def test_a_search_replays_to_what_it_was(searcher):
    """A fresh searcher, given the trials, proposes what the one that followed them did; so does
    this one after other trials; and trials that run are not looked at."""
    trials = black_box.search(searcher, SPACE, one_large_kernel, 40, 1).trials
    fresh = dataclasses.replace(searcher)
    for count in (39, 25, 0):
        known = [*trials[:count], dataclasses.replace(trials[-1], metrics={}, rewards=())]
        for one in (fresh, searcher):
            proposed = one.propose(known, generator(1, count), SPACE)
            assert proposed == trials[count].architecture


@every_policy
def test_the_unit_of_the_reward_does_not_matter(searcher):
    def scaled(architecture):
        return {"accuracy": 100 * one_large_kernel(architecture)["accuracy"] - 7}

    found = [
        [each.architecture for each in black_box.search(searcher, SPACE, unit, 30, 1).trials]
        for unit in (one_large_kernel, scaled)
    ]
    assert found[0] == found[1]


@every_policy
def test_what_it_cannot_search_is_refused(searcher):
    class Open:
        def sample(self, rng): ...
        def mutate(self, architecture, rng): ...
        def from_json(self, text): ...

    with pytest.raises(InvalidInput, match="must have a space of decisions"):
        searcher.propose([], generator(0, 0), Open())
    both = black_box.Pareto({"accuracy": 1, "cost": -1})
    with pytest.raises(InvalidInput, match="one reward must have an objective with one"):
        black_box.search(searcher, SPACE, one_large_kernel, 3, 0, objective=both)


def test_a_controller_that_cannot_be_is_refused():
    with pytest.raises(InvalidInput, match="`units` must be a whole number, at least 1: given 0"):
        black_box.Controller(units=0)
    for searcher in (black_box.Controller, black_box.Policy):
        with pytest.raises(InvalidInput, match="`window` must be"):
            searcher(window=1)


@pytest.mark.slow
@every_policy
def test_cells_of_two_kinds_are_searched_too(searcher):
    cells = space.CellSpace(2, ("none", "skip_connect", "sep_conv_3x3"))

    def connections(architecture):
        return {"accuracy": len(architecture.to_json()) / 1e4}

    result = black_box.search(searcher, cells, connections, 5, 0)
    for trial in result.trials:
        trial.architecture.validate(cells)


@pytest.mark.slow
def test_other_searchers_need_no_tensorflow():
    program = (
        "import sys; sys.modules['tensorflow'] = sys.modules['keras'] = None\n"
        "from snas_tf import black_box\n"
        "from tests.black_box import toy\n"
        "assert 'Policy' in dir(black_box)\n"
        "black_box.search(black_box.Random(), toy.SPACE, toy.evaluate, 3)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=180)
