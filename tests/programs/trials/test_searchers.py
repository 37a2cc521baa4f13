# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Who proposes trials by a config, and whether that is done while trials run."""

import pytest

from snas_tf import black_box, config, space
from snas_tf.errors import InvalidInput
from snas_tf.programs.trials import searchers


def made(**values):
    given = config.get_config()
    given.search.method = values.pop("method", "bayesian")
    for name, value in values.items():
        given.trials[name] = value
    return given


def test_a_bayesian_search_has_the_numbers_of_the_config():
    found = searchers.searcher(made(beta=1.5, starts=4), lambda: None)
    assert found == black_box.Bayesian(beta=1.5, starts=4)


@pytest.mark.parametrize(
    ("values", "ahead"),
    [
        ({}, True),
        ({"ahead": False}, False),
        ({"method": "evolution"}, False),
        ({"workers": 0}, False),
    ],
)
def test_what_takes_its_time_is_proposed_while_trials_run_elsewhere(values, ahead):
    given = made(**values)
    place = searchers.workplace(given.trials, here=False)
    assert searchers.ahead(given, place) is ahead


def test_a_method_that_needs_decisions_is_refused_where_networks_grow():
    chains = space.chain_space(num_layers=2)
    for method in ("evolution", "bayesian", "policy", "local", "nsga2"):
        searchers.check_space(method, chains)
    growing = space.MorphSpace(space.dense_root(2, 2))
    for method in ("random", "evolution", "area", "bayesian"):
        searchers.check_space(method, growing)
    for method in ("policy", "controller", "local", "tpe", "nsga2"):
        with pytest.raises(InvalidInput, match=f"must be one of random.*given {method}"):
            searchers.check_space(method, growing)
