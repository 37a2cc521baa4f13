# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Chains cost what a sum by hand says, and shrink their images as the plan tells."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snas_tf import space
from snas_tf.errors import InvalidInput

CHAINS = space.chain_space()


def chain(filters, kernels):
    return space.Selection({"filters": tuple(filters), "kernel_size": tuple(kernels)})


def test_a_chain_costs_what_a_sum_by_hand_says():
    plan = space.ChainPlan(num_classes=10, image_shape=(8, 8, 1))
    found = space.chain_cost(chain(["8", "16"], ["3", "5"]), plan)
    first, second = 9 * 1 * 8, 25 * 8 * 16
    assert found.parameters == (first + 16) + (second + 32) + 170
    assert found.multiply_adds == 64 * first + 16 * second + 160
    tensors = (64 + 512) + (512 + 128) + (128 + 256) + (16 + 10)
    assert found.memory_access == tensors + first + second + 170


@given(st.integers(1, 6), st.integers(1, 40), st.integers(1, 40), st.integers(0, 999))
def test_layers_follow_each_other_and_never_shrink_below_two_pixels(count, height, width, seed):
    chains = space.chain_space(count)
    architecture = chains.sample(np.random.default_rng(seed))
    layers = space.ChainPlan(3, (height, width, 2)).layers(architecture)
    assert len(layers) == count and layers[0].channels == 2 and not layers[-1].pooled
    assert layers[0].resolution == (height, width)
    for before, after in zip(layers, layers[1:], strict=False):
        assert after.channels == before.filters
        assert before.pooled == (min(before.resolution) >= 4)
        halves = tuple(size // 2 for size in before.resolution)
        assert after.resolution == (halves if before.pooled else before.resolution)
    assert architecture["filters"] == tuple(str(layer.filters) for layer in layers)
    assert architecture["kernel_size"] == tuple(str(layer.kernel_size) for layer in layers)


def test_every_chain_is_read_again_from_its_json_whatever_the_space():
    architecture = CHAINS.sample(np.random.default_rng(0))
    assert space.Selection.from_json(architecture.to_json()) == architecture
    assert CHAINS.from_json(architecture.to_json()) == architecture
    plan = space.ChainPlan(3, (8, 8, 1))
    assert space.ChainPlan.from_config(plan.get_config()) == plan


@pytest.mark.parametrize(
    ("call", "fragment"),
    [
        (lambda: space.chain_space(0), "`num_layers`.*given 0"),
        (lambda: space.chain_space(2, filters=()), "`filters`"),
        (lambda: space.chain_space(2, filters=("8", "08")), "`filters`"),
        (lambda: space.chain_space(2, filters=("8", "8")), "`filters`"),
        (lambda: space.chain_space(2, filters=("0",)), "`filters`"),
        (lambda: space.chain_space(2, kernel_sizes=("3", "4")), "`kernel_sizes` must be odd"),
        (lambda: space.ChainPlan(0, (8, 8, 1)), "`num_classes`"),
        (lambda: space.ChainPlan(3, (8, 8)), "`image_shape`"),
        (lambda: space.Selection.from_json('{"schema_version": 1}'), "chosen"),
    ],
)
def test_what_makes_no_chain_is_refused(call, fragment):
    with pytest.raises(InvalidInput, match=fragment):
        call()
