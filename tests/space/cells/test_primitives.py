# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The authors' cost table, number by number."""

import dataclasses
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snas_tf.errors import InvalidInput
from snas_tf.space import PRIMITIVES, Cost, operation_cost
from snas_tf.space.cells.primitives import factorized_reduction_cost
from snas_tf.space.cost import convolution_cost, halved

# (channels, input size, stride): {operation: (parameters, multiply-adds, memory access)}
TABLE = {
    (16, 32, 1): {
        "none": (0, 0, 0),
        "max_pool_3x3": (0, 147_456, 32_768),
        "avg_pool_3x3": (0, 147_456, 32_768),
        "skip_connect": (0, 0, 32_768),
        "sep_conv_3x3": (800, 819_200, 131_872),
        "sep_conv_5x5": (1_312, 1_343_488, 132_384),
        "dil_conv_3x3": (400, 409_600, 65_936),
        "dil_conv_5x5": (656, 671_744, 66_192),
    },
    (32, 32, 2): {
        "none": (0, 0, 0),
        "max_pool_3x3": (0, 73_728, 40_960),
        "avg_pool_3x3": (0, 73_728, 40_960),
        "skip_connect": (1_024, 262_144, 74_752),
        "sep_conv_3x3": (2_624, 671_744, 92_736),
        "sep_conv_5x5": (3_648, 933_888, 93_760),
        "dil_conv_3x3": (1_312, 335_872, 58_656),
        "dil_conv_5x5": (1_824, 466_944, 59_168),
    },
    (64, 16, 2): {
        "none": (0, 0, 0),
        "max_pool_3x3": (0, 36_864, 20_480),
        "avg_pool_3x3": (0, 36_864, 20_480),
        "skip_connect": (4_096, 262_144, 40_960),
        "sep_conv_3x3": (9_344, 598_016, 54_400),
        "sep_conv_5x5": (11_392, 729_088, 56_448),
        "dil_conv_3x3": (4_672, 299_008, 33_344),
        "dil_conv_5x5": (5_696, 364_544, 34_368),
    },
}


def formula(operation, channels, size, stride):
    """The table's formulas for `size` x `size` outputs of as many channels as inputs."""
    pixels, square = size**2, channels**2
    if operation == "none":
        return (0, 0, 0)
    if "pool" in operation:
        return (0, 9 * channels * pixels, (2 if stride == 1 else 5) * channels * pixels)
    if operation == "skip_connect":
        if stride == 1:
            return (0, 0, 2 * channels * pixels)
        return (square, square * pixels, 2 * pixels * (4 * channels + channels // 2) + square)
    kernel, twice = int(operation[-1]), operation.startswith("sep")
    weights = (2 if twice else 1) * (channels * kernel**2 + square)
    access = {(True, 1): 8, (True, 2): 11, (False, 1): 4, (False, 2): 7}[twice, stride]
    return (weights, weights * pixels, access * channels * pixels + weights)


def test_the_order_is_that_of_the_released_code():
    assert PRIMITIVES == tuple(TABLE[16, 32, 1])


@pytest.mark.parametrize(
    ("setting", "operation"), list(itertools.product(TABLE, PRIMITIVES)), ids=str
)
def test_golden_cost(setting, operation):
    channels, size, stride = setting
    cost = operation_cost(operation, channels, (size, size), stride)
    assert dataclasses.astuple(cost) == TABLE[setting][operation]


@given(
    st.sampled_from(PRIMITIVES),
    st.integers(1, 40).map(lambda half: 2 * half),
    st.integers(1, 20),
    st.sampled_from((1, 2)),
)
def test_every_cost_follows_the_formulas(operation, channels, size, stride):
    cost = operation_cost(operation, channels, (size * stride, size * stride), stride)
    assert dataclasses.astuple(cost) == formula(operation, channels, size, stride)


def test_height_and_width_may_differ_and_be_odd():
    cost = operation_cost("max_pool_3x3", 4, (7, 5), 2)
    assert cost == Cost(0, 9 * 4 * 4 * 3, 4 * 7 * 5 + 4 * 4 * 3)
    assert operation_cost("dil_conv_3x3", 4, (7, 5), 2).multiply_adds == (36 + 16) * 4 * 3


@pytest.mark.parametrize(
    ("resolution", "stride", "expected"),
    [((8, 6), 1, (8, 6)), ((8, 6), 2, (4, 3)), ((7, 5), 2, (4, 3)), ((1, 2), 2, (1, 1))],
)
def test_a_stride_divides_and_rounds_up(resolution, stride, expected):
    assert halved(resolution, stride) == expected


def test_full_and_depthwise_convolutions():
    assert convolution_cost(3, 8, 3, (10, 6), 2) == Cost(216, 216 * 15, 180 + 120 + 216)
    assert convolution_cost(8, 8, 5, (4, 4), groups=8) == Cost(200, 3200, 128 + 128 + 200)


def test_a_factorized_reduction_may_change_the_channels():
    cost = factorized_reduction_cost(6, 10, (8, 8))
    assert cost == Cost(60, 60 * 16, 2 * 16 * (4 * 6 + 5) + 60)


def test_costs_add_and_are_values():
    total = Cost(1, 2, 3) + Cost(10, 20, 30.5)
    assert total == Cost(11, 22, 33.5) and hash(total) == hash(Cost(11, 22, 33.5))
    assert Cost() == Cost(0, 0, 0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        total.parameters = 0


def test_an_unknown_operation_is_refused_by_name():
    with pytest.raises(InvalidInput, match="`operation` .*sep_conv_5x5.* given 'conv_7x7'"):
        operation_cost("conv_7x7", 4, (8, 8))
