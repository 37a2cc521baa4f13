# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What families without cells refuse is told by the key, what was given, and what to do."""

import types

import pytest

from snas_tf.errors import InvalidInput
from snas_tf.programs.problems import refusals


@pytest.mark.parametrize(
    ("auxiliary", "drop_path", "key"),
    [(True, 0.0, "auxiliary_weight"), (False, 0.1, "drop_path"), (True, 0.1, "auxiliary_weight")],
)
def test_an_extra_is_refused_by_its_key(auxiliary, drop_path, key):
    with pytest.raises(InvalidInput, match=rf"train\.{key}` must be 0 .*space\.name=chain`"):
        refusals.refuse_extras("chain", auxiliary, drop_path)


def test_no_extra_is_not_refused():
    refusals.refuse_extras("chain", False, 0.0)


@pytest.mark.parametrize("measured", [True, False])
def test_latencies_are_refused_with_the_remedy_that_there_is(measured):
    with pytest.raises(InvalidInput, match=r"given `--config\.space\.name=graph`") as told:
        refusals.refuse_latency("graph", measured)
    assert ("trials.measures" in str(told.value)) == measured


def test_a_network_of_other_sizes_is_refused_and_one_of_the_same_is_not():
    network = types.SimpleNamespace(skeleton="8x8")
    refusals.refuse_other_sizes(network, "8x8")
    with pytest.raises(InvalidInput, match="given 9x9, and 8x8 was searched"):
        refusals.refuse_other_sizes(network, "9x9")
