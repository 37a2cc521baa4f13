# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Impossible accuracies of searches and networks are refused."""

import dataclasses

import pytest

from snas_tf import reports, space
from snas_tf.errors import InvalidInput


@pytest.mark.parametrize("name", ["supernet_accuracy", "child_accuracy", "trained_accuracy"])
@pytest.mark.parametrize("value", [-0.01, 98.5, float("nan")])
def test_accuracies_of_a_search_are_fractions(seeds, name, value):
    with pytest.raises(InvalidInput, match=f"`{name}`.*{value}"):
        dataclasses.replace(seeds[0], **{name: value})


def test_a_child_need_not_be_trained(seeds):
    assert dataclasses.replace(seeds[0], trained_accuracy=None).trained_accuracy is None


def test_accuracies_of_networks_are_fractions():
    with pytest.raises(InvalidInput, match="`accuracy`"):
        reports.TradeOffPoint(label="mild", cost=space.Cost(), accuracy=98.5)
