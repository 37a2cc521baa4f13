# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A searcher's chance is the trial's own, or that of the search; its needs are told."""

import numpy as np
import pytest

from snas_tf import space
from snas_tf.black_box.searcher import decision_space, generator, generator_of_all
from snas_tf.errors import InvalidInput


def test_every_trial_has_chance_of_its_own():
    drawn = {
        (seed, number): generator(seed, number).random() for seed in (0, 1) for number in (0, 1)
    }
    assert len({*drawn.values()}) == 4
    assert drawn[1, 1] == generator(1, 1).random()


def test_chance_of_a_search_is_that_of_all_its_trials_and_no_trials_own():
    shared = {generator_of_all(generator(5, number)).random() for number in range(10)}
    assert len(shared) == 1
    assert shared != {generator_of_all(generator(6, 0)).random()}
    assert not shared & {generator(5, number).random() for number in range(10)}
    untouched = generator(5, 3)
    generator_of_all(untouched)
    assert untouched.random() == generator(5, 3).random()


def test_chance_of_another_kind_is_told():
    with pytest.raises(InvalidInput, match="must be generator"):
        generator_of_all(np.random.default_rng(3))


def test_a_space_without_decisions_is_told():
    class Open:
        def sample(self, rng):
            return None

    cells = space.nas_bench_201_cells()
    assert decision_space(cells, "a searcher") is cells
    with pytest.raises(InvalidInput, match="str must have a space of decisions .*: given Open"):
        decision_space(Open(), "a searcher")
