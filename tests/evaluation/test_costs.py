# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Costs of networks by name: counted by hand, measured, and an estimate by a stated rule."""

import keras
import pytest

from snas_tf.errors import InvalidInput
from snas_tf.evaluation import costs


@pytest.fixture(scope="module")
def network():
    """12 numbers to 5, and of these one more layer whose weights do not learn."""
    frozen = keras.layers.Dense(3, use_bias=False, trainable=False)
    return keras.Sequential([keras.Input((12,)), keras.layers.Dense(5), frozen])


def test_what_is_counted_is_counted_by_hand(network):
    names = ("multiply_adds", "parameters", "peak_activation_bytes")
    found = costs.measure(network, names)
    assert (*found,) == names
    assert found["parameters"] == 12 * 5 + 5
    assert found["multiply_adds"] == 12 * 5 + 5 * 3
    # Inputs, the product and its sum with the bias at once, at most; by the rule, none in place.
    assert 4 * (12 + 5) <= found["peak_activation_bytes"] <= 4 * (12 + 5 + 5)


def test_the_estimate_of_energy_is_linear_in_arithmetic_and_memory(network):
    found = costs.measure(network, ("multiply_adds", "parameters", "peak_activation_bytes"))
    moved = 4 * found["parameters"] + found["peak_activation_bytes"]
    expected = (4.6 * found["multiply_adds"] + 160 * moved) * 1e-6
    assert costs.energy_estimate(network) == pytest.approx(expected)
    assert costs.measure(network, ["energy_estimate"])["energy_estimate"] == expected


def test_latency_is_measured(network):
    assert 0 < costs.measure(network, ["latency_ms"])["latency_ms"] < 1000


def test_an_unknown_cost_is_refused(network):
    with pytest.raises(InvalidInput, match=f"one of {', '.join(costs.NAMES)}: given 'watts'"):
        costs.measure(network, ["watts"])
