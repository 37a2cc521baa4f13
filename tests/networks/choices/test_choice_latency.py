# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Milliseconds of what is left open: a table whose sums are what was measured."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import layers

from snas_tf import Choice, ResourceCost, space
from snas_tf.errors import InvalidInput
from snas_tf.networks import ChoiceSupernet, costs_with_latency
from snas_tf.networks.choices.choice_latency import latency_table
from tests import choice_models


@given(
    counts=st.lists(st.integers(1, 4), min_size=1, max_size=4),
    seed=st.integers(0, 10**6),
)
def test_what_was_measured_is_the_sum_of_the_table(counts, seed):
    options = {str(place): count for place, count in enumerate(counts)}
    times = np.random.default_rng(seed).uniform(1, 2, 1 + sum(count - 1 for count in counts))
    fixed, added = latency_table(times, options)
    assert all(column.min() == 0 for column in added.values())
    first = fixed + sum(column[0] for column in added.values())
    assert first == pytest.approx(times[0])
    told = [
        first - column[0] + column[position]
        for column in added.values()
        for position in range(1, len(column))
    ]
    np.testing.assert_allclose(told, times[1:])


def test_a_budget_of_milliseconds_can_be_kept():
    network = ChoiceSupernet(choice_models.nested())
    rounds = []
    costs = costs_with_latency(network, 2, 2, lambda *done: rounds.append(done))
    costs.check(network.space)
    assert costs.names == ("parameters", "multiply_adds", "latency")
    assert rounds == [(1, 2), (2, 2)]
    fixed, tables = costs.of("latency")
    assert fixed > 0 and all((table >= 0).all() for table in tables.values())
    for name, table in network.costs.tables.items():
        np.testing.assert_array_equal(costs.tables[name][..., :-1], table)
    cost = ResourceCost(costs, budget=space.Budget(latency=fixed))
    rows = {
        name: np.full(table.shape, 1 / table.shape[1], "float32") for name, table in tables.items()
    }
    quickest = space.derive(rows, network.space, bounds=cost.limits)
    assert cost.limits[0].cost(quickest, network.space) == pytest.approx(fixed)


def test_what_cannot_be_measured_is_refused():
    tokens = keras.Input((None, 3))
    chosen = Choice([layers.Dense(2), layers.Dense(2, "relu")], name="open")(tokens)
    network = ChoiceSupernet(keras.Model(tokens, chosen))
    with pytest.raises(InvalidInput, match="must be known, to measure its latency"):
        costs_with_latency(network)
    with pytest.raises(InvalidInput, match="`batch_size` must be a whole number"):
        costs_with_latency(network, 0)
