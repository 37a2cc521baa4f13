# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
import pytest

from snas_tf import errors, space


def test_decision_is_a_value_with_the_shape_of_its_logits():
    decision = space.Decision("block", ["first", "second"], ["conv", "skip", "none"])
    assert decision.shape == (2, 3)
    assert decision == space.Decision("block", ("first", "second"), ("conv", "skip", "none"))
    assert len({decision, space.Decision("block", ("first",), ("conv",))}) == 2


@pytest.mark.parametrize(
    ("name", "places", "options", "word"),
    [
        ("", ("a",), ("b",), "name"),
        ("block", (), ("b",), "places"),
        ("block", ("a", "a"), ("b",), "places"),
        ("block", ("a",), (), "options"),
        ("block", ("a",), "conv", "options"),
        ("block", ("a",), ("b", 3), "options"),
    ],
)
def test_decision_without_different_names_is_refused(name, places, options, word):
    with pytest.raises(errors.InvalidInput, match=f"`{word}` of"):
        space.Decision(name, places, options)
