# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The space of all combinations refuses what is none of them; the rest is in the conformance."""

import json

import numpy as np
import pytest

from snas_tf import space
from snas_tf.errors import InvalidInput

SPACE = space.ProductSpace(
    [space.Decision("width", ["a", "b"], ["8", "16"]), space.Decision("act", ["all"], ["relu"])]
)
CHOSEN = space.Selection({"width": ["8", "16"], "act": ["relu"]})


def test_a_selection_is_a_value_with_its_options_by_decision():
    assert CHOSEN["width"] == ("8", "16")
    assert SPACE.encode(CHOSEN)["width"].tolist() == [[1, 0], [0, 1]]
    assert len({CHOSEN, SPACE.decode(SPACE.encode(CHOSEN))}) == 1


@pytest.mark.parametrize("names", [[], ["twice", "twice"]])
def test_decisions_without_names_of_their_own_are_refused(names):
    with pytest.raises(InvalidInput, match="with different names"):
        space.ProductSpace([space.Decision(name, ["a"], ["b"]) for name in names])


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"width": ["8", "16"]}, "'act' must choose.*given nothing"),
        ({"width": ["8"], "act": ["relu"]}, "'width' must choose, in each of 2 places"),
        ({"width": ["8", "9"], "act": ["relu"]}, "one of 8, 16: given 8, 9"),
        ({"width": ["8", "16"], "act": ["relu"], "depth": ["1"]}, "the decisions depth"),
    ],
)
def test_selections_of_another_space_are_refused(chosen, message):
    text = json.dumps({"schema_version": 1, "chosen": chosen})
    for refuse in (lambda: SPACE.from_json(text), lambda: SPACE.encode(space.Selection(chosen))):
        with pytest.raises(InvalidInput, match=message):
            refuse()


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        "[]",
        "{}",
        '{"schema_version": 2, "chosen": {}}',
        '{"schema_version": 1, "chosen": {"width": "8"}}',
        '{"schema_version": 1, "chosen": {"width": [[8], 1], "act": ["relu"]}}',
    ],
)
def test_what_is_no_selection_is_refused(text):
    with pytest.raises(InvalidInput):
        SPACE.from_json(text)


@pytest.mark.parametrize(
    ("width", "rule", "message"),
    [
        (np.ones((2, 2)), "top2", "`rule` must be argmax: given 'top2'"),
        (np.ones((2, 3)), "argmax", r"must be \(2, 2\) .* given \(2, 3\)"),
        (np.full((2, 2), np.nan), "argmax", "with NaN"),
    ],
)
def test_scores_that_choose_nothing_are_refused(width, rule, message):
    with pytest.raises(InvalidInput, match=message):
        SPACE.decode({"width": width, "act": np.ones((1, 1))}, rule)
