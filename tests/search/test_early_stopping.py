# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A search stops where its past says so, keeps what was best, and says why."""

import numpy as np
import pytest

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.search.early_stopping import (
    CURVATURE,
    Decided,
    Past,
    Policy,
    Sharp,
    Skips,
    Stop,
    first_stop,
)

SPACE = space.ProductSpace(
    [
        space.Decision("cell", ["a", "b", "c", "d"], ["none", "skip_connect", "conv"]),
        space.Decision("other", ["e"], ["identity", "dense"]),
    ]
)
EVEN = {"cell": np.full((4, 3), 1 / 3), "other": np.full((1, 2), 1 / 2)}


def sure(cell, other, certainty=1.0):
    """Probabilities of an epoch that speak for the options of these numbers."""
    rows = {"cell": np.eye(3)[list(cell)], "other": np.eye(2)[[other]]}
    return {name: certainty * rows[name] + (1 - certainty) * EVEN[name] for name in rows}


def past(*epochs, curvature=None):
    rows = [{"epoch": number} for number, _ in enumerate(epochs, start=1)]
    for row, value in zip(rows, curvature or [], strict=False):
        row[CURVATURE] = value
    return Past(rows, {name: [epoch[name] for epoch in epochs] for name in EVEN})


def test_a_search_that_is_decided_stops():
    policy = Decided(0.3)
    assert isinstance(policy, Policy)
    assert policy.look(past(EVEN), SPACE) is None
    told = first_stop([policy], past(EVEN, sure([0, 1, 2, 2], 1, 0.99)), SPACE)
    assert (told.epoch, told.kept) == (2, 2)
    assert str(told) == (
        "stopped after epoch 2: it is decided, with 4.2 % of the greatest entropy left"
    )


def test_the_entropy_is_the_mean_over_places_of_all_decisions():
    mixed = {"cell": np.eye(3)[[0, 1, 2, 2]], "other": EVEN["other"]}  # 4 of 5 places decided
    assert Decided(0.19).look(past(mixed), SPACE) is None
    assert Decided(0.21).look(past(mixed), SPACE) is not None


def test_too_many_skips_stop_it_and_the_epoch_before_is_kept():
    few, many = sure([0, 1, 2, 2], 1), sure([0, 1, 1, 2], 0)
    told = first_stop([Skips(0.5)], past(few, few, few, many, few), SPACE)
    assert told == Stop(4, 3, "3 of the 4 places that keep something are skip connections")
    assert str(told).endswith("; the probabilities of epoch 3 are kept")
    assert first_stop([Skips(0.75)], past(few, many), SPACE) is None
    assert first_stop([Skips(0.5, options=("pass",))], past(few, many), SPACE) is None


def test_where_there_never_were_few_enough_the_last_is_kept():
    many = sure([1, 1, 1, 1], 0)
    assert first_stop([Skips(0.5)], past(many, many), SPACE)[:2] == (1, 1)
    assert first_stop([Skips(0.5)], past(sure([0, 0, 0, 0], 1)), SPACE) is None  # keeps one


def test_a_loss_that_grows_sharp_stops_it_and_what_was_before_is_kept():
    values = [1.0, 1.2, 1.0, 1.1, 2.0, 3.0, 9.0]
    told = first_stop([Sharp(1.5, window=2)], past(*[EVEN] * 7, curvature=values), SPACE)
    assert (told.epoch, told.kept) == (6, 4)  # mean(2, 3) of epochs 5, 6 over mean(1, 1.1)
    assert "grown 2.38 times in 2 epochs, to 2.5" in told.reason
    steady = past(*[EVEN] * 7, curvature=[1.0] * 7)
    assert first_stop([Sharp(1.5, window=2)], steady, SPACE) is None
    assert first_stop([Sharp(1.5, window=2)], past(*[EVEN] * 7), SPACE) is None  # not measured
    flat = past(*[EVEN] * 2, curvature=[0.0, 1.0])
    assert "from 0 to 1" in first_stop([Sharp(1.5, window=1)], flat, SPACE).reason


def test_epochs_of_a_warm_up_do_not_count_and_the_first_policy_tells():
    done = sure([1, 1, 1, 1], 0)
    both = [Decided(0.5), Skips(0.5)]
    assert first_stop(both, past(done, done, done), SPACE, first_epoch=3).epoch == 3
    assert "decided" in first_stop(both, past(done), SPACE).reason
    assert first_stop([], past(done), SPACE) is None


def test_a_longer_past_stops_where_a_shorter_one_did():
    """So a run that is resumed, or reported later, tells the same."""
    few = sure([0, 1, 2, 2], 1)
    epochs = [few, few, sure([1, 1, 1, 1], 0), few, few]
    found = [first_stop([Skips(0.5)], past(*epochs[:count]), SPACE) for count in range(1, 6)]
    assert found[:2] == [None, None] and found[2] == found[3] == found[4] != None  # noqa: E711


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Decided(0.0), r"`below` must be in \(0, 1\]: given 0"),
        (lambda: Skips(1.0), r"`above` must be in \[0, 1\): given 1"),
        (lambda: Sharp(1.0), "`growth` must be above 1: given 1"),
        (lambda: Sharp(window=0), "`window` must be a whole number, at least 1: given 0"),
    ],
)
def test_wrong_policies_are_refused(make, message):
    with pytest.raises(InvalidInput, match=message):
        make()
