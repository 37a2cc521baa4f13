# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A table of the milliseconds of options: what it predicts, and what it is refused for."""

import json
import re

import numpy as np
import pytest

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.space.choices.option_latencies import OptionLatencies

SPACE = space.ProductSpace(
    [space.Decision(name, [name], [*options]) for name, options in (("a", "xyz"), ("b", "uv"))]
)
TIMES = {("a", "x"): 0.0, ("a", "y"): 0.25, ("a", "z"): 2, ("b", "u"): 1.5, ("b", "v"): 0.0}
TABLE = OptionLatencies(
    device="Abacus, 1 thread",
    batch_size=4,
    dtype_policy="float32",
    repetitions=9,
    versions={"tensorflow": "2.21.0"},
    fixed=3.0,
    milliseconds=TIMES,
)


def test_a_network_takes_the_sum_of_its_options_also_as_a_table_of_costs():
    added = TABLE.added(SPACE)
    for a, x in enumerate("xyz"):
        for b, u in enumerate("uv"):
            one = space.Selection({"a": [x], "b": [u]})
            told = 3.0 + TIMES["a", x] + TIMES["b", u]
            assert TABLE.predict(one) == told == 3.0 + added["a"][a] + added["b"][b]


def test_it_is_the_same_in_a_file(tmp_path):
    TABLE.save(tmp_path / "table.json")
    assert OptionLatencies.load(tmp_path / "table.json") == TABLE
    TABLE.check_device("Abacus, 1 thread")
    with pytest.raises(InvalidInput, match="must be of the device 'Tally'"):
        TABLE.check_device("Tally")


@pytest.mark.parametrize("options", ["xy", "xyzw"])
def test_it_is_refused_for_another_model(options):
    other = space.ProductSpace(
        [space.Decision("a", ["a"], [*options]), space.Decision("b", ["b"], ["u", "v"])]
    )
    with pytest.raises(InvalidInput, match="'a' with '[zw]' stands in one of both alone"):
        TABLE.added(other)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"fixed": "3"}, "`fixed` of a latency table must be a number: given '3'"),
        ({"overhead": 3.0}, "missing or unknown overhead"),
        ({"batch_size": 0}, "`batch_size` of a latency table must be a whole number"),
        ({"entries": [{"decision": "a"}]}, "must have decision, option, milliseconds"),
        (
            {"entries": [{"decision": "a", "option": "x", "milliseconds": -1.0}]},
            "given -1.0 of ('a', 'x')",
        ),
        (
            {"entries": 2 * [{"decision": "a", "option": "x", "milliseconds": 1.0}]},
            "one stands twice",
        ),
    ],
)
def test_what_is_no_such_table_is_refused(tmp_path, change, told):
    path = tmp_path / "table.json"
    path.write_text(json.dumps({**json.loads(TABLE.to_json()), **change}))
    with pytest.raises(InvalidInput, match=re.escape(told)) as error:
        OptionLatencies.load(path)
    assert str(error.value).startswith(str(path))


def test_arrays_are_in_the_order_of_the_options():
    np.testing.assert_array_equal(TABLE.added(SPACE)["a"], [0.0, 0.25, 2.0])
